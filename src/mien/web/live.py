"""The live socket: frames in, faces out. The newest frame wins, so that a slow caller never builds a queue."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from mien.web.answers import Fill, told_live
from mien.web.engine import Engine
from mien.web.guard import SUBPROTOCOL
from mien.web.refusals import Refusal, busy
from mien.web.screening import check_picture
from mien.web.settings import Limits
from mien.web.upload import Upload

_SENDING = 10.0  # seconds in which a caller has to take an answer
_PAUSE = 0.05  # seconds to wait where the server is busy
_UNSUPPORTED = 1003  # RFC 6455, section 7.4

Count = Callable[[str, int], None]


class Live:
    """Serves live sockets.

    Args:
        engine: where frames are looked at.
        limits: ``live`` sockets at once; ``picture_bytes``, ``picture_pixels`` and ``faces`` count a frame.
        count: is told of frames and faces.

    Attributes:
        open: how many sockets there are now.
    """

    def __init__(self, engine: Engine, limits: Limits, count: Count) -> None:
        self._engine, self._limits, self._count = engine, limits, count
        self.open = 0

    async def serve(self, socket: WebSocket) -> None:
        """Serve a socket until it closes.

        The caller sends a picture's bytes as a binary message and gets, for the newest of those that have come, a JSON
        message: ``{"frame", "width", "height", "faces", ...}``, where ``frame`` counts the caller's messages from 0.

        Raises:
            Refusal: 429 there are enough live sockets.
        """
        if self.open >= self._limits.live:
            raise busy(f"{self.open} live sockets are open already")
        self.open += 1
        try:
            offered = socket.scope.get("subprotocols", ())
            await socket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
            await self._talk(socket)
        except (WebSocketDisconnect, TimeoutError, OSError):
            pass  # gone, or as good as gone
        finally:
            self.open -= 1

    async def _talk(self, socket: WebSocket) -> None:
        newest, fill = _Newest(), await asyncio.to_thread(self._engine.watch)
        reading = asyncio.create_task(_read(socket, newest))
        try:
            while (taken := await newest.take()) is not None:
                answer = await self._answer(*taken, fill)
                if answer is None:
                    await asyncio.sleep(_PAUSE)
                    newest.put_back(taken)
                    continue
                async with asyncio.timeout(_SENDING):
                    await socket.send_json(answer)
                    if "error" in answer:
                        await socket.close(_UNSUPPORTED)
                        return
        finally:
            reading.cancel()

    async def _answer(self, number: int, data: bytes | None, fill: Fill) -> dict[str, Any] | None:
        """Return the answer to a frame; None where the server is too busy for it now."""
        try:
            if data is None:
                raise Refusal(415, "a text message", "send each frame as a binary message: JPEG, PNG, WebP or BMP")
            check_picture(data, f"frame {number}", self._limits)
            work = partial(told_live, fill=fill, most=self._limits.faces)
            (told,) = await self._engine.run(work, [Upload(f"frame {number}", data)])
        except Refusal as refusal:
            if refusal.status == _BUSY:
                return None
            return {"frame": number, **refusal.to_dict()}
        self._count("live_frames", 1)
        self._count("faces", len(told["faces"]))
        return {"frame": number, **told}


class _Newest:
    """The newest frame that has come, and nothing else."""

    def __init__(self) -> None:
        self._there = asyncio.Event()
        self._frame: tuple[int, bytes | None] | None = None
        self._over = False

    def put(self, frame: tuple[int, bytes | None]) -> None:
        self._frame = frame
        self._there.set()

    def put_back(self, frame: tuple[int, bytes | None]) -> None:
        """Let a frame be taken again, unless a newer one has come."""
        if not self._there.is_set():
            self.put(frame)

    def end(self) -> None:
        self._over = True
        self._there.set()

    async def take(self) -> tuple[int, bytes | None] | None:
        """Return the newest frame, once; None when no more will come."""
        await self._there.wait()
        self._there.clear()
        return None if self._over else self._frame


async def _read(socket: WebSocket, newest: _Newest) -> None:
    number = 0
    while (message := await socket.receive())["type"] == "websocket.receive":
        newest.put((number, message.get("bytes")))
        number += 1
    newest.end()


_BUSY = 429
