"""Sources in, frames out."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from mien.errors import PictureError
from mien.vision.media import read_frames
from mien.vision.sources import Source, expand


def picture(path: Path) -> Source:
    cv2.imwrite(str(path), np.full((4, 6, 3), 7, np.uint8))
    return Source(path, Path(path.name))


def test_no_source_gives_no_frame():
    assert list(read_frames([])) == []


def test_a_picture_is_one_frame_without_faces(tmp_path: Path):
    source = picture(tmp_path / "a.png")
    (frame,) = read_frames([source])
    assert (frame.source, frame.index, frame.time, frame.faces) == (str(source.path), 0, 0.0, ())
    assert frame.image.shape == (4, 6, 3)


def test_a_bad_picture_stops_the_reading_where_nobody_listens(tmp_path: Path):
    with pytest.raises(PictureError, match=r"gone\.png: cannot be read"):
        list(read_frames(expand([tmp_path / "gone.png"])))


def test_a_bad_picture_is_told_and_the_others_go_on(tmp_path: Path):
    sources = [
        picture(tmp_path / "a.png"),
        Source(tmp_path / "gone.png", Path("gone.png")),
        picture(tmp_path / "b.png"),
    ]
    told: list[str] = []
    frames = list(read_frames(sources, lambda source, error: told.append(f"{source.name} {error}")))
    assert [Path(frame.source).name for frame in frames] == ["a.png", "b.png"]
    assert len(told) == 1
    assert told[0].startswith("gone.png ")


def test_pictures_are_read_one_at_a_time(tmp_path: Path):
    frames = read_frames([picture(tmp_path / "a.png"), Source(tmp_path / "gone.png", Path("gone.png"))])
    assert next(frames).source.endswith("a.png")
