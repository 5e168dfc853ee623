"""Boxes: covering each other, kept apart, scaled, cut at the edges."""

import pytest

from mien.vision.boxes import apart, largest_first, overlap, scaled


def test_no_boxes_are_no_boxes():
    assert apart([]) == []
    assert largest_first([], 10, 10) == []


@pytest.mark.parametrize(
    ("other", "expected"),
    [((0, 0, 10, 10), 1.0), ((0, 5, 10, 10), 1 / 3), ((10, 0, 10, 10), 0.0), ((50, 50, 1, 1), 0.0)],
)
def test_overlap_is_intersection_over_union(other: tuple[int, int, int, int], expected: float):
    assert overlap((0, 0, 10, 10), other) == pytest.approx(expected)
    assert overlap(other, (0, 0, 10, 10)) == pytest.approx(expected)


def test_of_boxes_on_one_face_the_first_stays():
    assert apart([(0, 0, 20, 20), (2, 2, 10, 10), (50, 0, 20, 20), (45, 0, 40, 40)]) == [
        (0, 0, 20, 20),
        (50, 0, 20, 20),
    ]


def test_a_little_in_common_is_two_faces():
    assert len(apart([(0, 0, 20, 20), (15, 0, 20, 20)])) == 2


def test_a_square_stays_one_when_it_is_scaled():
    assert scaled((3, 4, 7, 7), 1.5) == (4, 6, 10, 10)


def test_boxes_end_with_the_picture_and_the_largest_is_first():
    boxes = [(-5, -5, 10, 10), (2, 2, 8, 4), (30, 0, 5, 5), (15, 15, 10, 10)]
    assert largest_first(boxes, 20, 20) == [(2, 2, 8, 4), (0, 0, 5, 5), (15, 15, 5, 5)]
