"""Following: boxes at some frames of a video in, tracks with a box at every frame out.

A face is found every few frames; in between its box is interpolated, which costs nothing and jitters less than finding.
"""

from collections import deque
from collections.abc import Generator, Sequence
from contextlib import closing
from math import hypot

from mien.results import Box, Frame
from mien.vision.looks import Stretch

_REACH = 1.0  # how far a face may move from one look to the next, in widths of its box
_GROWTH = 2.0  # and by which factor it may grow or shrink
_BRIDGE = 2  # looks from one sight of a face to the next that are filled: one may miss it
_MEMORY = 1.0  # seconds after which a lost face that is back is a new track

Placed = tuple[Frame, dict[int, Box]]


def follow(stretches: Generator[Stretch], most: int | None = None, first: int = 1) -> Generator[list[Placed]]:
    """Yield the frames of each stretch with the box of every track in them, by the track's number.

    A track takes two sights of a face, in a shot with more than one look; a single sight is taken for an error of the
    finder. A face that one look misses is followed on. One that is missed longer ends, and keeps its number if it is
    back at its place within a second; a cut ends all.

    Args:
        stretches: see ``looks.look``.
        most: how many faces to follow at once, the largest first; all if not given.
        first: the number of the first track.

    Example:
        >>> for placed in follow(look(read_video("clip.mp4"), finder_named("haar"))):
        ...     print([boxes for frame, boxes in placed])
    """
    shot = _Shot(first - 1, most)
    with closing(stretches):
        for stretch in stretches:
            if stretch.opens:
                yield from shot.rest()
                shot = _Shot(shot.count, most)
            yield from shot.add(stretch)
    yield from shot.rest()


class _Track:
    """Where one face was seen: ``sights`` are (number of the look, number of the frame, box)."""

    def __init__(self) -> None:
        self.number = 0
        self.time = 0.0
        self.sights: list[tuple[int, int, Box]] = []

    @property
    def box(self) -> Box:
        return self.sights[-1][2]

    def see(self, look: int, frame: int, time: float, box: Box) -> None:
        del self.sights[: -_BRIDGE - 1]
        self.sights.append((look, frame, box))
        self.time = time

    def box_at(self, look: int, frame: int, last: int | None) -> Box | None:
        """Return the box in a frame of the stretch that ends with a look; None where the face is not.

        ``last`` is the last look of a shot that is over: a face that it alone misses stays where it was.
        """
        after = next((sight for sight in self.sights if sight[0] >= look), None)
        before = next((sight for sight in reversed(self.sights) if sight[0] < look), None)
        if after is not None and after[1] == frame:
            return after[2]
        if after is None and before is not None and before[0] + 1 == look == last:
            return before[2]
        if after is None or before is None or after[0] - before[0] > _BRIDGE:
            return None
        share = (frame - before[1]) / (after[1] - before[1])
        x, y, width, height = (round(a + (b - a) * share) for a, b in zip(before[2], after[2], strict=True))
        return x, y, width, height


class _Shot:
    """The tracks between two cuts. A stretch is given out when the look after it is known."""

    def __init__(self, count: int, most: int | None) -> None:
        self.count = count
        self._most = most
        self._tracks: list[_Track] = []
        self._pending: deque[tuple[int, int, Stretch]] = deque()
        self._looks = self._frames = 0

    def add(self, stretch: Stretch) -> Generator[list[Placed]]:
        self._pending.append((self._looks, self._frames, stretch))
        self._frames += len(stretch.frames)
        self._link(stretch)
        self._looks += 1
        if len(self._pending) == _BRIDGE:
            yield self._placed()

    def rest(self) -> Generator[list[Placed]]:
        while self._pending:
            yield self._placed(last=self._looks - 1)

    def _link(self, stretch: Stretch) -> None:
        now = stretch.frames[-1].time
        self._tracks = [track for track in self._tracks if now - track.time <= _MEMORY or self._is_fresh(track)]
        pairs = match([track.box for track in self._tracks], stretch.boxes)
        owners = {found: self._tracks[known] for known, found in pairs.items()}
        for number, box in enumerate(stretch.boxes):
            owner = owners.get(number)
            if owner is None:
                if self._is_full():
                    continue
                owner = _Track()
                self._tracks.append(owner)
            owner.see(self._looks, self._frames - 1, now, box)

    def _is_fresh(self, track: _Track) -> bool:
        return self._looks - track.sights[-1][0] <= _BRIDGE

    def _is_full(self) -> bool:
        return self._most is not None and sum(self._is_fresh(track) for track in self._tracks) >= self._most

    def _placed(self, last: int | None = None) -> list[Placed]:
        look, first, stretch = self._pending.popleft()
        placed: list[Placed] = [(frame, {}) for frame in stretch.frames]
        for track in self._tracks:
            if len(track.sights) == 1 and self._looks > 1:
                continue
            for number, (_, boxes) in enumerate(placed, start=first):
                box = track.box_at(look, number, last)
                if box is not None:
                    boxes[self._number(track)] = box
        return placed

    def _number(self, track: _Track) -> int:
        if not track.number:
            self.count += 1
            track.number = self.count
        return track.number


class Numbers:
    """Gives the faces of frame after frame their track's number at once: for what cannot wait for later ones.

    Example:
        >>> number = Numbers()
        >>> number([(0, 0, 50, 50)], 0.0), number([(90, 0, 50, 50), (3, 0, 50, 50)], 0.1)
        ([1], [2, 1])
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[Box, float]] = {}
        self._count = 0

    def __call__(self, boxes: Sequence[Box], time: float) -> list[int]:
        """Return a number for each box of a frame; ``time`` is in seconds."""
        self._known = {track: seen for track, seen in self._known.items() if time - seen[1] <= _MEMORY}
        tracks = list(self._known)
        owners = {found: tracks[known] for known, found in match([b for b, _ in self._known.values()], boxes).items()}
        for place, box in enumerate(boxes):
            if place not in owners:
                self._count += 1
                owners[place] = self._count
            self._known[owners[place]] = (box, time)
        return [owners[place] for place in range(len(boxes))]


def match(known: Sequence[Box], found: Sequence[Box]) -> dict[int, int]:
    """Return which found box belongs to which known one, as positions; nearest pairs first, each box once.

    Example:
        >>> match([(0, 0, 50, 50), (90, 0, 50, 50)], [(95, 2, 50, 50)])
        {1: 0}
    """
    pairs = sorted(
        (distance, i, j)
        for i, one in enumerate(known)
        for j, other in enumerate(found)
        if (distance := _distance(one, other)) <= _REACH
    )
    matched: dict[int, int] = {}
    for _, i, j in pairs:
        if i not in matched and j not in matched.values():
            matched[i] = j
    return matched


def _distance(one: Box, other: Box) -> float:
    """Return how far the centres of two boxes are apart, in mean widths; beyond reach if the sizes are too unlike."""
    mean = (one[2] + other[2]) / 2
    if max(one[2], other[2]) > _GROWTH * min(one[2], other[2]):
        return _REACH + 1
    across = one[0] + one[2] / 2 - other[0] - other[2] / 2
    down = one[1] + one[3] / 2 - other[1] - other[3] / 2
    return hypot(across, down) / mean
