"""An annotated video plays in a browser: Debian's Chromium, without a window."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import pytest

from mien.vision.media import read_video
from mien.vision.movie import open_movie
from tests.vision.filming import film_with_sound

pytestmark = pytest.mark.slow

PAGE = """<!doctype html><video id=v src=out.mp4 muted></video><script>
const tell = () => fetch("/told", {method: "POST", body: JSON.stringify({
  error: v.error && v.error.message, width: v.videoWidth, height: v.videoHeight, duration: v.duration,
  played: v.currentTime, ended: v.ended, sound: v.webkitAudioDecodedByteCount})});
v.onended = v.onerror = tell;
v.play().catch(tell);
</script>"""


class Handler(SimpleHTTPRequestHandler):
    told: Queue[dict[str, Any]] = Queue()

    def do_POST(self) -> None:
        self.told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def play(folder: Path) -> dict[str, Any]:
    """Play ``out.mp4`` of a folder in Chromium; return what the page told at its end."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    (folder / "page.html").write_text(PAGE)
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", f"--user-data-dir={folder / 'profile'}"]
    flags += ["--autoplay-policy=no-user-gesture-required", "--disable-dev-shm-usage", "--remote-debugging-port=0"]
    with served(folder) as address:
        command = [program, *flags, f"{address}/page.html"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
            try:
                return Handler.told.get(timeout=60)
            finally:
                browser.terminate()


def test_the_annotated_video_plays_with_its_sound(tmp_path: Path):
    origin = film_with_sound(tmp_path / "clip.mp4", count=50)
    movie = open_movie(tmp_path / "out.mp4", origin, print)
    for frame in read_video(origin):
        movie.write(frame.image, frame.time)
    movie.finish()
    told = play(tmp_path)
    assert told["error"] is None
    assert told["ended"]
    assert (told["width"], told["height"]) == (320, 240)
    assert told["duration"] == pytest.approx(2.0, abs=0.1)
    assert told["sound"] > 0
