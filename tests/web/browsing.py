"""Debian's Chromium with a file as its camera: a pan over two portraits, NASA's astronaut and Grace Hopper."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from mien.pictures import Picture, read_picture

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)


def astronaut() -> Picture:
    return read_picture((files("mien.data") / "samples" / "astronaut.jpg").read_bytes())


def hopper() -> Picture:
    return read_picture((files("matplotlib") / "mpl-data" / "sample_data" / "grace_hopper.jpg").read_bytes())


def pan(width: int, height: int, count: int) -> Iterator[Picture]:
    """Yield pictures that wander over both portraits, side by side, and back."""
    both = [
        cv2.resize(image, (height, height), interpolation=cv2.INTER_AREA) for image in (astronaut(), hopper()[:512])
    ]
    strip = np.concatenate([both[0], both[1]], axis=1)
    for number in range(count):
        share = 0.5 - 0.5 * np.cos(2 * np.pi * number / count)
        left = round(share * (strip.shape[1] - width))
        yield np.ascontiguousarray(strip[:, left : left + width])


def camera_file(path: Path, width: int = 640, height: int = 480, count: int = 120) -> Path:
    """Write what the browser's camera shows, over and over, at 30 pictures a second: pictures as JPEG, one by one."""
    path.write_bytes(b"".join(bytes(cv2.imencode(".jpg", image)[1]) for image in pan(width, height, count)))
    return path


@contextmanager
def chromium(camera: Path) -> Iterator["Browser"]:
    """Open Chromium without a window; skips where it is not installed."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera}"]
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=flags)
        try:
            yield browser
        finally:
            browser.close()
