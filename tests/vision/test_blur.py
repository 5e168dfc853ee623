"""Hiding: nothing of a face is left, also just before it is found and just after it is lost."""

import cv2
import numpy as np
import pytest

from mien.pictures import Picture
from mien.results import Box, Face, Frame
from mien.vision.blur import blurred, hide
from mien.vision.looks import LONGEST

BOX: Box = (40, 30, 40, 40)


def noise(seed: int = 0) -> Picture:
    return np.random.default_rng(seed).integers(0, 256, (120, 160, 3), np.uint8)


def frames(*tracks: int | None, source: str = "clip.mp4") -> list[Frame]:
    """Frames of noise, in each a face of that track or none."""
    found = [() if t is None else (Face(BOX, {"happy": 1.0}, uncertain=False, track=t),) for t in tracks]
    return [Frame(source, n, n / 25, noise(), faces) for n, faces in enumerate(found)]


def is_hidden(frame: Frame) -> bool:
    x, y, width, height = BOX
    detail = cv2.Laplacian(frame.image[y : y + height, x : x + width], cv2.CV_64F).std()
    return bool(detail < 30)


def test_no_frames_give_none():
    assert list(hide([])) == []


def test_a_frame_without_faces_stays_as_it_is():
    (given,) = frames(None)
    assert next(hide([given])) is given


def test_every_frame_comes_once_and_in_order():
    given = frames(*[None] * 50) + frames(1, 1, source="b.mp4")
    assert [(frame.source, frame.index) for frame in hide(given)] == [(frame.source, frame.index) for frame in given]


def test_a_face_is_hidden_before_it_is_found_and_after_it_is_lost():
    given = frames(*[None] * 20, 1, 1, 1, *[None] * 20)
    hidden = [frame.index for frame in hide(given) if is_hidden(frame)]
    assert hidden == list(range(20 - LONGEST, 23 + LONGEST))


def test_it_is_not_hidden_in_another_video():
    given = frames(1, 1) + frames(None, None, source="b.mp4")
    assert [is_hidden(frame) for frame in hide(given)] == [True, True, False, False]


def test_little_more_than_the_colours_are_left():
    assert is_hidden(Frame("a", 0, 0.0, blurred(noise(), [BOX])))
    assert not is_hidden(Frame("a", 0, 0.0, noise()))


def test_the_rest_of_the_picture_and_the_given_one_stay():
    image = noise()
    before, after = image.copy(), blurred(image, [BOX])
    np.testing.assert_array_equal(image, before)
    np.testing.assert_array_equal(after[:, :30], before[:, :30])


@pytest.mark.parametrize("box", [(-20, -20, 40, 40), (150, 110, 40, 40), (300, 300, 20, 20), (5, 5, 1, 1)])
def test_boxes_at_and_over_the_edge_are_no_error(box: Box):
    assert blurred(noise(), [box]).shape == (120, 160, 3)
