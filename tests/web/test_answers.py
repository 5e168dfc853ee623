"""The work on one picture."""

import pytest

from mien.pictures import read_picture
from mien.results import Face
from mien.web.answers import drawn_faces, public_name, told_expression, told_faces, told_model
from mien.web.engine import Engine
from mien.web.refusals import Refusal
from mien.web.upload import Upload
from tests.web.conftest import picture


def test_a_picture_without_a_face_has_an_empty_list(engine: Engine):
    told = told_faces(engine.detector(), Upload("wall.png", picture()), 5)
    assert told == {"file": "wall.png", "width": 40, "height": 30, "faces": [], "faces_left_out": 0}


def test_faces_are_those_of_the_detector_and_no_more_than_allowed(engine: Engine, astronaut: bytes):
    detector = engine.detector()
    told = told_faces(detector, Upload("a.jpg", astronaut), 5)
    assert [Face.from_dict(face) for face in told["faces"]] == detector(astronaut) != []
    less = told_faces(detector, Upload("a.jpg", astronaut), 0)
    assert (less["faces"], less["faces_left_out"]) == ([], 1)


def test_the_annotated_picture_has_the_pictures_size(engine: Engine, astronaut: bytes):
    drawn = read_picture(drawn_faces(engine.detector(), Upload("a.jpg", astronaut), 5))
    assert drawn.shape == (512, 512, 3)
    assert (drawn != read_picture(astronaut)).any()


def test_a_crop_has_the_expression_that_the_classifier_tells(engine: Engine, astronaut: bytes):
    told = told_expression(engine.detector(), Upload("a.jpg", astronaut))
    row = engine.classify([read_picture(astronaut)])[0]
    assert told["file"] == "a.jpg"
    assert list(told["probabilities"].values()) == pytest.approx(row.tolist())
    assert told["confidence"] == pytest.approx(max(row))
    assert told["uncertain"] == bool(max(row) < 0.4)


def test_a_broken_picture_is_refused_by_name(engine: Engine, astronaut: bytes):
    with pytest.raises(Refusal, match=r"^a\.png: a picture that is cut off or broken") as told:
        told_faces(engine.detector(), Upload("a.png", picture()[:-20]), 5)
    assert told.value.status == 422


def test_a_model_is_named_without_the_folders_of_this_machine(engine: Engine):
    assert public_name("/home/me/runs/one/model.onnx") == "one/model.onnx"
    assert public_name("bundled (mien.onnx)") == "bundled (mien.onnx)"
    assert told_model(engine.classify)["labels"] == list(engine.classify.labels)
