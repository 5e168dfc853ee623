"""Opening videos and cameras: what they give, and one clear line when they do not."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from threading import Barrier, Event

import av
import cv2
import numpy as np
import pytest

from mien.errors import PictureError
from mien.vision.capture import open_camera, open_video
from tests.vision.filming import RATE, FakeCamera, cut, film, pan, turn


def test_a_video_tells_its_rate_and_length(tmp_path: Path):
    with open_video(film(tmp_path / "clip.mp4", count=10)) as capture:
        assert (capture.rate, capture.count) == (25.0, 10)


def test_frames_have_numbers_and_times(tmp_path: Path):
    path = film(tmp_path / "clip.mp4", count=4)
    with open_video(path) as capture:
        frames = [capture.read() for _ in range(5)]
    assert frames[4] is None
    assert [frame.index for frame in frames if frame] == [0, 1, 2, 3]
    assert [frame.time for frame in frames if frame] == pytest.approx([0.0, 0.04, 0.08, 0.12])
    assert frames[0] is not None
    assert frames[0].source == str(path)
    assert frames[0].image.shape == (240, 320, 3)
    assert capture.missing is None


def test_frames_can_be_left_out(tmp_path: Path):
    with open_video(film(tmp_path / "clip.mp4", count=3)) as capture:
        assert [capture.grab(), capture.grab()] == pytest.approx([0.0, 0.04])
        frame = capture.picture()
        assert capture.grab() == pytest.approx(0.08)
        assert capture.grab() is None
    assert frame is not None
    assert (frame.index, frame.time) == (1, pytest.approx(0.04))


def test_a_video_of_an_upright_telephone_comes_upright(tmp_path: Path):
    with open_video(turn(film(tmp_path / "clip.mp4", count=2))) as capture:
        frame = capture.read()
    assert frame is not None
    assert frame.image.shape == (320, 240, 3)


def test_a_name_with_a_colon_is_no_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    film(tmp_path / "clip.mp4").rename(tmp_path / "http:clip 笑.mp4")
    monkeypatch.chdir(tmp_path)
    with open_video("http:clip 笑.mp4") as capture:
        assert capture.read() is not None


def test_a_cut_video_tells_what_is_missing(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    with open_video(cut(film(tmp_path / "clip.mp4", count=60))) as capture:
        while capture.read() is not None:
            pass
        assert capture.missing is not None
        end, told = capture.missing
    assert 0.4 < end < 2.0
    assert told == pytest.approx(2.4)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"clip\.mp4: cannot be read \(No such file or directory\); give the path of a video"),
        (b"", r"clip\.mp4: is empty; expected a video \(\.mp4, "),
        (b"no video at all" * 99, r"clip\.mp4: not a video that can be decoded, or cut off; expected one of \.mp4"),
    ],
)
def test_what_is_no_video_is_one_clear_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], content: bytes | None, message: str
):
    if content is not None:
        (tmp_path / "clip.mp4").write_bytes(content)
    with pytest.raises(PictureError, match=message):
        open_video(tmp_path / "clip.mp4")
    assert capfd.readouterr().err == ""


def test_a_missing_camera_is_named_with_the_next_step(capfd: pytest.CaptureFixture[str]):
    with pytest.raises(PictureError, match=r"^camera 97: cannot be opened; .*(a video file|another number)"):
        open_camera(97)
    assert capfd.readouterr().err == ""


def test_cameras_that_are_there_are_listed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(Path, "glob", lambda *_: [Path("/dev/video2"), Path("/dev/video0")])
    FakeCamera(opens=False).plug(monkeypatch)
    with pytest.raises(PictureError, match=r"there are /dev/video0, /dev/video2 \(ls /dev/video\*\)"):
        open_camera(1)


def test_elsewhere_another_number_is_advised(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.platform", "darwin")
    camera = FakeCamera(opens=False).plug(monkeypatch)
    with pytest.raises(PictureError, match=r"allow this program to use it, .* or try --camera 1"):
        open_camera(0)
    assert camera.released == 1


def test_a_camera_tells_time_by_the_clock(monkeypatch: pytest.MonkeyPatch):
    FakeCamera(2).plug(monkeypatch)
    with open_camera(3) as capture:
        first, second = capture.read(), capture.read()
    assert first is not None
    assert second is not None
    assert first.source == "camera 3"
    assert 0 <= first.time <= second.time < 5
    assert (second.index, capture.count, capture.frames_read) == (1, 0, 2)


def test_a_frame_of_a_file_that_is_no_picture_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with open_video(film(tmp_path / "clip.mp4", count=4)) as capture:
        picture = capture.picture
        monkeypatch.setattr(capture, "picture", lambda: None if capture.frames_read == 2 else picture())
        assert [frame.index for frame in iter(capture.read, None)] == [0, 2, 3]


def test_an_error_inside_opencv_is_no_picture(monkeypatch: pytest.MonkeyPatch):
    camera = FakeCamera().plug(monkeypatch)
    with open_camera(0) as capture:

        def fail() -> None:
            raise cv2.error("driver")

        monkeypatch.setattr(camera, "retrieve", fail)
        assert capture.read() is None
        monkeypatch.setattr(camera, "grab", fail)
        assert capture.read() is None
    assert camera.released == 1


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not UTF-8 are Linux's")
def test_a_name_that_is_not_utf_8_is_opened(tmp_path: Path):
    path = film(tmp_path / "clip.mp4", count=2).rename(tmp_path / os.fsdecode(b"caf\xe9.mp4"))
    with open_video(path) as capture:
        frames = [capture.read() for _ in range(3)]
    assert [frame.source for frame in frames if frame] == [str(path)] * 2


def test_two_threads_that_open_leave_opencvs_log_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = film(tmp_path / "clip.mp4", count=1)
    before = cv2.utils.logging.getLogLevel()
    inside = Barrier(2)
    first_is_out = Event()

    def opens(*_: object) -> FakeCamera:
        if inside.wait(20):
            first_is_out.wait(20)
        return FakeCamera()

    monkeypatch.setattr(cv2, "VideoCapture", opens)
    with ThreadPoolExecutor(2) as pool:
        for done in as_completed([pool.submit(open_video, path) for _ in range(2)]):
            done.result()
            first_is_out.set()
    assert cv2.utils.logging.getLogLevel() == before


def with_more_sound(path: Path) -> Path:
    """Write a video of 2 seconds of pictures and 5 of sound."""
    with av.open(str(path), "w") as file:
        video, audio = file.add_stream("mpeg4", rate=RATE), file.add_stream("mp3", rate=48_000, layout="mono")
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        for picture in pan(2 * RATE):
            file.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        file.mux(video.encode(None))
        for start in range(0, 5 * 48_000, 1152):
            block = av.AudioFrame.from_ndarray(np.zeros((1, 1152), np.int16), format="s16p", layout="mono")
            block.sample_rate, block.pts = 48_000, start
            file.mux(audio.encode(block))
        file.mux(audio.encode(None))
    return path


@pytest.mark.parametrize("name", ["clip.mkv", "clip.mp4"])
def test_nothing_is_missing_where_the_sound_is_longer(tmp_path: Path, name: str):
    with open_video(with_more_sound(tmp_path / name)) as capture:
        while capture.read() is not None:
            pass
    assert capture.frames_read == 2 * RATE
    assert capture.missing is None


def test_frames_are_counted_at_the_rate_that_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = film(tmp_path / "clip.mp4")
    camera = FakeCamera().plug(monkeypatch)  # a browser's WebM: a clock of milliseconds passes for the rate
    claims = {cv2.CAP_PROP_FPS: 1000.0, cv2.CAP_PROP_FRAME_COUNT: 4000.0}
    monkeypatch.setattr(camera, "get", lambda what: claims.get(what, 0.0))
    with open_video(path) as capture:
        assert (capture.rate, capture.count) == (25.0, 100)
