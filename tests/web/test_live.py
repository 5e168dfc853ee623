"""The live socket: the newest frame wins."""

import json
from threading import Event
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from mien.detect import Detector
from mien.web.engine import Engine
from mien.web.refusals import busy
from mien.web.settings import Limits
from mien.web.upload import Upload
from tests.web.conftest import LIVE, Open, picture


def test_a_frame_is_answered_with_its_faces(client: TestClient, astronaut: bytes):
    with client.websocket_connect(LIVE) as socket:
        for number, (frame, faces) in enumerate([(picture(), 0), (astronaut, 1)]):
            socket.send_bytes(frame)
            told = json.loads(socket.receive_text())
            assert (told["frame"], len(told["faces"])) == (number, faces)
    assert "mien_live_frames_total 2" in client.get("/metrics").text


def test_only_the_newest_of_the_waiting_frames_is_looked_at(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    began, go, seen = Event(), Event(), []

    def slow(detector: Detector, upload: Upload, fill: object, most: int) -> dict[str, Any]:
        seen.append(upload.name)
        began.set()
        assert go.wait(10)
        return {"faces": []}

    monkeypatch.setattr("mien.web.live.told_live", slow)
    with client.websocket_connect(LIVE) as socket:
        socket.send_bytes(picture())
        assert began.wait(10)
        for _ in range(50):
            socket.send_bytes(picture())
        client.get("/health")  # so that the server has come to reading them
        go.set()
        assert [json.loads(socket.receive_text())["frame"] for _ in range(2)] == [0, 50]
    assert seen == ["frame 0", "frame 50"]


def test_a_frame_is_answered_though_the_server_was_busy_when_it_came(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    plain, refused = engine.run, []

    async def busy_once(work: Any, uploads: Any) -> Any:
        if not refused:
            refused.append(uploads)
            raise busy("enough")
        return await plain(work, uploads)

    monkeypatch.setattr(engine, "run", busy_once)
    with client.websocket_connect(LIVE) as socket:
        socket.send_bytes(picture())
        assert (
            json.loads(socket.receive_text())["frame"] == 0
        )  # a caller that waits for it before it sends more goes on
    assert refused


@pytest.mark.parametrize(
    "frame", [b"", b"garbage", picture()[:-20], picture(width=60)], ids=["empty", "garbage", "cut", "large"]
)
def test_garbage_is_answered_once_and_the_socket_closed(open_app: Open, frame: bytes):
    with open_app(Limits(picture_pixels=1500)) as client, client.websocket_connect(LIVE) as socket:
        socket.send_bytes(frame)
        told = json.loads(socket.receive_text())
        assert told["frame"] == 0
        assert told["error"].startswith("frame 0: ")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 1003


def test_text_is_no_frame(client: TestClient):
    with client.websocket_connect(LIVE) as socket:
        socket.send_text("hello")
        assert "binary" in json.loads(socket.receive_text())["repair"]


def test_sockets_are_counted(open_app: Open):
    with open_app(Limits(live=1)) as client:
        with (
            client.websocket_connect(LIVE),
            pytest.raises(WebSocketDenialResponse) as refused,
            client.websocket_connect(LIVE),
        ):
            pass
        assert refused.value.status_code == 429
        with client.websocket_connect(LIVE) as socket:  # the first has made room
            socket.send_bytes(picture())
            assert json.loads(socket.receive_text())["faces"] == []
