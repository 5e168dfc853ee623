"""The window without a screen: SDL's dummy driver stands for one. With a screen: test_window_xvfb.py."""

import sys
from collections.abc import Iterator

import numpy as np
import pygame
import pytest

from mien import errors
from mien.errors import MissingExtra, OutputError
from mien.vision.window import QUIT, Window, check_display


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    with Window("mien") as opened:
        yield opened


def shown() -> np.ndarray:
    """Return what stands in the window: RGB (height, width, 3)."""
    return pygame.surfarray.array3d(pygame.display.get_surface()).swapaxes(0, 1)


def press(key: int) -> None:
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))


def test_nothing_pressed_is_nothing(window: Window):
    assert window.pressed() == []


def test_a_picture_is_shown_in_its_colours(window: Window):
    window.show(np.full((600, 800, 3), (10, 20, 30), np.uint8))
    assert (shown() == (30, 20, 10)).all()
    assert pygame.display.get_caption()[0] == "mien"


def test_a_small_picture_opens_a_large_window(window: Window):
    assert window.fitting(320, 240) == (720, 540)


def test_another_shape_keeps_its_proportions(window: Window):
    window.show(np.full((600, 800, 3), 90, np.uint8))
    assert window.fitting(300, 600) == (300, 600)
    window.show(np.full((600, 300, 3), 90, np.uint8))
    assert (shown()[:, 250:550] == 90).all()
    assert (shown()[:, :249] == 0).all()


def test_keys_have_names(window: Window):
    window.show(np.zeros((600, 800, 3), np.uint8))
    for key in (pygame.K_q, pygame.K_SPACE, pygame.K_ESCAPE, pygame.K_s):
        press(key)
    assert window.pressed() == ["q", "space", "escape", "s"]


def test_closing_the_window_is_quit(window: Window):
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert window.pressed() == [QUIT]


def test_a_missing_display_is_one_clear_line(monkeypatch: pytest.MonkeyPatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(OutputError, match=r"no display for a window \(neither DISPLAY .* mien detect clip\.mp4 --save"):
        check_display()


def test_an_error_of_sdl_is_one_clear_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    with pytest.raises(OutputError, match=r"no display for a window \(.*\); run it on a desktop"), Window("mien"):
        pass


def test_a_missing_pygame_names_the_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(errors, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"a window needs pygame, not installed\. .* pip install 'mien\[window\]"):
        Window("mien")


def test_a_display_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    monkeypatch.setenv("DISPLAY", ":987")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(OutputError, match=r"no display for a window \(.*\); run it on a desktop"), Window("mien"):
        pass
