"""Annotated pictures: what is drawn, where, and what is left alone."""

from dataclasses import replace

import numpy as np
import pytest

from mien.labels import LABELS, color_of
from mien.results import Box, Face
from mien.vision.draw import annotate


def face(box: Box, label: str = "happy", labels: tuple[str, ...] = LABELS, *, uncertain: bool = False) -> Face:
    rest = 0.3 / (len(labels) - 1)
    return Face(box, {name: 0.7 if name == label else rest for name in labels}, uncertain=uncertain)


def scene(height: int = 300, width: int = 400, value: int = 128) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def changed(image: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    return (image != drawn).any(axis=2)


def has_color(image: np.ndarray, label: str) -> bool:
    return bool((image == color_of(label)[::-1]).all(axis=2).any())


def test_without_a_face_nothing_is_drawn():
    image = scene()
    drawn = annotate(image, [])
    np.testing.assert_array_equal(drawn, image)
    assert drawn is not image


def test_the_picture_itself_stays_as_it_is():
    image = scene()
    annotate(image, [face((100, 100, 80, 80))])
    np.testing.assert_array_equal(image, scene())


@pytest.mark.parametrize("label", LABELS)
def test_the_box_has_the_colour_of_its_label_in_bgr(label: str):
    drawn = annotate(scene(), [face((100, 100, 80, 80), label)])
    assert tuple(drawn[179, 140]) == color_of(label)[::-1]


def test_the_bars_show_every_class():
    drawn = annotate(scene(), [face((100, 100, 80, 80))])
    beside = drawn[:, 190:]
    assert all(has_color(beside, name) for name in LABELS)


def test_the_inside_of_a_face_is_left_free():
    image = scene()
    assert not changed(image, annotate(image, [face((100, 100, 80, 80))]))[110:170, 110:170].any()


@pytest.mark.parametrize("box", [(0, 0, 80, 80), (320, 0, 80, 80), (0, 220, 80, 80), (320, 220, 80, 80)])
def test_in_a_corner_the_label_stays_inside_the_picture(box: Box):
    drawn = annotate(scene(), [face(box, "surprise")])
    filled = (drawn == color_of("surprise")[::-1]).all(axis=2)
    rows = np.flatnonzero(filled.sum(axis=1) > 60)  # the label is one solid block, wider than the bar
    assert len(rows) > 8


@pytest.mark.parametrize("side", [1, 2, 8, 20, 48, 96])
def test_small_pictures_can_be_drawn_on(side: int):
    image = scene(side, side)
    assert annotate(image, [face((0, 0, side, side))]).shape == (side, side, 3)


def test_a_long_label_on_a_small_picture_is_left_out_rather_than_cut():
    image = scene(40, 40)
    drawn = annotate(image, [face((5, 5, 30, 30), "a very long name indeed", ("a very long name indeed", "b"))])
    assert not changed(image, drawn)[12:28, 12:28].any()


def test_in_a_crowd_no_bars_are_drawn():
    places: list[Box] = [(40 + 120 * column, 60 + 120 * row, 50, 50) for column in range(5) for row in range(2)]
    image = scene(400, 800)
    few, many = annotate(image, [face(places[0])]), annotate(image, [face(place) for place in places])
    assert has_color(few, "surprise")
    assert not has_color(many, "surprise")
    assert has_color(many, "happy")


def test_bars_do_not_cover_another_face():
    left, right = face((60, 100, 90, 90)), face((165, 100, 90, 90))
    image = scene()
    assert not changed(image, annotate(image, [left, right]))[110:180, 175:245].any()


def test_uncertain_looks_different_from_certain():
    image, box = scene(), (100, 100, 80, 80)
    sure, unsure = annotate(image, [face(box)]), annotate(image, [face(box, uncertain=True)])
    assert (sure != unsure).any()


def test_a_track_shows_its_number():
    still = face((100, 100, 80, 80))
    pictures = [annotate(scene(), [replace(still, track=track)]) for track in (None, 1, 2)]
    assert len({picture.tobytes() for picture in pictures}) == 3


def test_more_classes_than_fit_show_the_most_probable():
    labels = tuple(f"class {number}" for number in range(40))
    assert annotate(scene(), [face((100, 100, 80, 80), "class 33", labels)]).shape == (300, 400, 3)


def test_a_label_in_other_letters_can_be_drawn():
    assert annotate(scene(), [face((100, 100, 80, 80), "étonné", ("étonné", "笑"))]).shape == (300, 400, 3)


def test_a_note_stands_in_the_corner_and_no_label_covers_it():
    image, crowded = scene(), face((0, 8, 60, 60))
    noted = annotate(image, [], note="paused")
    assert changed(image, noted)[:15, :40].any()
    assert not changed(image, noted)[40:].any()
    with_face = annotate(image, [crowded], note="paused")
    assert not (with_face[:6, :40] == color_of("happy")[::-1]).all(axis=2).any()


def test_a_note_that_does_not_fit_is_left_out():
    image = scene(20, 20)
    np.testing.assert_array_equal(annotate(image, [], note="a long note"), image)
