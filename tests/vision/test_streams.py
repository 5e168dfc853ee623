"""Streams that break off, numbered pictures, and that every kind of source is read through one door."""

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from mien.errors import PictureError
from mien.vision import streams
from mien.vision.media import Section
from mien.vision.streams import read_source, read_stream
from tests.vision.door import door
from tests.vision.filming import FakeCamera, cut, film, pan, remuxed
from tests.vision.rtsp import rtsp_door


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_FIRST_WAIT", 0.01)
    monkeypatch.setattr(streams, "GIVE_UP", 0.3)


def test_a_stream_that_breaks_off_is_opened_again_and_goes_on():
    told: list[str] = []
    with door(pictures=20) as address:
        frames = list(islice(read_stream(f"{address}/mjpeg", told.append), 50))
    assert [frame.index for frame in frames] == list(range(50))
    times = [frame.time for frame in frames]
    assert times == sorted(times)
    assert told[0] == f"{address}/mjpeg: broke off; trying again"
    assert frames[0].image.shape == (240, 320, 3)


def test_rtsp_is_read_and_opened_again():
    told: list[str] = []
    with rtsp_door(pictures=15) as address:
        frames = list(islice(read_stream(address, told.append), 22))
    assert [frame.index for frame in frames] == list(range(22))
    assert told == [f"{address}: broke off; trying again"]
    shown = [
        np.abs(frame.image.astype(float) - picture).mean() for frame, picture in zip(frames, pan(15), strict=False)
    ]
    assert max(shown) < 8  # of 255: the pictures that were sent, compressed


def test_where_nobody_listens_a_lost_stream_is_a_warning():
    with door(pictures=5) as address, pytest.warns(UserWarning, match="broke off; trying again"):
        list(islice(read_stream(f"{address}/mjpeg"), 12))


def test_a_stream_that_stays_away_is_a_clear_error():
    with door(pictures=5, most_visits=1) as address:
        frames = read_stream(f"{address}/mjpeg", lambda line: None)
        with pytest.raises(PictureError, match=r"/mjpeg: gave nothing for 0 s; check that it is being sent"):
            list(frames)


def test_a_stream_that_is_not_there_is_a_clear_error_without_the_password():
    with pytest.raises(PictureError, match=r"^http://127\.0\.0\.1:9/mjpeg: no video comes from there; check the addr"):
        next(read_stream("http://me:secret@127.0.0.1:9/mjpeg"))


def test_a_file_on_a_server_ends_where_it_ends(tmp_path: Path):
    with door(file=film(tmp_path / "clip.mp4", count=12).read_bytes()) as address:
        frames = list(read_source(f"{address}/clip.mp4"))
    assert [frame.index for frame in frames] == list(range(12))
    assert frames[3].time == pytest.approx(0.12)


def test_a_file_on_a_server_that_does_not_tell_its_length_is_read_once(tmp_path: Path):
    data = remuxed(film(tmp_path / "clip.mp4", count=12), tmp_path / "clip.mkv", live="1").read_bytes()
    with door(file=data) as address:
        frames = list(islice(read_stream(f"{address}/clip.mp4"), 30))
    assert [frame.index for frame in frames] == list(range(12))
    assert frames[3].time == pytest.approx(0.12, abs=0.001)


def test_a_file_on_a_server_that_is_cut_off_is_told(tmp_path: Path):
    told: list[str] = []
    with door(file=cut(film(tmp_path / "clip.mp4", count=60)).read_bytes()) as address:
        assert 10 < len(list(read_source(f"{address}/clip.mp4", tell=told.append))) < 50
    assert "of 2.4 s, as if cut off" in told[0]


def sequence(folder: Path, *numbers: int) -> Path:
    for number in numbers:
        cv2.imwrite(str(folder / f"shot-{number:03d}.png"), np.full((4, 6, 3), number % 256, np.uint8))
    return folder / "shot-%03d.png"


def test_numbered_pictures_are_a_video(tmp_path: Path):
    pattern = sequence(tmp_path, 7, 8, 10, 1000)
    (tmp_path / "shot-x.png").touch()
    frames = list(read_source(pattern))
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [7, 8, 10, 1000 % 256]
    assert [frame.time for frame in frames] == pytest.approx([0.0, 0.04, 0.08, 0.12])
    assert {frame.source for frame in frames} == {str(pattern)}


def test_a_bad_picture_of_a_sequence_is_told_and_left_out(tmp_path: Path):
    pattern, told = sequence(tmp_path, 1, 2, 3), []
    (tmp_path / "shot-002.png").write_bytes(b"")
    assert [frame.index for frame in read_source(pattern, tell=told.append)] == [0, 2]
    assert told[0].startswith(f"left out: {tmp_path / 'shot-002.png'}: is empty")


def test_a_sequence_of_bad_pictures_alone_is_a_clear_error(tmp_path: Path):
    (tmp_path / "shot-001.png").touch()
    told: list[str] = []
    with pytest.raises(PictureError, match=r"shot-%03d\.png: not one of its 1 pictures can be read"):
        list(read_source(tmp_path / "shot-%03d.png", tell=told.append))
    assert len(told) == 1


def test_a_sequence_without_pictures_is_a_clear_error(tmp_path: Path):
    with pytest.raises(PictureError, match=r"%03d\.png: no picture has such a name; %04d stands for"):
        list(read_source(sequence(tmp_path)))


def test_a_section_holds_for_what_is_no_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pattern = sequence(tmp_path, *range(20))
    frames = read_source(pattern, Section(start=0.1, end=0.5, stride=4))
    assert [frame.index for frame in frames] == [4, 8, 12]
    camera = FakeCamera().plug(monkeypatch)
    assert [frame.index for frame in islice(read_source("0", Section(stride=3)), 3)] == [0, 3, 6]
    assert camera.released == 1
