"""Tracks: numbers that stay, boxes in between, and what ends or begins one."""

from collections.abc import Generator, Sequence

import numpy as np
import pytest

from mien.results import Box, Frame
from mien.vision.looks import Stretch
from mien.vision.track import Numbers, follow, match

IMAGE = np.zeros((1, 1, 3), np.uint8)
A: Box = (100, 100, 40, 40)
B: Box = (300, 100, 40, 40)


def right(box: Box, by: int) -> Box:
    return (box[0] + by, *box[1:])


def looks(*boxes: Sequence[Box], gap: int = 4, start: int = 0, step: float = 0.04) -> Generator[Stretch]:
    """Looks that see these boxes, ``gap`` frames apart, in one shot."""
    index = start
    for number, found in enumerate(boxes):
        count = gap if number else 1
        frames = tuple(Frame("clip", n, n * step, IMAGE) for n in range(index, index + count))
        yield Stretch(frames, tuple(found), opens=number == 0)
        index += count


def boxes_of(stretches: Generator[Stretch], most: int | None = None) -> list[dict[int, Box]]:
    return [boxes for placed in follow(stretches, most) for _, boxes in placed]


def test_no_stretch_gives_nothing():
    assert list(follow(looks())) == []


def test_every_frame_comes_once_and_in_order():
    placed = [frame.index for group in follow(looks([A], [], [A, B], [B], [B])) for frame, _ in group]
    assert placed == list(range(17))


def test_a_box_is_interpolated_between_two_looks():
    told = boxes_of(looks([A], [right(A, 20)]))
    assert told == [{1: right(A, by)} for by in (0, 5, 10, 15, 20)]


def test_two_faces_keep_their_numbers_whichever_is_larger():
    told = boxes_of(looks([A, B], [B, A], [A, B]))
    assert told == [{1: A, 2: B}] * 9


def test_a_face_that_one_look_misses_is_followed_on():
    assert boxes_of(looks([A], [A], [], [right(A, 16)])) == [{1: A}] * 5 + [{1: right(A, 2 * n)} for n in range(1, 9)]


def test_a_face_that_is_gone_ends_with_its_last_sight():
    assert boxes_of(looks([A], [A], [], [], [])) == [{1: A}] * 5 + [{}] * 12


def test_a_face_that_only_the_last_look_misses_stays():
    assert boxes_of(looks([A], [A], [])) == [{1: A}] * 9


def test_a_new_face_begins_with_its_first_sight():
    assert boxes_of(looks([], [], [A], [A])) == [{}] * 8 + [{1: A}] * 5


def test_a_single_sight_is_taken_for_an_error():
    assert boxes_of(looks([A], [A, B], [A], [A])) == [{1: A}] * 13


def test_a_shot_of_one_look_shows_what_it_saw():
    assert boxes_of(looks([A, B])) == [{1: A, 2: B}]


def test_a_face_back_within_a_second_keeps_its_number_without_boxes_in_between():
    told = boxes_of(looks([A], [A], [], [], [A], [A]))
    assert told == [{1: A}] * 5 + [{}] * 11 + [{1: A}] * 5


def test_a_face_back_later_is_a_new_track():
    told = boxes_of(looks([A], [A], [], [], [A], [A], step=0.5))
    assert told[-1] == {2: A}


def test_a_cut_ends_all_tracks():
    def cut() -> Generator[Stretch]:
        yield from looks([A], [A])
        yield from looks([A], [A], start=5)

    assert boxes_of(cut()) == [{1: A}] * 5 + [{2: A}] * 5


def test_no_more_faces_than_asked_for_are_followed_and_an_older_one_stays():
    large = (300, 100, 80, 80)
    assert boxes_of(looks([A], [large, A], [large, A]), most=1) == [{1: A}] * 9
    assert boxes_of(looks([large, A], [large, A]), most=1) == [{1: large}] * 5


def test_numbers_do_not_jump_over_errors_of_the_finder():
    told = boxes_of(looks([B], [], [], [A], [A]))
    assert told[-1] == {1: A}


def test_stretches_are_closed_with_it():
    stretches = looks([A], [A], [A])
    groups = follow(stretches)
    next(groups)
    groups.close()
    assert next(stretches, None) is None


@pytest.mark.parametrize(
    ("known", "found", "matched"),
    [
        ([], [A], {}),
        ([A], [], {}),
        ([A], [right(A, 39)], {0: 0}),
        ([A], [right(A, 41)], {}),
        ([A], [(100, 100, 90, 90)], {}),
        ([A, right(A, 30)], [right(A, 28), right(A, 2)], {0: 1, 1: 0}),
        ([A, right(A, 30)], [right(A, 29)], {1: 0}),
    ],
    ids=["nothing known", "nothing found", "near", "far", "too large", "crossed", "the nearest"],
)
def test_boxes_are_matched_by_the_distance_of_their_centres(
    known: list[Box], found: list[Box], matched: dict[int, int]
):
    assert match(known, found) == matched


def test_numbers_are_given_at_once_and_stay():
    number = Numbers()
    assert number([], 0.0) == []
    assert number([A, B], 0.1) == [1, 2]
    assert number([right(B, 5), right(A, 5)], 0.2) == [2, 1]
    assert number([], 0.5) == []
    assert number([A], 1.1) == [1]
    assert number([A], 5.0) == [3]
