"""Plain videos: their speed, and what becomes of them on a full disk."""

from pathlib import Path

import numpy as np
import pytest

from mien.errors import OutputError
from mien.vision.media import read_video
from mien.vision.mpeg4 import PlainMovie
from tests.vision.filming import pan
from tests.vision.limits import files_at_most


def times(path: Path) -> list[float]:
    return [frame.time for frame in read_video(path)]


def test_a_movie_without_pictures_can_be_finished(tmp_path: Path):
    PlainMovie(tmp_path / "out.mp4", 25.0).finish()
    assert not (tmp_path / "out.mp4").exists()


def test_pictures_that_are_rare_are_repeated_until_the_next(tmp_path: Path):
    movie = PlainMovie(tmp_path / "out.mp4", 25.0)
    for number, shade in enumerate((0, 128, 255)):
        movie.write(np.full((48, 64, 3), shade, np.uint8), 60 + number / 5)  # every fifth, from a minute on
    movie.finish()
    shades = [round(float(frame.image.mean()) / 128) for frame in read_video(tmp_path / "out.mp4")]
    assert shades == [0] * 5 + [1] * 5 + [2]


def test_pictures_at_one_time_and_after_a_broken_time_all_stay(tmp_path: Path):
    movie = PlainMovie(tmp_path / "out.mp4", 25.0)
    for picture, time in zip(pan(4), (0.0, 0.0, 1e9, 1e9 + 0.04), strict=True):
        movie.write(picture, time)
    movie.finish()
    assert times(tmp_path / "out.mp4") == pytest.approx([0, 0.04, 0.08, 0.12])


def test_a_full_disk_is_told(tmp_path: Path):
    movie = PlainMovie(tmp_path / "out.mp4", 25.0)
    with files_at_most(100_000):
        for number, picture in enumerate(pan(100)):
            movie.write(picture, number / 25)
        with pytest.raises(
            OutputError, match=r"cannot be written there \(it is cut short, as on a full disk\); give an"
        ):
            movie.finish()
