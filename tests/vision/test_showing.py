"""What --show does between frames and keys; a real window: test_window_xvfb.py."""

from collections.abc import Generator

import numpy as np
import pytest

from mien.results import Face, Frame
from mien.vision import showing
from mien.vision.showing import shown

FACE = Face((10, 20, 30, 40), {"happy": 0.75, "sad": 0.25}, uncertain=False)
MOVING = {"clip.mp4"}


class ScriptedWindow:
    """Presses keys turn by turn, keeps what is shown."""

    def __init__(self, *turns: str) -> None:
        self.turns, self.pictures, self.open = list(turns), [], False

    def __call__(self, title: str) -> "ScriptedWindow":
        return self

    def __enter__(self) -> "ScriptedWindow":
        self.open = True
        return self

    def __exit__(self, *of_error: object) -> None:
        self.open = False

    def pressed(self) -> list[str]:
        return self.turns.pop(0).split() if self.turns else []

    def show(self, image: np.ndarray) -> None:
        self.pictures.append(image)


class Clock:
    """A time that only sleeping moves on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(showing, "monotonic", lambda: self.now)
        monkeypatch.setattr(showing, "sleep", self.pass_by)

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def frames(source: str, count: int, closed: list[str]) -> Generator[Frame]:
    try:
        for index in range(count):
            yield Frame(source, index, index / 10, np.zeros((120, 160, 3), np.uint8), (FACE,))
    finally:
        closed.append(source)


def opened(monkeypatch: pytest.MonkeyPatch, *turns: str) -> ScriptedWindow:
    window = ScriptedWindow(*turns)
    monkeypatch.setattr(showing, "Window", window)
    return window


def test_a_video_plays_at_its_own_speed_with_its_faces(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    window, closed = opened(monkeypatch), []
    times = [clock.now - 100 for _ in shown(frames("clip.mp4", 4, closed), MOVING)]
    assert times == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert (closed, window.open) == (["clip.mp4"], False)
    assert all(picture.any() for picture in window.pictures)  # the box is drawn


def test_a_picture_stays_until_a_key_is_pressed(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(monkeypatch, "", "", "space", "", "a")
    closed: list[str] = []
    assert len(list(shown(frames("a.jpg", 2, closed), MOVING))) == 2
    assert clock.now == pytest.approx(100 + 3 * showing._LOOK)


@pytest.mark.parametrize("key", ["q", "escape", "quit"])
@pytest.mark.parametrize("source", ["clip.mp4", "a.jpg"])
def test_q_escape_and_closing_the_window_end_it(
    key: str, source: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, closed = opened(monkeypatch, "", key), []
    assert len(list(shown(frames(source, 9, closed), MOVING))) == 1
    assert (closed, window.open) == ([source], False)
