"""A door camera for tests: a server of motion JPEG that breaks off as told, and of a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import cv2

from tests.vision.filming import pan


class Door(BaseHTTPRequestHandler):
    """A door camera: motion JPEG at /mjpeg, so many pictures a visit; a file at /clip.mp4."""

    pictures = 20
    visits = 0
    most_visits = 99
    file = b""

    def do_GET(self) -> None:
        if self.path == "/clip.mp4":
            self.answer("video/mp4", len(self.file))
            self.wfile.write(self.file)
            return
        type(self).visits += 1
        if self.visits > self.most_visits:
            self.send_error(503)
            return
        self.answer("multipart/x-mixed-replace; boundary=next")
        for picture in pan(self.pictures):
            jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
            head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            self.wfile.write(head.encode() + jpeg + b"\r\n")

    def answer(self, kind: str, length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A visitor that leaves early is no error."""


@contextmanager
def door(**settings: object) -> Iterator[str]:
    handler = type("Door", (Door,), {"visits": 0, **settings})
    server = Quiet(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
