"""A screen and a keyboard for tests: Xvfb and xdotool, from Debian's packages of these names."""

import ctypes
import ctypes.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

import pytest

_LONGEST_WAIT = 60.0  # seconds


@contextmanager
def screen() -> Iterator["Screen"]:
    """Start a screen on a free display; skip where it is not installed."""
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: apt-get install {program.lower()}")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1024x768x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as number:
                yield Screen(f":{number.readline().strip()}")
        finally:
            server.terminate()


class Screen:
    """A running display."""

    def __init__(self, display: str) -> None:
        self.display = display
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("SDL_")}
        self.environment |= {"DISPLAY": display}

    def window(self) -> str:
        """Wait for a window; return its number."""
        deadline = monotonic() + _LONGEST_WAIT
        while monotonic() < deadline:
            # by its class: xdotool does not find SDL's window by its name where the locale is C
            if found := self._do("search", "--onlyvisible", "--class", ".").split():
                return found[-1]
            sleep(0.2)
        raise TimeoutError("no window came up")

    def title(self, window: str) -> str:
        return self._do("getwindowname", window).strip()

    def press(self, window: str, key: str) -> None:
        self._do("windowfocus", window)
        self._do("key", "--window", window, key)

    def close(self, window: str) -> None:
        """Ask a window to close, as the button in its frame does."""
        x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
        for function in (x11.XOpenDisplay, x11.XInternAtom):
            function.restype = ctypes.c_void_p
        display = ctypes.c_void_p(x11.XOpenDisplay(self.display.encode()))
        atoms = [x11.XInternAtom(display, name, False) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")]
        message = (ctypes.c_long * 24)()  # XClientMessageEvent: type, serial, sent, display, window, kind, format, data
        message[0], message[4], message[5], message[6], message[7] = 33, int(window), atoms[0], 32, atoms[1]
        x11.XSendEvent(display, ctypes.c_ulong(int(window)), False, ctypes.c_long(0), message)
        x11.XCloseDisplay(display)

    def _do(self, *words: str) -> str:
        done = subprocess.run(["xdotool", *words], env=self.environment, capture_output=True, text=True, check=False)
        return done.stdout
