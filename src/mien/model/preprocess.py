"""The one way from a face in a picture to the network's input. Training, evaluation and detection all use it."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from mien.results import Box

Pixels = npt.NDArray[np.uint8]


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
    """
    faces = np.empty((len(crops), size, size, 1), np.float32)
    for row, crop in enumerate(crops):
        faces[row, :, :, 0] = face_pixels(crop, size)
    return faces
