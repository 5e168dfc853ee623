"""Faces that are looked for now and then, and followed in between."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np
import pytest

from mien.pictures import Picture
from mien.results import Box
from mien.vision.faces import finder_named
from mien.web.between import Between
from tests.web.browsing import pan


class Looks:
    """A finder that knows where the face is, and counts how often it is asked."""

    def __init__(self, *boxes: Box) -> None:
        self.boxes, self.count = list(boxes), 0

    def __call__(self, image: Picture) -> list[Box]:
        self.count += 1
        return list(self.boxes)


class Aside(Executor):
    """Does what it is given when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = []

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        self.waiting.append((Future(), work, arguments))
        return self.waiting[-1][0]

    def finish(self) -> None:
        for future, work, arguments in self.waiting:
            future.set_result(work(*arguments))
        self.waiting.clear()


def scene(left: int, top: int) -> Picture:
    """Return noise with a face of its own noise somewhere."""
    image = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    image[top : top + 64, left : left + 64] = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    return np.asarray(image)


def test_the_first_frame_is_looked_at_and_nothing_is_followed_where_there_is_no_face():
    looks, aside = Looks(), Aside()
    find = Between(looks, aside)
    assert [find(scene(0, 0)) for _ in range(6)] == [[]] * 6
    assert (looks.count, len(aside.waiting)) == (1, 1)


@pytest.mark.parametrize("step", [(6, 4), (-20, 0), (0, 24)])
def test_a_box_follows_its_face(step: tuple[int, int]):
    looks = Looks((120, 80, 64, 64))
    find = Between(looks, Aside())
    for number in range(4):
        left, top = 120 + number * step[0], 80 + number * step[1]
        ((x, y, width, height),) = find(scene(left, top))
        assert (x, y) == pytest.approx((left, top), abs=2)
        assert (width, height) == (64, 64)
    assert looks.count == 1


def test_what_is_found_aside_is_moved_on_to_the_frame_that_is_there_by_then():
    looks, aside = Looks(), Aside()
    find = Between(looks, aside)
    for number in range(3):
        assert find(scene(100 + 5 * number, 80)) == []
    looks.boxes = [(110, 80, 64, 64)]  # where the face is in the third frame
    assert find(scene(115, 80)) == []
    aside.finish()
    ((x, y, _, _),) = find(scene(130, 80))
    assert (x, y) == pytest.approx((130, 80), abs=2)


def test_a_box_stays_in_the_picture():
    find = Between(Looks((250, 170, 64, 64)), Aside())
    for left, top in ((250, 170), (256, 176), (256, 176)):
        ((x, y, width, height),) = find(scene(left, top))
        assert x + width <= 320
        assert y + height <= 240


def test_another_scene_is_looked_at_at_once():
    looks = Looks((100, 80, 64, 64))
    find = Between(looks, Aside())
    find(scene(100, 80))
    looks.boxes = []
    assert find(np.full((240, 320, 3), 200, np.uint8)) == []
    looks.boxes = [(40, 20, 64, 64)]
    assert find(scene(40, 20)) == [(40, 20, 64, 64)]
    assert looks.count == 3


def test_a_lost_face_is_looked_for_at_once():
    looks = Looks((100, 80, 64, 64))
    find = Between(looks, Aside())
    find(scene(100, 80))
    looks.boxes = [(240, 80, 64, 64)]
    assert find(scene(240, 80)) == [(240, 80, 64, 64)]


def test_pictures_of_another_size_are_looked_at():
    looks = Looks((100, 80, 64, 64))
    find = Between(looks, Aside())
    find(scene(100, 80))
    find(np.ascontiguousarray(scene(100, 80)[:200]))
    assert looks.count == 2


def test_a_face_is_followed_over_a_pan_as_the_finder_sees_it():
    frames = list(pan(640, 480, 60))[:20]
    look = finder_named("haar")
    aside = Aside()
    find = Between(look, aside)
    for frame in frames:
        followed = find(frame)
        aside.finish()
    (truth,) = look(frames[-1])
    assert followed[0] == pytest.approx(truth, abs=20)
