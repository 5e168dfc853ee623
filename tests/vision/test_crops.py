"""Crops: one file a face, named by frame, face and label."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.errors import OutputError
from mien.model.preprocess import crop_face
from mien.pictures import read_picture
from mien.results import Face, Frame
from mien.vision.crops import CropSink
from mien.vision.sources import Source

IMAGE = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
STILL = Face((10, 10, 20, 20), {"happy": 1.0}, uncertain=False)
MOVING = Face((30, 10, 20, 20), {"very/sad": 1.0}, uncertain=False, track=4)
SOURCES = [Source(Path(name), Path(name)) for name in ("a.jpg", "trip/clip.mp4")]


def test_each_face_is_a_file(tmp_path: Path):
    with CropSink(tmp_path, SOURCES, lambda image, box: crop_face(image, box, 0.1)) as sink:
        sink.write(Frame("a.jpg", 0, 0.0, IMAGE, (STILL, STILL)))
        sink.write(Frame("trip/clip.mp4", 12, 0.5, IMAGE, (MOVING,)))
        sink.write(Frame("trip/clip.mp4", 13, 0.6, IMAGE))
    written = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.jpg"))
    assert written == [
        "a/000000-0-happy.jpg",
        "a/000000-1-happy.jpg",
        "trip/clip/000012-4-very-sad.jpg",
    ]
    assert read_picture(tmp_path / written[0]).shape == (24, 24, 3)


def test_crops_of_an_earlier_run_do_not_stay_beside_those_of_the_same_frame(tmp_path: Path):
    for faces, index in (((STILL, STILL), 0), ((STILL,), 1), ((replace(STILL, probabilities={"sad": 1.0}),), 0)):
        with CropSink(tmp_path, SOURCES, lambda image, box: image) as sink:
            sink.write(Frame("a.jpg", index, 0.0, IMAGE, faces))
        (tmp_path / "a" / "mine.jpg").touch()
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
        "000000-0-sad.jpg",
        "000001-0-happy.jpg",
        "mine.jpg",
    ]


def test_a_crop_that_is_a_source_stays(tmp_path: Path):
    crop = tmp_path / "a" / "000000-0-happy.jpg"
    crop.parent.mkdir()
    crop.write_bytes(b"the only copy")
    sources = [*SOURCES, Source(crop, Path(crop.name))]
    with CropSink(tmp_path, sources, lambda image, box: image) as sink:
        sink.write(Frame("a.jpg", 0, 0.0, IMAGE))
        with pytest.raises(OutputError, match="is one of the sources"):
            sink.write(Frame("a.jpg", 0, 0.0, IMAGE, (STILL,)))
    assert crop.read_bytes() == b"the only copy"
