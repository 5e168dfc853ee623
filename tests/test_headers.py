"""Sizes told by headers. The page's tests of pictures (tests/web/test_screening.py) have more of them."""

import struct

import cv2
import numpy as np
import pytest

from mien.headers import is_picture, size_in_pixels


def encoded(suffix: str, *flags: int, channels: int = 3) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (45, 123, channels), np.uint8)
    return bytes(cv2.imencode(suffix, pixels, flags)[1])


@pytest.mark.parametrize(
    "data",
    [
        encoded(".jpg"),
        encoded(".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
        encoded(".png"),
        encoded(".bmp"),
        encoded(".webp", cv2.IMWRITE_WEBP_QUALITY, 80),
        encoded(".webp", cv2.IMWRITE_WEBP_QUALITY, 101),
        encoded(".webp", cv2.IMWRITE_WEBP_QUALITY, 80, channels=4),
    ],
)
def test_the_size_stands_in_the_header(data: bytes) -> None:
    assert is_picture(data)
    assert size_in_pixels(data) == (123, 45)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"BM", encoded(".jpg")[:20], encoded(".png")[:15], b"RIFF1234WEBPVP9 "]
)
def test_what_does_not_tell_has_no_size(data: bytes) -> None:
    assert size_in_pixels(data) is None


def test_a_bitmap_from_top_to_bottom_has_a_positive_height() -> None:
    data = bytearray(encoded(".bmp"))
    struct.pack_into("<i", data, 22, -45)
    assert size_in_pixels(bytes(data)) == (123, 45)
