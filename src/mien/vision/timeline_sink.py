"""Writing timelines: a picture and a table of the tracks for each video."""

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from mien.results import Frame, class_columns
from mien.vision.saving import InFolder, spared, write_picture
from mien.vision.sources import Source, result_names
from mien.vision.timeline import Presence, Timeline
from mien.vision.timeline_picture import draw_timeline
from mien.writing import write_file

_COLUMNS = ("track", "start", "end", "frames")


class TimelineSink(InFolder):
    """Writes ``NAME-timeline.png`` and ``NAME-tracks.csv`` for each video below a folder; pictures are left out.

    The table has one row a track: track, start and end (s), frames, then the share of frames with each expression as
    its label, 0-1; a class that is called like one of these columns has ``p_`` before its name. Both are written when a
    video ends, also an interrupted one. A source is never replaced.

    Args:
        target: the folder.
        sources: the pictures and videos that will come.
        labels: the class names.

    Example:
        >>> with TimelineSink(Path("mien-out"), sources, detector.classify.labels) as sink:
        ...     for frame in detector.stream("clip.mp4"):
        ...         sink.write(frame)
    """

    def __init__(self, target: Path, sources: Sequence[Source], labels: Sequence[str]) -> None:
        super().__init__(target)
        self._labels = tuple(labels)
        self._names = result_names([source for source in sources if source.is_video], (".mp4",), len("-timeline"))
        names = list(self._names.values())
        self.target = target / _called(names[0], "timeline.png") if len(names) == 1 else target
        self._kept = {source.path.resolve() for source in sources}
        self._source = ""
        self._timeline = Timeline(labels)

    def write(self, frame: Frame) -> None:
        """Take one frame; a frame of another video finishes the one before."""
        if frame.source != self._source:
            self._finish()
            self._source, self._timeline = frame.source, Timeline(self._labels)
        self._timeline.add(frame)

    def _finish(self) -> None:
        if self._source not in self._names:
            return
        name = self._folder / self._names[self._source]
        picture = spared(_called(name, "timeline.png"), self._kept)
        write_picture(picture, draw_timeline(self._timeline, Path(self._source).name))
        write_file(_called(name, "tracks.csv"), tracks_table(self._timeline.presences(), self._labels))
        self._source = ""


def tracks_table(presences: Sequence[Presence], labels: Sequence[str]) -> str:
    """Return the tracks of a video as CSV.

    Example:
        >>> print(tracks_table(timeline.presences(), ("happy", "sad")))
        track,start,end,frames,happy,sad
        1,0.0,19.645,472,0.97,0.03
    """
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*_COLUMNS, *class_columns(tuple(labels), _COLUMNS).values()])
    for one in presences:
        shares = [f"{one.shares[label]:.4g}" for label in labels]
        rows.writerow([one.track, one.start, one.end, one.frames, *shares])
    return text.getvalue()


def _called(name: Path, ending: str) -> Path:
    return name.with_name(f"{name.stem}-{ending}")
