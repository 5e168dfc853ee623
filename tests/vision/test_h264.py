"""What H.264 videos leave where there is no room, and rates out of the common; ``test_movie`` has the rest."""

import errno
from fractions import Fraction
from pathlib import Path

import pytest

from mien.errors import OutputError
from mien.vision import h264 as module
from mien.vision.h264 import H264Movie
from mien.vision.media import read_video
from tests.vision.filming import film_with_sound, opened, pan
from tests.vision.limits import files_at_most


def test_where_there_is_no_room_for_a_copy_the_fragments_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "_make_plain", full)
    movie = H264Movie(tmp_path / "out.mp4", film_with_sound(tmp_path / "clip.mp4"), 25.0, print)
    for number, picture in enumerate(pan(30)):
        movie.write(picture, number / 25)
    movie.finish()
    assert len(list(read_video(tmp_path / "out.mp4"))) == 30


def test_a_full_disk_is_told_and_what_was_written_plays(tmp_path: Path):
    movie = H264Movie(tmp_path / "out.mp4", None, 25.0, print)
    with pytest.raises(OutputError, match="cannot be written there"), files_at_most(40_000):
        for number, picture in enumerate(pan(400)):
            movie.write(picture, number / 25)
        movie.finish()
    movie.close()
    assert len(list(read_video(tmp_path / "out.mp4", print))) > 20


def test_a_rate_of_a_frame_an_hour_is_written(tmp_path: Path):
    movie = H264Movie(tmp_path / "out.mp4", None, 1 / 3600, print)
    for number, picture in enumerate(pan(3)):
        movie.write(picture, number * 3600)
    movie.finish()
    assert [frame.time for frame in read_video(tmp_path / "out.mp4")] == pytest.approx([0, 3600, 7200], abs=1)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files cannot be listed here")
@pytest.mark.parametrize("finished", [True, False])
def test_a_movie_that_cannot_be_encoded_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finished: bool
):
    def full(*_: object) -> None:
        raise OutputError("no room")

    movie = H264Movie(tmp_path / "out.mp4", film_with_sound(tmp_path / "clip.mp4"), 25.0, print)
    for number, picture in enumerate(pan(80)):  # more than the encoder holds back
        movie.write(picture, number / 25)
    monkeypatch.setattr(movie, "_encode", full)
    movie.write(next(pan(1)), 80 / 25)
    assert opened(tmp_path) == ["clip.mp4", "out.mp4"]
    if finished:
        with pytest.raises(OutputError, match="no room"):
            movie.finish()
    else:
        movie.close()
    assert opened(tmp_path) == []
    assert not any(thread.is_alive() for thread in movie._worker._threads)
    movie.finish()  # once more does no harm


def test_the_rate_is_a_fraction_as_films_have_it():
    assert Fraction(23.976023976023978).limit_denominator(1001) == Fraction(24_000, 1001)
