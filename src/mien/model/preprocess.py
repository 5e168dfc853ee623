"""The one way from a face in a picture to the network's input. Training, evaluation and detection all use it."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from mien.errors import PictureError
from mien.results import Box

Pixels = npt.NDArray[np.uint8]
_REPAIR = "pixel values are 0-255, and grey ones have no axis of colours"


def square_around(box: Box, margin: float) -> Box:
    """Return the square that is cropped around a face; it may leave the picture.

    Args:
        box: ``(x, y, width, height)`` in pixels.
        margin: share of the box's longer side that is added on every side; 0.1 makes the square 1.2 times as wide.

    Example:
        >>> square_around((10, 10, 20, 40), 0.1)
        (-4, 6, 48, 48)
    """
    x, y, width, height = box
    side = max(1, round(max(width, height) * (1 + 2 * margin)))
    return round(x + (width - side) / 2), round(y + (height - side) / 2), side, side


def crop_face(image: Pixels, box: Box, margin: float) -> Pixels:
    """Return the square around a face, its border repeated where it leaves the picture.

    Args:
        image: BGR uint8 ``(height, width, 3)``.
        box: ``(x, y, width, height)`` in pixels.
        margin: see ``square_around``, which says where the square lies.

    Returns:
        BGR uint8 ``(side, side, 3)``.
    """
    left, top, side, _ = square_around(box, margin)
    if left >= 0 and top >= 0 and left + side <= image.shape[1] and top + side <= image.shape[0]:
        return image[top : top + side, left : left + side].copy()
    rows = np.clip(np.arange(top, top + side), 0, image.shape[0] - 1)
    columns = np.clip(np.arange(left, left + side), 0, image.shape[1] - 1)
    return image[rows[:, None], columns]


def face_pixels(crop: Pixels, size: int) -> Pixels:
    """Return a face crop as the network sees it: grey uint8 ``(size, size)``.

    Args:
        crop: BGR uint8 ``(height, width, 3)`` or grey uint8 ``(height, width)``, of any size and proportion.
        size: the side of the network's input in pixels.
    """
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY) if crop.ndim == 3 else crop
    if grey.shape == (size, size):
        return np.ascontiguousarray(grey)
    shrinks = min(grey.shape) >= size
    resized = cv2.resize(grey, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8)


def network_input(crops: Pixels | Sequence[Pixels], size: int) -> npt.NDArray[np.float32]:
    """Return face crops as the network's input.

    Args:
        crops: uint8 ``(n, h, w)`` grey or BGR ``(n, h, w, 3)``, or a sequence of crops of different sizes.
        size: the side of the network's input in pixels.

    Returns:
        float32 ``(n, size, size, 1)``, pixel values 0-255.

    Raises:
        PictureError: crops of another type or shape, or without pixels.

    Example:
        >>> network_input(np.zeros((5, 60, 50, 3), np.uint8), 48).shape
        (5, 48, 48, 1)
    """
    _check(crops)
    faces = np.empty((len(crops), size, size, 1), np.float32)
    for row, crop in enumerate(crops):
        faces[row, :, :, 0] = face_pixels(crop, size)
    return faces


def _check(crops: Pixels | Sequence[Pixels]) -> None:
    if isinstance(crops, np.ndarray):
        is_one = _is_crop(crops)
        if len(crops) and (is_one or not _is_crop(crops[0])):
            repair = "give one crop as [crop]" if is_one else _REPAIR
            raise _unfit("crops", "uint8 (n, height, width) or BGR (n, height, width, 3)", crops, repair)
        return
    for number, crop in enumerate(crops):
        if not _is_crop(crop):
            raise _unfit(f"crop {number}", "uint8 (height, width) or BGR (height, width, 3)", crop, _REPAIR)


def _is_crop(given: object) -> bool:
    if not isinstance(given, np.ndarray) or given.dtype != np.uint8 or not given.size:
        return False
    return given.ndim == 2 or (given.ndim == 3 and given.shape[2] == 3)


def _unfit(name: str, expected: str, given: object, repair: str) -> PictureError:
    got = f"{given.dtype} {given.shape}" if isinstance(given, np.ndarray) else type(given).__name__
    return PictureError(f"{name}: expected {expected}, at least a pixel; got {got}; {repair}")
