"""Faces that are looked for now and then, and followed in between."""

import numpy as np
import pytest

from mien.pictures import Picture
from mien.results import Box
from mien.web.between import Between
from tests.web.browsing import pan


class Looks:
    """A finder that knows where the face is, and counts how often it is asked."""

    def __init__(self, *boxes: Box) -> None:
        self.boxes, self.count = list(boxes), 0

    def __call__(self, image: Picture) -> list[Box]:
        self.count += 1
        return list(self.boxes)


def scene(left: int, top: int) -> Picture:
    """Return noise with a face of its own noise somewhere."""
    image = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    image[top : top + 64, left : left + 64] = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    return np.asarray(image)


def test_where_there_is_no_face_there_is_nothing_to_follow():
    looks = Looks()
    find = Between(looks)
    assert [find(scene(0, 0)) for _ in range(6)] == [[]] * 6
    assert looks.count == 2


@pytest.mark.parametrize("step", [(6, 4), (-20, 0), (0, 24)])
def test_a_box_follows_its_face(step: tuple[int, int]):
    looks = Looks((100, 80, 64, 64))
    find = Between(looks)
    for number in range(3):
        left, top = 100 + number * step[0], 80 + number * step[1]
        ((x, y, width, height),) = find(scene(left, top))
        assert (x, y) == pytest.approx((left, top), abs=2)
        assert (width, height) == (64, 64)
    assert looks.count == 1


def test_a_box_stays_in_the_picture():
    find = Between(Looks((250, 170, 64, 64)))
    for left, top in ((250, 170), (256, 176), (256, 176)):
        ((x, y, width, height),) = find(scene(left, top))
        assert x + width <= 320
        assert y + height <= 240


def test_a_lost_face_is_looked_for_at_once():
    looks = Looks((100, 80, 64, 64))
    find = Between(looks)
    find(scene(100, 80))
    find(np.full((240, 320, 3), 90, np.uint8))
    assert looks.count == 2


def test_pictures_of_another_size_are_looked_at():
    looks = Looks((100, 80, 64, 64))
    find = Between(looks)
    find(scene(100, 80))
    find(np.ascontiguousarray(scene(100, 80)[:200]))
    assert looks.count == 2


def test_a_pan_over_faces_is_followed_nearly_as_if_looked_at():
    """The boxes of a panned portrait move as the picture does."""
    frames = list(pan(640, 480, 60))[:12]
    looks = Looks((160, 62, 90, 90))
    find = Between(looks)
    xs = [find(frame)[0][0] for frame in frames[:3]]
    assert xs[0] >= xs[1] >= xs[2]
