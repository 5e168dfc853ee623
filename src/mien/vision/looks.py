"""Looking: where in a video faces are looked for. Between two looks they are followed, see ``track``."""

from collections import deque
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from math import inf

import cv2
import numpy as np
import numpy.typing as npt

from mien.pictures import Picture
from mien.results import Box, Frame
from mien.vision.faces import Finder

LONGEST = 10  # frames from one look to the next
LONGEST_LIVE = 3  # the same for a camera: what is shown lags by two looks
_SECONDS = 0.4  # from one look to the next, where frames are rare
_MEMORY = 48 * 2**20  # bytes of frames between two looks: large frames are looked at more often
_PAUSE = 1.0  # seconds between two frames that may end a shot: a stream that was lost
_SMALL = (16, 9)  # a picture as the cut finder sees it: what moves hardly changes it, another scene does
_EVERY = 4  # pixels of which the cut finder takes one
_ALIKE = 0.6  # likeness of two pictures of one shot, 1 for the same; of two that are unlike it is about 0
_JUMP = 0.25  # of a cut between two like pictures: so far they turn at least,
_SUDDEN = 4.0  # and so many times as far as in
_USUAL = 3  # frames before; a pan or a fast move goes on from frame to frame
_NOISE = 4.0  # grey levels; what two blank pictures may differ by


@dataclass(frozen=True, eq=False)
class Stretch:
    """Frames up to a look.

    Attributes:
        frames: in their order, at least one; faces were looked for in the last.
        boxes: the faces of the last frame, largest first.
        opens: whether a shot begins here; then there is one frame.
    """

    frames: tuple[Frame, ...]
    boxes: tuple[Box, ...]
    opens: bool


def look(frames: Generator[Frame], find: Finder, longest: int = LONGEST) -> Generator[Stretch]:
    """Yield the frames of a video in stretches, with faces looked for at the end of each.

    Looked at are the first and the last frame of every shot and frames between them, ``longest`` apart at most. A shot
    ends where a picture has nothing to do with the one before, or has suddenly changed far more than those before it.

    Args:
        frames: of one video, BGR.
        find: the face finder.
        longest: frames from one look to the next.

    Example:
        >>> [len(stretch.frames) for stretch in look(read_video("clip.mp4"), finder_named("haar"))][:3]
        [1, 10, 10]
    """
    waiting: list[Frame] = []
    since = 0.0  # when faces were last looked for
    shots = _Shots()
    with closing(frames):
        for frame in frames:
            opens = shots.opens(frame)
            if opens and waiting:
                yield _looked(waiting, find)
                waiting = []
            waiting.append(frame)
            if opens or _is_due(waiting, since, longest):
                yield _looked(waiting, find, opens=opens)
                waiting, since = [], frame.time
        if waiting:
            yield _looked(waiting, find)


class _Shots:
    """Tells where a shot begins, from one frame to the next."""

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._small = np.zeros(_SMALL[::-1])
        self._gap = inf  # seconds between the last two frames
        self._turns: deque[float] = deque(maxlen=_USUAL)  # of the last frames of this shot

    def opens(self, frame: Frame) -> bool:
        before, self._frame = self._frame, frame
        small, self._small = self._small, _small(frame.image)
        if before is None:
            return True
        gap, self._gap = self._gap, frame.time - before.time
        turn = _turn(small, self._small)
        jumps = turn > _JUMP and turn > _SUDDEN * max(self._turns, default=inf)
        cut = jumps or _is_unlike(small, self._small) or self._gap > max(_PAUSE, _SUDDEN * gap)
        if cut:
            self._turns.clear()
        else:
            self._turns.append(turn)
        return cut


def _looked(frames: list[Frame], find: Finder, *, opens: bool = False) -> Stretch:
    return Stretch(tuple(frames), tuple(find(frames[-1].image)), opens)


def _is_due(waiting: list[Frame], since: float, longest: int) -> bool:
    frame = waiting[-1]
    held = (len(waiting) + 1) * frame.image.nbytes
    return len(waiting) >= longest or frame.time - since >= _SECONDS or held > _MEMORY


def _small(image: Picture) -> npt.NDArray[np.float64]:
    small = cv2.resize(np.ascontiguousarray(image[::_EVERY, ::_EVERY]), _SMALL, interpolation=cv2.INTER_AREA)
    grey = np.asarray(small, np.float64).mean(axis=2)
    return np.asarray(grey - grey.mean())


def _is_unlike(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> bool:
    """Return whether two pictures, as small grey ones of mean 0, have little to do with each other."""
    contrast = ((one**2).mean() + (other**2).mean()) / 2
    return bool((one * other).mean() + _NOISE**2 < _ALIKE * (contrast + _NOISE**2))


def _turn(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Return how far a picture has turned into another, whatever its light and contrast; 0 for not at all, to 1.4."""
    contrast = np.sqrt((one**2).mean() * (other**2).mean())
    alike = ((one * other).mean() + _NOISE**2) / (contrast + _NOISE**2)
    return float(np.sqrt(max(0.0, 1 - alike)))
