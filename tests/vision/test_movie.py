"""Written videos: every frame at its time, the sound untouched, and what happens where PyAV is missing."""

import sys
from pathlib import Path

import av
import numpy as np
import pytest

from mien.errors import OutputError, PictureError, install_command
from mien.vision import movie as module
from mien.vision.media import read_video
from mien.vision.movie import open_movie
from tests.vision.filming import film, film_with_sound, pan


def rewrite(origin: Path, target: Path, stop: int | None = None) -> list[str]:
    """Write a video again, frame by frame, up to one; return what was told."""
    told: list[str] = []
    movie = open_movie(target, origin, told.append)
    for frame in read_video(origin):
        if frame.index == stop:
            break
        movie.write(frame.image, frame.time)
    movie.finish()
    return told


def packets(path: Path, kind: str) -> list[tuple[bytes, float]]:
    with av.open(str(path)) as file:
        (stream,) = getattr(file.streams, kind)
        return [
            (bytes(packet), float(packet.pts * packet.time_base))
            for packet in file.demux(stream)
            if packet.pts is not None
        ]


def test_a_movie_without_pictures_can_be_finished(tmp_path: Path):
    open_movie(tmp_path / "out.mp4", film(tmp_path / "clip.mp4"), print).finish()


def test_h264_has_every_frame_at_its_time(tmp_path: Path):
    assert rewrite(film(tmp_path / "clip.mp4", count=30), tmp_path / "out.mp4") == []
    with av.open(str(tmp_path / "out.mp4")) as file:
        (stream,) = file.streams.video
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert stream.frames == 30
        assert float(stream.duration * stream.time_base) == pytest.approx(30 / 25)
    times = [frame.time for frame in read_video(tmp_path / "out.mp4")]
    assert times == pytest.approx([number / 25 for number in range(30)], abs=0.001)


@pytest.mark.parametrize("count", [1, 2, 24, 25, 26, 50, 51, 76])
def test_no_frame_is_lost_where_a_fragment_ends(tmp_path: Path, count: int):
    rewrite(film(tmp_path / "clip.mp4", count=80), tmp_path / "out.mp4", stop=count)
    assert len(list(read_video(tmp_path / "out.mp4"))) == count


def test_a_movie_that_is_never_finished_plays(tmp_path: Path):
    movie = open_movie(tmp_path / "out.mp4", film(tmp_path / "clip.mp4"), print)
    for number, picture in enumerate(pan(200)):
        movie.write(picture, number / 25)
    assert 100 < len(list(read_video(tmp_path / "out.mp4", print))) < 200
    movie.finish()
    assert len(list(read_video(tmp_path / "out.mp4"))) == 200
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "out.mp4"]


def test_colours_come_back(tmp_path: Path):
    origin = film(tmp_path / "clip.mp4", count=3)
    rewrite(origin, tmp_path / "out.mp4")
    for before, after in zip(read_video(origin), read_video(tmp_path / "out.mp4"), strict=True):
        assert np.abs(before.image.astype(int) - after.image).mean() < 4


def test_the_sound_is_copied_without_decoding(tmp_path: Path):
    origin = film_with_sound(tmp_path / "clip.mp4", count=50)
    assert rewrite(origin, tmp_path / "out.mp4") == []
    assert packets(tmp_path / "out.mp4", "audio") == packets(origin, "audio")


def test_an_interrupted_movie_has_the_sound_until_there(tmp_path: Path):
    origin = film_with_sound(tmp_path / "clip.mp4", count=50)
    rewrite(origin, tmp_path / "out.mp4", stop=25)
    _, times = zip(*packets(tmp_path / "out.mp4", "audio"), strict=True)
    assert times[-1] == pytest.approx(1.0, abs=0.06)


def test_sound_that_does_not_fit_is_left_out_and_told(tmp_path: Path):
    (line,) = rewrite(film_with_sound(tmp_path / "clip.mkv", sound="pcm_s16le"), tmp_path / "out.mp4")
    assert line.endswith("clip.mkv: its sound (pcm_s16le) does not fit into mp4 and is left out")
    with av.open(str(tmp_path / "out.mp4")) as file:
        assert len(file.streams.audio) == 0


@pytest.mark.parametrize("plain", [False, True])
def test_odd_sizes_become_even(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: bool):
    monkeypatch.setattr(module, "_has_h264", lambda: not plain)
    movie = open_movie(tmp_path / "out.mp4", film(tmp_path / "clip.mp4"), lambda line: None)
    for number, picture in enumerate(pan(3, 201, 151)):
        movie.write(picture, number / 25)
    movie.finish()
    assert next(read_video(tmp_path / "out.mp4")).image.shape == (152, 202, 3)


def test_a_change_of_size_is_fitted(tmp_path: Path):
    movie = open_movie(tmp_path / "out.mp4", film(tmp_path / "clip.mp4"), print)
    movie.write(next(pan(1, 200, 150)), 0.0)
    movie.write(next(pan(1, 300, 220)), 0.04)
    movie.finish()
    assert [frame.image.shape for frame in read_video(tmp_path / "out.mp4")] == [(150, 200, 3)] * 2


def test_frames_at_one_time_all_stay(tmp_path: Path):
    movie = open_movie(tmp_path / "out.mp4", film(tmp_path / "clip.mp4"), print)
    for picture in pan(5):
        movie.write(picture, 0.0)
    movie.finish()
    assert len(list(read_video(tmp_path / "out.mp4", print))) == 5


def test_without_pyav_it_is_plain_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert rewrite(film(tmp_path / "clip.mp4", count=8), tmp_path / "out.mp4") == [
        "annotated videos are plain MPEG-4 without sound, which browsers do not play; for H.264 with the sound kept: "
        + install_command("video")
    ]
    assert len(list(read_video(tmp_path / "out.mp4"))) == 8


def test_an_origin_that_is_no_video_is_named(tmp_path: Path):
    with pytest.raises(PictureError, match=r"gone\.mp4: cannot be read"):
        open_movie(tmp_path / "out.mp4", tmp_path / "gone.mp4", print)


@pytest.mark.parametrize("plain", [False, True])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: bool):
    monkeypatch.setattr(module, "_has_h264", lambda: not plain)
    with pytest.raises(OutputError, match=r"none: the video cannot be written there \(.*--out"):
        movie = open_movie(tmp_path / "none" / "out.mp4", film(tmp_path / "clip.mp4"), lambda line: None)
        movie.write(next(pan(1)), 0.0)
        movie.finish()


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not UTF-8 are Linux's")
@pytest.mark.parametrize("plain", [False, True])
def test_a_name_that_is_not_utf_8_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: bool):
    monkeypatch.setattr(module, "_has_h264", lambda: not plain)
    origin = film_with_sound(tmp_path / "clip.mp4", count=5).rename(tmp_path / "\udce9.mp4")
    rewrite(origin, tmp_path / "\udce9-out.mp4")
    assert len(list(read_video(tmp_path / "\udce9-out.mp4"))) == 5
