"""Live frames: looking for faces takes long and happens aside; meanwhile their boxes follow what is in them."""

from concurrent.futures import Executor, Future

import cv2
import numpy as np

from mien.pictures import Picture
from mien.results import Box
from mien.vision.faces import Finder

_EVERY = 3  # frames, at least, from one look to the next
_SIDE = 32  # pixels of a face as it is compared
_REACH = 1.0  # how far a face may move from one frame to the next, in widths of its box
_ALIKE = 0.6  # least correlation with what the box held before, 1 for the same
_THUMB = (16, 12)  # a picture as it is compared with the one before
_CHANGE = 14.0  # mean difference of two such pictures, in grey levels, up to which they are one scene anyway
_KIN = 0.3  # and their correlation, below which they are not


class Between:
    """A face finder for the frames of one camera, in order, as fast as they come.

    Every few frames faces are looked for in a thread; what is found is moved on to the frame that is there by then. A
    box is followed by template matching (normalised correlation, Lewis 1995, "Fast Template Matching"). At the first
    frame, in another scene, and where a box is lost, the caller waits for a look.

    Args:
        find: the face finder that looks.
        aside: where looks run that nobody waits for.

    Example:
        >>> with ThreadPoolExecutor(1) as aside:
        ...     find = Between(finder_named("haar"), aside)
        ...     boxes = [find(frame) for frame in frames]
    """

    def __init__(self, find: Finder, aside: Executor) -> None:
        self._find, self._aside = find, aside
        self._look: tuple[Picture, Future[list[Box]]] | None = None
        self._since = 0
        self._boxes: list[Box] = []
        self._before: Picture | None = None

    def __call__(self, image: Picture) -> list[Box]:
        """Return the boxes of the faces in the next frame, BGR uint8 ``(height, width, 3)``, largest first."""
        boxes = self._followed(image)
        if boxes is None:
            boxes, self._look, self._since = self._find(image), None, 0
        self._since += 1
        if self._look is None and self._since >= _EVERY:
            self._look, self._since = (image, self._aside.submit(self._find, image)), 0
        self._boxes, self._before = boxes, image
        return boxes

    def _followed(self, image: Picture) -> list[Box] | None:
        """Return where the faces have gone; None where that is not known."""
        if self._before is None or _is_other_scene(self._before, image):
            return None
        before, boxes = self._before, self._boxes
        if self._look is not None and self._look[1].done():
            before, boxes = self._look[0], self._look[1].result()
            self._look = None
        moved = [_moved(before, image, box) for box in boxes]
        return None if None in moved else [box for box in moved if box is not None]


def _is_other_scene(before: Picture, image: Picture) -> bool:
    if before.shape != image.shape:
        return True
    one, other = (cv2.resize(each, _THUMB, interpolation=cv2.INTER_AREA).astype(np.float64) for each in (before, image))
    if np.abs(one - other).mean() <= _CHANGE:
        return False
    one, other = one - one.mean(), other - other.mean()
    return bool((one * other).mean() < _KIN * one.std() * other.std() + 1e-9)


def _moved(before: Picture, image: Picture, box: Box) -> Box | None:
    """Return where the face of a box is in the next picture; None where nothing there is like it."""
    x, y, width, height = box
    around = round(_REACH * width)
    left, top = max(0, x - around), max(0, y - around)
    right, bottom = min(image.shape[1], x + width + around), min(image.shape[0], y + height + around)
    scale = _SIDE / width
    face = _small(before[y : y + height, x : x + width], scale)
    field = _small(image[top:bottom, left:right], scale)
    if field.shape[0] < face.shape[0] or field.shape[1] < face.shape[1]:
        return None
    likeness = cv2.matchTemplate(field, face, cv2.TM_CCOEFF_NORMED)
    _, best, _, (across, down) = cv2.minMaxLoc(likeness)
    if best < _ALIKE:
        return None
    return (
        min(max(round(left + across / scale), 0), image.shape[1] - width),
        min(max(round(top + down / scale), 0), image.shape[0] - height),
        width,
        height,
    )


def _small(part: Picture, scale: float) -> Picture:
    """Return a part of a picture in one colour, green, which is nearest to its brightness, at another scale."""
    size = [max(1, round(side * scale)) for side in part.shape[1::-1]]
    return np.asarray(cv2.resize(np.ascontiguousarray(part[:, :, 1]), size, interpolation=cv2.INTER_AREA), np.uint8)
