"""Finding faces: a finder is called with a picture and returns boxes, largest first."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
import numpy.typing as npt

from mien.errors import MienError, ModelError
from mien.pictures import Picture
from mien.results import Box

Finder = Callable[[Picture], list[Box]]

# Viola and Jones 2001, "Rapid object detection using a boosted cascade of simple features", as OpenCV ships it. Two
# cascades, trained apart, seldom err on the same spot: what one proposes, the other has to see too.
_CASCADE = "haarcascade_frontalface_default.xml"
_WITNESS = "haarcascade_frontalface_alt2.xml"
_SCALE_FACTOR, _WITNESS_SCALE_FACTOR = 1.1, 1.02  # the witness looks at little, so it may look closely
_NEIGHBOURS, _WITNESS_NEIGHBOURS = 3, 5
_AGREEMENT = 0.5  # intersection over union of the two boxes, at least
_SURROUNDING = 0.5  # of the proposed box's width on every side that the witness looks at too
_SMALLEST = 24  # pixels, the cascade's own window
_SMALLEST_SHARE = 1 / 20  # of the picture's shorter side
_WORKING_SIDE = 1280  # pixels; larger pictures are searched at this size


class HaarFinder:
    """Finds frontal faces with two Haar cascades in OpenCV's wheel. Safe to share between threads.

    Raises:
        ModelError: this OpenCV has no Haar cascades.

    Example:
        >>> HaarFinder()(read_picture("astronaut.jpg"))
        [(177, 66, 95, 95)]
    """

    def __init__(self) -> None:
        self._cascade, self._witness = _load_cascade(_CASCADE), _load_cascade(_WITNESS)
        self._lock = Lock()  # detectMultiScale writes into the classifier object

    def __call__(self, image: Picture) -> list[Box]:
        """Return the boxes of the faces in a BGR uint8 ``(height, width, 3)`` picture, largest first."""
        height, width = image.shape[:2]
        scale = min(1.0, _WORKING_SIDE / max(height, width))
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
        if scale < 1:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
        smallest = max(_SMALLEST, round(min(grey.shape) * _SMALLEST_SHARE))
        with self._lock:
            found = _boxes(self._cascade, grey, smallest, _SCALE_FACTOR, _NEIGHBOURS)
            found = [box for box in found if self._is_seen_twice(grey, box)]
        boxes = [_scaled(box, 1 / scale, width, height) for box in found]
        return sorted(boxes, key=lambda box: (-box[2] * box[3], box))

    def _is_seen_twice(self, grey: npt.NDArray[np.uint8], box: Box) -> bool:
        x, y, width, height = box
        around = round(width * _SURROUNDING)
        left, top = max(0, x - around), max(0, y - around)
        part = grey[top : y + height + around, left : x + width + around]
        smallest = round(width * _AGREEMENT)
        others = _boxes(self._witness, part, smallest, _WITNESS_SCALE_FACTOR, _WITNESS_NEIGHBOURS)
        return any(_overlap(box, (left + a, top + b, c, d)) >= _AGREEMENT for a, b, c, d in others)


def whole_picture(image: Picture) -> list[Box]:
    """Return one box, the picture itself: for pictures that are face crops already."""
    height, width = image.shape[:2]
    return [(0, 0, width, height)]


_FINDERS: dict[str, Callable[[], Finder]] = {
    "auto": HaarFinder,
    "haar": HaarFinder,
    "none": lambda: whole_picture,
}
FINDERS = tuple(_FINDERS)


def finder_named(name: str) -> Finder:
    """Return the face finder of a name in ``FINDERS``.

    Raises:
        MienError: there is no finder of that name.

    Example:
        >>> finder_named("none")(np.zeros((4, 6, 3), np.uint8))
        [(0, 0, 6, 4)]
    """
    if name not in _FINDERS:
        message = f"faces={name!r}: no such face finder; expected one of {', '.join(FINDERS)}"
        raise MienError(message)
    return _FINDERS[name]()


def _load_cascade(name: str) -> cv2.CascadeClassifier:
    folder = getattr(getattr(cv2, "data", None), "haarcascades", "")
    path = Path(folder) / name
    cascade = cv2.CascadeClassifier(str(path)) if path.is_file() and hasattr(cv2, "CascadeClassifier") else None
    if cascade is None or cascade.empty():
        message = (
            f"OpenCV {cv2.__version__} has no {name}; install one that has it: "
            "pip install 'opencv-python-headless>=4.12,<5', or take whole pictures as faces: --faces none"
        )
        raise ModelError(message)
    return cascade


def _boxes(
    cascade: cv2.CascadeClassifier, grey: npt.NDArray[np.uint8], smallest: int, step: float, neighbours: int
) -> list[Box]:
    size = (smallest, smallest)
    found = cascade.detectMultiScale(grey, scaleFactor=step, minNeighbors=neighbours, minSize=size)
    return [(x, y, width, height) for x, y, width, height in np.asarray(found, int).reshape(-1, 4).tolist()]


def _overlap(one: Box, other: Box) -> float:
    """Return intersection over union, 0-1."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(0, width) * max(0, height)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def _scaled(box: Box, factor: float, width: int, height: int) -> Box:
    """Return a box in pixels of the original picture, kept inside it."""
    left, top = round(box[0] * factor), round(box[1] * factor)
    right, bottom = round((box[0] + box[2]) * factor), round((box[1] + box[3]) * factor)
    return left, top, min(right, width) - left, min(bottom, height) - top
