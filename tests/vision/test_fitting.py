"""Sizes that a video takes."""

import numpy as np
import pytest

from mien.vision.fitting import even_size, fitted


@pytest.mark.parametrize(
    ("shape", "size"), [((2, 4, 3), (4, 2)), ((1, 4, 3), (4, 2)), ((1, 1, 3), (2, 2)), ((151, 201, 3), (202, 152))]
)
def test_sides_are_rounded_up_to_even_numbers(shape: tuple[int, int, int], size: tuple[int, int]):
    picture = np.zeros(shape, np.uint8)
    assert even_size(picture) == size
    assert fitted(picture, size).shape == (size[1], size[0], 3)


def test_a_picture_of_the_size_stays_as_it_is():
    picture = np.zeros((2, 4, 3), np.uint8)
    assert fitted(picture, (4, 2)) is picture


def test_the_border_is_repeated_by_a_pixel():
    picture = np.arange(9, dtype=np.uint8).reshape(3, 1, 3)
    np.testing.assert_array_equal(fitted(picture, (2, 4))[:, 1], np.concatenate([picture, picture[2:]])[:, 0])


def test_another_size_is_scaled():
    assert fitted(np.full((40, 80, 3), 7, np.uint8), (20, 10)).mean() == 7
