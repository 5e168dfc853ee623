"""Finding faces: a finder is called with a picture and returns boxes, largest first."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock

import cv2
import numpy as np

from mien.errors import MienError, ModelError
from mien.pictures import Picture
from mien.results import Box

Finder = Callable[[Picture], list[Box]]

_CASCADE = "haarcascade_frontalface_default.xml"
# Viola and Jones 2001, "Rapid object detection using a boosted cascade of simple features", as OpenCV ships it.
_SCALE_FACTOR = 1.1
_NEIGHBOURS = 5
_SMALLEST = 24  # pixels, the cascade's own window
_SMALLEST_SHARE = 1 / 20  # of the picture's shorter side
_WORKING_SIDE = 1280  # pixels; larger pictures are searched at this size


class HaarFinder:
    """Finds frontal faces with the Haar cascade in OpenCV's wheel. Safe to share between threads.

    Raises:
        ModelError: this OpenCV has no Haar cascades.

    Example:
        >>> HaarFinder()(read_picture("astronaut.jpg"))
        [(176, 65, 96, 96)]
    """

    def __init__(self) -> None:
        self._cascade = _load_cascade()
        self._lock = Lock()  # detectMultiScale writes into the classifier object

    def __call__(self, image: Picture) -> list[Box]:
        """Return the boxes of the faces in a BGR uint8 ``(height, width, 3)`` picture, largest first."""
        height, width = image.shape[:2]
        scale = min(1.0, _WORKING_SIDE / max(height, width))
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        if scale < 1:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        smallest = max(_SMALLEST, round(min(grey.shape) * _SMALLEST_SHARE))
        grey = cv2.equalizeHist(grey)
        with self._lock:
            found = self._cascade.detectMultiScale(
                grey, scaleFactor=_SCALE_FACTOR, minNeighbors=_NEIGHBOURS, minSize=(smallest, smallest)
            )
        boxes = [_scaled(box, 1 / scale, width, height) for box in np.asarray(found, int).reshape(-1, 4).tolist()]
        return sorted(boxes, key=lambda box: (-box[2] * box[3], box))


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


def _load_cascade() -> cv2.CascadeClassifier:
    folder = getattr(getattr(cv2, "data", None), "haarcascades", "")
    path = Path(folder) / _CASCADE
    cascade = cv2.CascadeClassifier(str(path)) if path.is_file() and hasattr(cv2, "CascadeClassifier") else None
    if cascade is None or cascade.empty():
        message = (
            f"OpenCV {cv2.__version__} has no {_CASCADE}; install one that has it: "
            "pip install 'opencv-python-headless>=4.12,<5', or take whole pictures as faces: --faces none"
        )
        raise ModelError(message)
    return cascade


def _scaled(box: list[int], factor: float, width: int, height: int) -> Box:
    """Return a box in pixels of the original picture, kept inside it."""
    left, top = round(box[0] * factor), round(box[1] * factor)
    right, bottom = round((box[0] + box[2]) * factor), round((box[1] + box[3]) * factor)
    return left, top, min(right, width) - left, min(bottom, height) - top
