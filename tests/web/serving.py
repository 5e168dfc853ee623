"""``mien serve`` as a process of its own, on a free port."""

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from subprocess import Popen
from time import monotonic, sleep
from typing import Any

from tests.cli.processes import interruptible


@dataclass(frozen=True)
class Served:
    """A server that answers."""

    process: "Popen[str]"
    host: str
    port: int

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}"

    def ask(self, method: str, path: str, body: bytes | None = None) -> HTTPResponse:
        connection = HTTPConnection(self.host, self.port, timeout=60)
        connection.request(method, path, body, {"Connection": "close"})
        return connection.getresponse()

    def get(self, path: str) -> Any:
        with self.ask("GET", path) as answer:
            return json.loads(answer.read())

    def post(self, path: str, body: bytes) -> Any:
        with self.ask("POST", path, body) as answer:
            return json.loads(answer.read())

    def wait_for(self, video: str, state: str) -> None:
        """Wait until a video is in a state."""
        began = monotonic()
        while (told := self.get(f"/v1/videos/{video}"))["state"] != state:
            assert monotonic() - began < 60, told
            sleep(0.05)


@contextmanager
def served(model: Path | None, *options: object, **environment: str) -> Iterator[Served]:
    """Start a server and wait until it answers; end it with the block."""
    command = [sys.executable, "-m", "mien", "serve", "--port", "0", *map(str, options)]
    command += [] if model is None else ["--model", str(model)]
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        process = interruptible(command)
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    assert process.stderr is not None
    line = process.stderr.readline()
    found = re.search(r"http://([\d.]+):(\d+)", line)
    try:
        assert found, line + process.communicate(timeout=20)[1]
        yield Served(process, found[1], int(found[2]))
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=20)
