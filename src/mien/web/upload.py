"""Files that are sent: counted while they come, so that nothing over a limit is kept."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import ClientDisconnect, Request

from mien.web.multipart import REPAIR, Begins, pieces
from mien.web.refusals import Refusal, busy, storing, too_large
from mien.web.screening import picture_too_large, video_suffix
from mien.web.settings import Limits

_MAGIC = 12  # bytes that tell a kind of file
_DRAINED = 64_000_000  # bytes that are read and dropped after a refusal, so that the caller gets to read the answer
_DRAINING = 5.0  # seconds
_CLOSING = {"Connection": "close"}


@dataclass(frozen=True)
class Upload:
    """A file that was sent: its name as the caller calls it, and its bytes."""

    name: str
    data: bytes = field(repr=False)


class Held:
    """Counts the bytes of request bodies in memory, of all requests together.

    Example:
        >>> async with Held(Limits()).reading(request) as uploads:
        ...     print([upload.name for upload in uploads])
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.bytes = 0

    @asynccontextmanager
    async def reading(self, request: Request) -> AsyncIterator[list[Upload]]:
        """Read the pictures of a request; they count as held until the block ends.

        Raises:
            Refusal: 400 no file or a broken body, 408 too slow, 413 over a limit, 429 too much is held already.
        """
        taken = 0

        def take(count: int) -> None:
            nonlocal taken
            if self.bytes + count > self._limits.held_bytes:
                raise busy("the server holds as many pictures as it can")
            self.bytes, taken = self.bytes + count, taken + count

        try:
            async with _answered(request, self._limits.body_seconds):
                uploads = await _read_pictures(request, self._limits, take)
            yield uploads
        finally:
            self.bytes -= taken


async def _read_pictures(request: Request, limits: Limits, take: Callable[[int], None]) -> list[Upload]:
    found: list[tuple[str, bytearray]] = []
    async with aclosing(pieces(request)) as body:
        async for piece in body:
            if isinstance(piece, Begins):
                if len(found) == limits.files:
                    raise too_large(f"more than {limits.files} files in one request", "send them in several requests")
                found.append((piece.name, bytearray()))
                continue
            name, data = found[-1]
            take(len(piece))
            data += piece
            if len(data) > limits.picture_bytes:
                raise picture_too_large(name, limits)
    if not found:
        raise Refusal(400, "the request has no file", REPAIR)
    return [Upload(name, bytes(data)) for name, data in found]


async def save_video(request: Request, folder: Path, limits: Limits) -> tuple[Path, str]:
    """Write the video of a request into a folder, piece by piece; return its path and the caller's name for it.

    Raises:
        Refusal: 400 no file or a broken body, 408 too slow, 413 over a limit, 415 not a video, 507 there is no room.
    """
    async with _answered(request, limits.job_seconds):
        with storing():
            return await _save_video(request, folder / "video", limits)


async def _save_video(request: Request, target: Path, limits: Limits) -> tuple[Path, str]:
    name, size, start = "", 0, b""
    with target.open("wb") as file:
        async with aclosing(pieces(request)) as body:
            async for piece in body:
                if isinstance(piece, Begins):
                    if name:
                        raise Refusal(400, "more than one file in the request", "send one video at a time")
                    name = piece.name
                    continue
                size += len(piece)
                if size > limits.video_bytes:
                    what = f"{name}: larger than {limits.video_bytes / 1e6:g} MB"
                    raise too_large(what, "cut it, or save it smaller, and send it again")
                if len(start) < _MAGIC <= len(start + piece):
                    video_suffix(start + piece)  # before the rest is taken in
                start = (start + piece)[:_MAGIC]
                await asyncio.to_thread(file.write, piece)
    if not name:
        raise Refusal(400, "the request has no file", REPAIR)
    return target.rename(target.with_suffix(video_suffix(start))), name


@asynccontextmanager
async def _answered(request: Request, seconds: float) -> AsyncIterator[None]:
    """Refuse a body that takes too long; let a refused caller finish sending, else it would never read the answer."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise Refusal(408, f"the body did not come within {seconds:g} seconds", "send it again", _CLOSING) from error
    except Refusal:
        with suppress(ClientDisconnect, TimeoutError, RuntimeError):  # the last: the body is there already
            async with asyncio.timeout(_DRAINING):
                await _drain(request)
        raise


async def _drain(request: Request) -> None:
    dropped = 0
    async with aclosing(request.stream()) as rest:
        async for chunk in rest:
            dropped += len(chunk)
            if dropped > _DRAINED:
                return
