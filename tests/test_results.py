"""Faces and frames: what they say of themselves, and the way to plain values and back."""

import json
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from mien.results import Face, Frame, row_columns

FACE = Face((1, 2, 30, 40), {"happy": 0.7, "sad": 0.3}, uncertain=False)


def test_a_frame_has_no_faces_at_first():
    assert Frame("a.jpg", 0, 0.0, np.zeros((2, 2, 3), np.uint8)).faces == ()


def test_the_label_is_the_most_probable_class():
    assert (FACE.label, FACE.confidence) == ("happy", 0.7)


def test_an_uncertain_face_still_has_its_best_label():
    assert Face((0, 0, 1, 1), {"happy": 0.4, "sad": 0.6}, uncertain=True).label == "sad"


def test_of_two_equal_classes_the_first_is_the_label():
    assert Face((0, 0, 1, 1), {"sad": 0.5, "happy": 0.5}, uncertain=True).label == "sad"


def test_a_face_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        FACE.uncertain = True  # type: ignore[misc]


@pytest.mark.parametrize(
    "face", [FACE, Face((0, 0, 5, 5), {"a": 1.0}, uncertain=True, track=7, raw_probabilities={"a": 1.0})]
)
def test_a_face_survives_json(face: Face):
    assert Face.from_dict(json.loads(json.dumps(face.to_dict()))) == face


def test_plain_values_name_label_and_confidence():
    values = FACE.to_dict()
    assert (values["label"], values["confidence"], values["box"]) == ("happy", 0.7, [1, 2, 30, 40])
    assert values["track"] is None


def test_a_frame_as_plain_values_has_no_picture():
    frame = Frame("a.jpg", 2, 0.08, np.zeros((48, 64, 3), np.uint8), (FACE,))
    assert json.loads(json.dumps(frame.to_dict())) == {
        "source": "a.jpg",
        "index": 2,
        "time": 0.08,
        "width": 64,
        "height": 48,
        "faces": [FACE.to_dict()],
    }


def test_a_frame_has_a_flat_row_a_face_with_the_columns_that_are_told():
    frame = Frame("a.jpg", 2, 0.08, np.zeros((48, 64, 3), np.uint8), (FACE, FACE))
    first, second = frame.rows()
    assert list(first) == row_columns(("happy", "sad"))
    assert (first["face"], second["face"], first["height"], first["sad"], first["raw_sad"]) == (0, 1, 40, 0.3, None)
    assert Frame("a.jpg", 0, 0.0, frame.image).rows() == []


def test_classes_that_are_called_like_columns_overwrite_none():
    labels = ("x", "p_x", "label", "happy", "raw_happy", "error", "p_error")
    chances = {label: number / 21 for number, label in enumerate(labels, start=0)}
    face = Face((1, 2, 3, 4), chances, uncertain=False, raw_probabilities=dict.fromkeys(labels, 0.5))
    (row,) = Frame("a.jpg", 0, 0.0, np.zeros((4, 4, 3), np.uint8), (face,)).rows()
    own = ["p_p_x", "p_x", "p_label", "happy", "p_raw_happy", "p_p_error", "p_error"]
    assert list(row) == row_columns(labels) == [*row_columns(())[:12], *own, *(f"raw_{label}" for label in labels)]
    assert len(set(row)) == len(row_columns(labels))
    assert (row["x"], row["label"], row["raw_happy"]) == (1, "p_error", 0.5)
    assert [row[name] for name in own] == list(chances.values())
