"""Maps over faces: where the colour lies, what stays as it was."""

import numpy as np
import pytest

from mien.results import Box, Explanation, Face
from mien.vision.overlay import overlay


def picture(height: int = 400, width: int = 500) -> np.ndarray:
    return np.full((height, width, 3), 120, np.uint8)


def explanation(area: Box, values: np.ndarray, label: str = "happy") -> Explanation:
    face = Face(area, {"happy": 0.9, "sad": 0.1}, uncertain=False)
    return Explanation(face, area, label, face.probabilities[label], values.astype(np.float32), "mouth")


def halves() -> np.ndarray:
    """A map whose left half speaks for the label, whose right half against it."""
    return np.repeat([[0.4] * 4 + [-0.4] * 4], 8, axis=0)


def test_nothing_is_drawn_where_nothing_is_explained():
    image = picture()
    drawn = overlay(image, [])
    assert np.array_equal(drawn, image)
    assert drawn is not image


def test_warm_speaks_for_the_label_and_cool_against_it():
    drawn = overlay(picture(), [explanation((100, 100, 200, 200), halves())]).astype(int)
    blue, _, red = drawn[200, 130]
    assert red > blue + 80
    blue, _, red = drawn[200, 270]
    assert blue > red + 40


def test_the_rest_of_the_picture_is_left_alone():
    image = picture()
    drawn = overlay(image, [explanation((100, 100, 200, 200), halves())])
    assert np.array_equal(image, picture())
    assert np.array_equal(drawn[310:350, 320:], image[310:350, 320:])


def test_a_map_that_says_nothing_leaves_the_face_grey():
    image = picture()
    image[:, :, 2] = 200
    drawn = overlay(image, [explanation((100, 100, 200, 200), np.zeros((8, 8)))])
    assert np.ptp(drawn[200, 200].astype(int)) <= 1


@pytest.mark.parametrize("area", [(-50, -60, 200, 200), (400, 300, 200, 200), (-20, -20, 600, 600)])
def test_an_area_may_leave_the_picture(area: Box):
    assert overlay(picture(), [explanation(area, halves())]).shape == (400, 500, 3)


def test_a_small_picture_is_enlarged_by_a_whole_factor():
    assert overlay(picture(48, 60), [explanation((0, 0, 60, 48), halves())]).shape == (336, 420, 3)


def test_a_narrow_picture_has_no_room_for_words():
    assert overlay(picture(2000, 1), [explanation((0, 0, 1, 2000), halves())]).shape[2] == 3
