"""Pictures as a video takes them: all of one size, with even sides."""

import cv2
import numpy as np

from mien.pictures import Picture


def even_size(image: Picture) -> tuple[int, int]:
    """Return width and height of a picture rounded up to even numbers, which yuv420p needs.

    Example:
        >>> even_size(np.zeros((151, 200, 3), np.uint8))
        (200, 152)
    """
    return image.shape[1] + image.shape[1] % 2, image.shape[0] + image.shape[0] % 2


def fitted(image: Picture, size: tuple[int, int]) -> Picture:
    """Return a picture of the video's size: its border repeated by a pixel, or resized where a video changes size.

    Args:
        image: BGR uint8 ``(height, width, 3)``.
        size: width and height in pixels.

    Example:
        >>> fitted(np.zeros((151, 200, 3), np.uint8), (200, 152)).shape
        (152, 200, 3)
    """
    right, below = size[0] - image.shape[1], size[1] - image.shape[0]
    if (right, below) == (0, 0):
        return image
    if right in (0, 1) and below in (0, 1):
        return np.asarray(cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_REPLICATE), np.uint8)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
