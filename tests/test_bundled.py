"""The model that travels with the package: there, offline, and right on a plain case."""

from importlib.resources import files

import numpy as np

import mien
from mien.labels import LABELS


def test_the_bundled_model_reads_the_standard_expressions():
    classify = mien.Classifier()
    assert classify.labels == LABELS
    assert classify([]).shape == (0, 7)


def test_the_bundled_model_says_where_it_comes_from():
    metadata = mien.Classifier().metadata
    assert metadata.recipe
    assert metadata.data
    assert metadata.licence
    assert 0 < metadata.uncertain_below < 1
    assert metadata.figures


def test_the_bundled_model_is_small_enough_for_a_wheel():
    assert len((files("mien.model") / "bundled" / "mien.onnx").read_bytes()) <= 8_000_000


def test_the_astronaut_is_happy():
    (face,) = mien.Detector()((files("mien.data") / "samples" / "astronaut.jpg").read_bytes())
    assert face.label == "happy"


def test_a_picture_without_a_face_stays_empty():
    assert mien.Detector()(np.full((200, 300, 3), 90, np.uint8)) == []
