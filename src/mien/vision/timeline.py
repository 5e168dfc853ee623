"""What each track showed over time: gathered frame by frame in constant memory."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mien.results import Frame

COLUMNS = 1000  # of a timeline at most; when a video is longer, two become one

_ROUNDING = 1e-4  # of a column: times are rounded to microseconds, and a difference of two is not exact


@dataclass(frozen=True, eq=False)
class Presence:
    """One track of a video.

    Attributes:
        track: its number.
        start: seconds of its first frame.
        end: seconds of its last frame.
        frames: how many it was seen in.
        shares: label -> share of these frames with that label, 0-1, in the model's order.
        columns: number of the column of the timeline, from its start -> mean probabilities, float64 ``(classes,)``.
    """

    track: int
    start: float
    end: float
    frames: int
    shares: dict[str, float]
    columns: dict[int, npt.NDArray[np.float64]]


class Timeline:
    """Gathers the tracks of one video.

    Args:
        labels: the class names.

    Attributes:
        labels: the same.
        step: seconds that a column stands for.
        start: seconds of the first frame; not 0 for a part of a video.
        length: seconds from the first frame to the last.

    Example:
        >>> timeline = Timeline(detector.classify.labels)
        >>> for frame in detector.stream("clip.mp4"):
        ...     timeline.add(frame)
        >>> [(one.track, one.shares["happy"]) for one in timeline.presences()]
        [(1, 0.97)]
    """

    def __init__(self, labels: Sequence[str]) -> None:
        self.labels = tuple(labels)
        self.step, self.start, self.length, self._frames = 1 / 25, 0.0, 0.0, 0
        self._tracks: dict[int, _Gathered] = {}

    def add(self, frame: Frame) -> None:
        """Take one frame; faces without a track are left out."""
        if not self._frames:
            self.start = frame.time
        self.length, self._frames = frame.time - self.start, self._frames + 1
        while self.length >= COLUMNS * self.step:
            self.step *= 2
            for gathered in self._tracks.values():
                gathered.halve()
        for face in frame.faces:
            if face.track is not None:
                gathered = self._tracks.setdefault(face.track, _Gathered(frame.time))
                gathered.end = frame.time
                gathered.labels[face.label] += 1
                column = gathered.columns.setdefault(
                    int(self.length / self.step + _ROUNDING), np.zeros(len(self.labels) + 1)
                )
                column += [*face.probabilities.values(), 1]

    @property
    def interval(self) -> float:
        """Mean seconds from one frame to the next."""
        return self.length / max(1, self._frames - 1)

    def presences(self) -> list[Presence]:
        """Return the tracks, by their numbers."""
        return [self._presence(track) for track in sorted(self._tracks)]

    def _presence(self, track: int) -> Presence:
        found = self._tracks[track]
        count = found.labels.total()
        shares = {label: found.labels[label] / count for label in self.labels}
        columns = {number: column[:-1] / column[-1] for number, column in sorted(found.columns.items())}
        return Presence(track, found.start, found.end, count, shares, columns)


class _Gathered:
    """Sums of one track; the last value of a column is how many frames it has."""

    def __init__(self, start: float) -> None:
        self.start = self.end = start
        self.labels: Counter[str] = Counter()
        self.columns: dict[int, npt.NDArray[np.float64]] = {}

    def halve(self) -> None:
        merged: dict[int, npt.NDArray[np.float64]] = {}
        for number, column in self.columns.items():
            merged[number // 2] = merged.get(number // 2, np.zeros_like(column)) + column
        self.columns = merged
