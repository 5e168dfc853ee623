"""A window on the screen, by SDL through pygame-ce: shows pictures, tells which keys were pressed."""

import os
import sys
from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np

from mien.errors import OutputError, need
from mien.pictures import Picture

QUIT = "quit"
_UNSEEN = ("offscreen", "dummy")  # what SDL falls back to where no display answers
_FIRST_SHARE = 0.8  # of the screen that the window takes at most, at first
_SMALLEST_FIRST = 720  # pixels; a smaller picture opens a window this wide


class Window:
    """A resizable window; a ``with`` object. One at a time, from the main thread.

    Args:
        title: what stands in its title bar.

    Raises:
        MissingExtra: pygame-ce is not installed.
        OutputError: there is no display.

    Example:
        >>> with Window("mien") as window:
        ...     while QUIT not in window.pressed():
        ...         window.show(picture)
    """

    def __init__(self, title: str) -> None:
        check_display()
        self._title = title
        self._pygame: Any = None

    def __enter__(self) -> Self:
        import pygame

        self._pygame = pygame
        try:
            pygame.display.init()
            pygame.display.set_caption(self._title)
        except pygame.error as error:
            raise _no_display(str(error)) from error
        if pygame.display.get_driver() in _UNSEEN and "SDL_VIDEODRIVER" not in os.environ:
            pygame.quit()
            raise _no_display(f"DISPLAY={os.environ.get('DISPLAY', '')} does not answer")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pygame.quit()

    def fitting(self, width: int, height: int) -> tuple[int, int]:
        """Return the size in pixels that a picture has in this window, its proportions kept; opens the window."""
        if self._pygame.display.get_surface() is None:
            self._open(width, height)
        wide, high = self._pygame.display.get_surface().get_size()
        scale = min(wide / width, high / height)
        return max(1, round(width * scale)), max(1, round(height * scale))

    def show(self, image: Picture) -> None:
        """Show a picture in the middle of the window, scaled to fit where it is not of the ``fitting`` size.

        Args:
            image: BGR uint8 ``(height, width, 3)``.

        Raises:
            OutputError: the window cannot be opened.
        """
        size = self.fitting(image.shape[1], image.shape[0])
        if size != (image.shape[1], image.shape[0]):
            image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        picture = self._pygame.image.frombuffer(np.ascontiguousarray(image).tobytes(), size, "BGR")
        surface = self._pygame.display.get_surface()  # another one after the window was resized
        wide, high = surface.get_size()
        surface.fill((0, 0, 0))
        surface.blit(picture, ((wide - size[0]) // 2, (high - size[1]) // 2))
        self._pygame.display.flip()

    def pressed(self) -> list[str]:
        """Return the keys pressed since the last call, by name (``q``, ``space``); closing the window is ``quit``."""
        names = []
        for event in self._pygame.event.get():
            if event.type == self._pygame.QUIT:
                names.append(QUIT)
            elif event.type == self._pygame.KEYDOWN:
                names.append(self._pygame.key.name(event.key))
        return names

    def _open(self, width: int, height: int) -> None:
        pygame = self._pygame
        try:
            ((screen_width, screen_height), *_) = pygame.display.get_desktop_sizes()
            scale = max(1.0, _SMALLEST_FIRST / width)
            scale = min(scale, _FIRST_SHARE * screen_width / width, _FIRST_SHARE * screen_height / height)
            size = max(1, round(width * scale)), max(1, round(height * scale))
            pygame.display.set_mode(size, pygame.RESIZABLE)
        except pygame.error as error:
            raise _no_display(str(error)) from error


def check_display() -> None:
    """Raise, with the repair, where no window can be shown.

    Raises:
        MissingExtra: pygame-ce is not installed.
        OutputError: there is no display.

    Example:
        >>> check_display()
    """
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # else pygame greets on stdout when it is imported
    need("window", "pygame", purpose="a window")
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"))
    if sys.platform.startswith("linux") and not named:
        raise _no_display("neither DISPLAY nor WAYLAND_DISPLAY is set")


def _no_display(reason: str) -> OutputError:
    return OutputError(
        f"no display for a window ({reason}); run it on a desktop, over ssh with -X, "
        "or write a video instead: mien detect clip.mp4 --save video"
    )
