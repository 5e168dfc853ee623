"""Runs the application: binds first, says where it is, closes what stays idle, ends cleanly on Ctrl-C."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from mien.errors import MienError
from mien.web.app import make_app
from mien.web.engine import Engine
from mien.web.jobs import Jobs
from mien.web.scratch import Scratch
from mien.web.settings import Settings

_HEADER_SECONDS = 15.0  # in which a connection has to send a request's headers
_LONGEST_HEADERS = 16_384  # bytes
_CLOSING_SECONDS = 3


def serve(settings: Settings, make_engine: Callable[[], Engine], tell: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or a request to end.

    Args:
        settings: see ``Settings``.
        make_engine: gives the engine, once the address is bound.
        tell: is given the server's address when it answers.

    Raises:
        MienError: the address is taken or not this machine's; the model or the folder for jobs cannot be used.
    """
    with _bound(settings) as listening:
        settings = replace(settings, port=listening.getsockname()[1])  # 0 until now, where it was free to choose
        with make_engine() as engine, Jobs(engine, Scratch(settings), settings.limits) as jobs:
            config = uvicorn.Config(make_app(engine, jobs, settings), **_options(settings))
            server = _Server(config, lambda: tell(_address(settings.host, settings.port)))
            server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """Tells when it answers, and gives way to what comes after it when it is asked to end."""

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_start()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let Ctrl-C and a request to end stop the server, and no more: uvicorn's own would then kill the process."""
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def _options(settings: Settings) -> dict[str, Any]:
    """Return how uvicorn is set up. It logs nothing: its lines would have addresses in them."""
    return {
        "http": _protocol(2 * settings.limits.connections),
        "limit_concurrency": settings.limits.connections + 1,  # over it: 503; over twice as many: not even that
        "ws": "websockets-sansio",
        "ws_max_size": settings.limits.picture_bytes,
        "ws_per_message_deflate": False,
        "h11_max_incomplete_event_size": _LONGEST_HEADERS,
        "lifespan": "off",
        "log_config": None,
        "log_level": "critical",
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "timeout_graceful_shutdown": _CLOSING_SECONDS,
    }


def _protocol(most: int) -> type[H11Protocol]:
    class Protocol(H11Protocol):
        """HTTP/1.1 with a limit on connections, and on the time in which a request has to begin."""

        _late: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if len(self.connections) > most:
                transport.abort()
                return
            self._expect_headers()

        def data_received(self, data: bytes) -> None:
            if self._late is None:
                self._expect_headers()
            super().data_received(data)
            if self.cycle is not None and not self.cycle.response_complete:
                self._headers_came()

        def connection_lost(self, exc: Exception | None) -> None:
            self._headers_came()
            super().connection_lost(exc)

        def _expect_headers(self) -> None:
            self._late = asyncio.get_running_loop().call_later(_HEADER_SECONDS, self._close_late)

        def _headers_came(self) -> None:
            if self._late is not None:
                self._late.cancel()
                self._late = None

        def _close_late(self) -> None:
            if self.transport.get_protocol() is self:  # else it has become a live socket
                self.transport.close()

    return Protocol


def _bound(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(
        family, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )  # named, else asyncio delays small answers
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        listening.listen()  # now, not when all is loaded: two may bind an address, one may listen there
    except OSError as error:
        listening.close()
        message = (
            f"{settings.host}:{settings.port} cannot be bound ({error.strerror or error}); "
            f"choose another port, --port {settings.port + 1 if settings.port else 8000}, or end what holds it"
        )
        raise MienError(message) from error
    return listening


def _address(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"
