"""Live frames: faces are looked for in every third frame; in between their boxes follow what is in them."""

import cv2
import numpy as np

from mien.pictures import Picture
from mien.results import Box
from mien.vision.faces import Finder

_EVERY = 3  # frames from one look to the next
_SIDE = 32  # pixels of a face as it is compared
_REACH = 0.5  # how far a face may move from one frame to the next, in widths of its box
_ALIKE = 0.6  # least correlation with what the box held before, 1 for the same


class Between:
    """A face finder for the frames of one camera, in order: mostly it only follows, which costs next to nothing.

    A box is followed by template matching (normalised correlation, Lewis 1995, "Fast Template Matching"). Where one is
    lost, faces are looked for at once.

    Args:
        find: the face finder that looks.

    Example:
        >>> find = Between(finder_named("haar"))
        >>> [find(frame) for frame in frames]
    """

    def __init__(self, find: Finder) -> None:
        self._find = find
        self._since = _EVERY
        self._boxes: list[Box] = []
        self._before: Picture | None = None

    def __call__(self, image: Picture) -> list[Box]:
        """Return the boxes of the faces in the next frame, BGR uint8 ``(height, width, 3)``, largest first."""
        self._since += 1
        boxes = None if self._since >= _EVERY else self._followed(image)
        if boxes is None:
            boxes, self._since = self._find(image), 0
        self._boxes, self._before = boxes, image
        return boxes

    def _followed(self, image: Picture) -> list[Box] | None:
        """Return where the boxes have gone; None where one is lost."""
        if self._before is None or self._before.shape != image.shape:
            return None
        moved = [_moved(self._before, image, box) for box in self._boxes]
        return None if None in moved else [box for box in moved if box is not None]


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
