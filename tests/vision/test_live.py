"""Now, not a queue: the newest frame, silence, pause, and the release of what was opened."""

from pathlib import Path
from time import monotonic, sleep

import pytest

from mien.errors import PictureError
from mien.vision import live as module
from mien.vision.capture import open_camera, open_video
from mien.vision.live import Live
from tests.vision.filming import FakeCamera, film


def wait_for_end(live: Live) -> None:
    deadline = monotonic() + 20
    while not live.over and monotonic() < deadline:
        live.newest(0.1)


def test_an_empty_camera_is_told_after_some_seconds(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_FIRST_PATIENCE", 0.1)
    camera = FakeCamera(0).plug(monkeypatch)
    with pytest.raises(PictureError, match="camera 0: opens but gives no picture"), Live(open_camera(0)) as live:
        assert live.newest(0.0) is None
        sleep(0.2)
        live.newest(0.0)
    assert camera.released == 1


def test_a_camera_that_stops_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    camera = FakeCamera(5).plug(monkeypatch)
    with pytest.raises(PictureError, match="camera 0: stopped giving pictures"), Live(open_camera(0)) as live:
        while live.newest(0.3) is not None:
            pass
        sleep(0.2)
        live.newest(0.0)
    assert camera.released == 1


def test_a_slow_reader_gets_the_newest_frame_once(monkeypatch: pytest.MonkeyPatch):
    FakeCamera(50).plug(monkeypatch)
    with Live(open_camera(0)) as live:
        sleep(0.5)
        frame = live.newest(1.0)
        assert frame is not None
        assert frame.index == 49
        assert live.newest(0.0) is None


def test_the_camera_is_released_once_and_not_while_it_is_read(monkeypatch: pytest.MonkeyPatch):
    camera = FakeCamera().plug(monkeypatch)
    with pytest.raises(RuntimeError, match="user code"), Live(open_camera(0)) as live:
        assert live.newest(5.0) is not None
        raise RuntimeError("user code")
    assert camera.released == 1
    assert not camera.closed_at_read


def test_a_file_plays_at_its_own_speed_and_ends(tmp_path: Path):
    began = monotonic()
    with Live(open_video(film(tmp_path / "clip.mp4", count=15)), plays=True) as live:
        seen = []
        while not live.over:
            frame = live.newest(0.1)
            seen += [] if frame is None else [frame.index]
    assert monotonic() - began > 14 / 25
    assert seen == sorted(set(seen))
    assert seen[-1] == 14


def test_a_paused_file_stands_still(tmp_path: Path):
    with Live(open_video(film(tmp_path / "clip.mp4", count=100)), plays=True) as live:
        assert live.newest(5.0) is not None
        live.paused = True
        sleep(0.1)
        before = live.newest(0.0)
        sleep(0.4)
        assert live.newest(0.0) is None
        live.paused = False
        after = live.newest(5.0)
    assert after is not None
    assert after.index <= (before.index if before else 0) + 8


def test_a_driver_that_hangs_does_not_hold_the_program(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_LONGEST_CLOSING", 0.1)
    camera = FakeCamera().plug(monkeypatch)
    monkeypatch.setattr(camera, "grab", lambda: (sleep(1.0), False)[1])
    began = monotonic()
    with Live(open_camera(0)):
        pass
    assert monotonic() - began < 0.9
