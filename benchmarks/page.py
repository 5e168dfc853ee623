"""Take the pictures of the web page that the README shows, with the bundled model: docs/pictures/web-*.png.

Usage: uv run python benchmarks/page.py      (needs Debian's chromium)

The camera is a file, a pan over two portraits: NASA's astronaut and Grace Hopper.
"""

import io
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from mien.pictures import Picture

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # for the tests' browser
from tests.web.browsing import astronaut, camera_file, chromium, hopper  # noqa: E402
from tests.web.serving import served  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Page

OUT = ROOT / "docs" / "pictures"
WINDOW, SHOWN = (1120, 890), 840  # pixels of the browser, width of the picture
SECONDS = 25  # of the last minute that the camera's timeline shows


def _keep(page: "Page", name: str) -> None:
    """Save what the page shows, in 256 colours: a quarter of the bytes."""
    with Image.open(io.BytesIO(page.screenshot())) as seen:
        shrunk = seen.convert("RGB").resize((SHOWN, round(seen.height * SHOWN / seen.width)), Image.Resampling.LANCZOS)
    shrunk.quantize(256, dither=Image.Dither.NONE).save(OUT / name, optimize=True)


def _camera(page: "Page") -> None:
    """Wait until the camera has run for a while and shows the astronaut's face."""
    page.click("#camera-on")
    page.wait_for_timeout(1000 * SECONDS)
    page.wait_for_selector("#camera-faces .face .label:has-text('happy')", timeout=30_000)
    _keep(page, "web-camera.png")


def _pictures(page: "Page", folder: Path) -> None:
    """Give the page three pictures with four faces."""
    portraits = {"eileen-collins.jpg": astronaut(), "grace-hopper.jpg": hopper(), "both.jpg": _both()}
    for name, picture in portraits.items():
        cv2.imwrite(str(folder / name), picture)
    page.click("#tab-pictures")
    page.set_input_files("#pictures-files", [folder / name for name in portraits])
    page.wait_for_selector("#pictures-count:has-text('3 pictures, 4 faces')", timeout=30_000)
    _keep(page, "web-pictures.png")


def _both() -> Picture:
    return np.concatenate([cv2.resize(picture, (512, 512)) for picture in (astronaut(), hopper()[:512])], axis=1)


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        folder = Path(made)
        with served(None) as server, chromium(camera_file(folder / "camera.mjpeg")) as browser:
            for take, theme in ((_camera, "light"), (lambda page: _pictures(page, folder), "dark")):
                size = {"width": WINDOW[0], "height": WINDOW[1]}
                context = browser.new_context(permissions=["camera"], viewport=size, color_scheme=theme)
                page = context.new_page()
                page.goto(server.address)
                take(page)
                context.close()
