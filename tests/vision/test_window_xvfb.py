"""``mien webcam`` and ``mien detect --show`` for real: a screen, a window, keys; a video stands for the camera."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from mien.pictures import read_picture
from tests.vision.filming import film
from tests.vision.screen import Screen, screen

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def display() -> Iterator[Screen]:
    with screen() as opened:
        yield opened


@pytest.fixture
def webcam(display: Screen, model: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """``mien webcam`` on a video of 60 seconds."""
    clip = film(tmp_path / "clip.mp4", count=1500)
    words = ["webcam", "--camera", clip, "--model", model, "--out", tmp_path / "out"]
    command = [sys.executable, "-m", "mien", *map(str, words)]
    with subprocess.Popen(command, env=display.environment, stderr=subprocess.PIPE, text=True) as running:
        yield running
        running.kill()


def saved(folder: Path) -> list[Path]:
    deadline = monotonic() + 30
    while not (found := list(folder.glob("mien-*.png"))) and monotonic() < deadline:
        sleep(0.1)
    return found


def test_keys_pause_mirror_save_and_quit(display: Screen, webcam: subprocess.Popen[str], tmp_path: Path):
    window = display.window()
    for key in ("space", "m", "s"):
        display.press(window, key)
    (picture,) = saved(tmp_path / "out")
    assert display.title(window) == "mien"
    display.press(window, "q")
    _, told = webcam.communicate(timeout=30)
    assert webcam.returncode == 0
    assert told.splitlines() == [
        "q or Esc quits, space pauses, s saves the picture, m mirrors",
        f"wrote {picture}",
    ]
    assert read_picture(picture).shape == (240, 320, 3)


def test_closing_the_window_quits(display: Screen, webcam: subprocess.Popen[str]):
    display.close(display.window())
    webcam.communicate(timeout=30)
    assert webcam.returncode == 0


def test_detect_shows_what_it_reads_and_q_ends_it(display: Screen, model: Path, tmp_path: Path):
    clip = film(tmp_path / "clip.mp4", count=1500)  # 60 seconds
    words = ["detect", clip, "--model", model, "--show", "--save", "csv", "--out", tmp_path / "out"]
    command = [sys.executable, "-m", "mien", *map(str, words)]
    with subprocess.Popen(command, env=display.environment, stdout=subprocess.PIPE, text=True) as running:
        window = display.window()
        assert display.title(window) == "mien"
        display.press(window, "q")
        told, _ = running.communicate(timeout=30)
    assert running.returncode == 0
    assert "clip.mp4" in told
    assert (tmp_path / "out" / "faces.csv").read_text().startswith("source,")
    assert not json.loads((tmp_path / "out" / "detect.json").read_text())["faces.csv"]["finished"]
