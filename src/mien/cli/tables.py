"""Tables of what was detected: pictures with a row a face, videos with a row each."""

import sys
from collections import Counter
from collections.abc import Sequence
from time import perf_counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mien.labels import color_of
from mien.results import Explanation, Face, Frame
from mien.writing import printable

_MOST_TRACKS = 12  # rows of a video
_PIPE_WIDTH = 10_000  # columns of a table that goes into a pipe: nothing is cut there


class PictureTable:
    """Faces of pictures: one row a face, one for a picture without any.

    Example:
        >>> table = PictureTable()
        >>> table.add(frame)
        >>> table.print()
    """

    def __init__(self) -> None:
        self._table = Table(box=None, header_style="bold", pad_edge=False)
        self._table.add_column("picture", overflow="fold")
        self._table.add_column("face", justify="right")
        self._table.add_column("box (x y width height)", no_wrap=True)
        self._table.add_column("expression", no_wrap=True)
        self._table.add_column("confidence", justify="right")

    def add(self, frame: Frame) -> None:
        """Add a picture's rows."""
        name = Text(printable(frame.source))
        if not frame.faces:
            self._table.add_row(name, "", "", Text("no face found", style="dim"), "")
        for number, face in enumerate(frame.faces):
            label = Text(face.label + ("?" if face.uncertain else ""), style=_style(face))
            box = " ".join(str(value) for value in face.box)
            self._table.add_row(name, str(number), box, label, f"{face.confidence:.1%}")

    def print(self) -> None:
        """Print the table to stdout, if it has rows."""
        _print(self._table)


class VideoTable:
    """What videos showed: frames, frames with a face, how fast they were read, the share of each expression.

    Below, what each face showed: a row a track, of the longest ones.

    Example:
        >>> table = VideoTable()
        >>> for frame in detector.stream("clip.mp4"):
        ...     table.add(frame)
        >>> table.print()
    """

    def __init__(self) -> None:
        self._tallies: dict[str, _Tally] = {}
        self._before = perf_counter()

    def add(self, frame: Frame) -> None:
        """Count a frame."""
        if frame.source not in self._tallies:
            self._tallies[frame.source] = _Tally(self._before)
        self._tallies[frame.source].add(frame)
        self._before = perf_counter()

    def print(self) -> None:
        """Print the table to stdout, if there was a video."""
        table = Table(box=None, header_style="bold", pad_edge=False)
        table.add_column("video", overflow="fold")
        table.add_column("length", justify="right")
        for name in ("frames", "with a face", "frames/s"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("expressions (share of all faces)")
        for source, tally in self._tallies.items():
            table.add_row(Text(printable(source)), *tally.cells(), tally.shares())
        _print(table)
        self._print_tracks()

    def _print_tracks(self) -> None:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for name in ("track", "from", "to", "frames"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("expressions (share of its frames)")
        if len(self._tallies) > 1:
            table.add_column("video", overflow="fold")
        for source, tally in self._tallies.items():
            for track, one in tally.longest():
                video = [Text(printable(source))] if len(self._tallies) > 1 else []
                table.add_row(str(track), *one.span(), one.shares(), *video)
        _print(table)


class ExplanationTable:
    """Which part of each face mattered: one row a face, one for a picture without any.

    Example:
        >>> table = ExplanationTable()
        >>> table.add("photo.jpg", explain("photo.jpg", Detector()))
        >>> table.print()
    """

    def __init__(self) -> None:
        self._table = Table(box=None, header_style="bold", pad_edge=False)
        self._table.add_column("picture", overflow="fold")
        self._table.add_column("face", justify="right")
        self._table.add_column("expression", no_wrap=True)
        self._table.add_column("confidence", justify="right")
        self._table.add_column("mattered most", no_wrap=True)
        self._table.add_column("covered, it loses", justify="right")

    def add(self, source: str, explanations: Sequence[Explanation]) -> None:
        """Add a picture's rows."""
        name = Text(printable(source))
        if not explanations:
            self._table.add_row(name, "", Text("no face found", style="dim"), "", "", "")
        for number, one in enumerate(explanations):
            unsure = one.face.uncertain and one.label == one.face.label
            label = Text(one.label + ("?" if unsure else ""), style=_style(one.face, one.label))
            self._table.add_row(name, str(number), label, f"{one.probability:.1%}", one.region, _points(one))

    def print(self) -> None:
        """Print the table to stdout, if it has rows."""
        _print(self._table)


class _Shown:
    """How often each expression was shown, and from when to when."""

    def __init__(self) -> None:
        self._labels: Counter[str] = Counter()
        self._styles: dict[str, str] = {}
        self._times: list[float] = []

    def add(self, face: Face, time: float) -> None:
        self._labels[face.label] += 1
        self._styles[face.label] = _style(face)
        self._times = [*self._times[:1], time]

    @property
    def count(self) -> int:
        return self._labels.total()

    def span(self) -> tuple[str, str, str]:
        return f"{self._times[0]:.1f} s", f"{self._times[-1]:.1f} s", str(self.count)

    def shares(self) -> Text:
        if not self._labels:
            return Text("no face found", style="dim")
        parts = [
            Text(f"{label} {count / self.count:.0%}", style=self._styles[label])
            for label, count in self._labels.most_common()
        ]
        return Text(", ").join(parts)


class _Tally:
    """Counts of one video."""

    def __init__(self, start: float) -> None:
        self._start = self._end = start
        self._frames = self._filled = 0
        self._seconds: list[float] = []  # of the first and the last frame
        self._all = _Shown()
        self._tracks: dict[int, _Shown] = {}

    def add(self, frame: Frame) -> None:
        self._end, self._seconds = perf_counter(), [*self._seconds[:1], frame.time]
        self._frames += 1
        self._filled += bool(frame.faces)
        for face in frame.faces:
            self._all.add(face, frame.time)
            if face.track is not None:
                self._tracks.setdefault(face.track, _Shown()).add(face, frame.time)

    def cells(self) -> tuple[str, str, str, str]:
        speed = self._frames / max(self._end - self._start, 1e-9)
        return f"{self._seconds[-1] - self._seconds[0]:.1f} s", str(self._frames), str(self._filled), f"{speed:.0f}"

    def shares(self) -> Text:
        return self._all.shares()

    def longest(self) -> list[tuple[int, _Shown]]:
        """Return the tracks that were seen longest, by their numbers."""
        by_length = sorted(self._tracks.items(), key=lambda item: -item[1].count)
        return sorted(by_length[:_MOST_TRACKS], key=lambda item: item[0])


def _style(face: Face, label: str = "") -> str:
    """Return the colour of a face's own label, or of another of its labels."""
    name = label or face.label
    red, green, blue = color_of(name, list(face.probabilities).index(name))
    return f"rgb({red},{green},{blue})"


def _points(explanation: Explanation) -> str:
    """Return what covering the part that matters most costs, in points of probability."""
    points = round(100 * max(0.0, float(explanation.map.max())))
    return f"{points} point" + ("" if points == 1 else "s")


def _print(table: Table) -> None:
    if table.row_count:
        Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(table)
