"""In front of every route and the socket: who may call, what every answer carries, what is counted and logged."""

import logging
import secrets
import traceback
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mien.web.metrics import Metrics
from mien.web.refusals import Refusal
from mien.web.settings import Settings

log = logging.getLogger("mien.web")

SUBPROTOCOL = "mien"  # of the live socket
_BEARER = "bearer."  # a browser's socket cannot send a header, so it offers its token as a subprotocol
_OPEN = ("/v1/", "/metrics")  # only what begins so needs the token: the page itself holds no data
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WS")
BROKEN = {
    "error": "the server could not do this",
    "repair": "ask again; if it stays so, report it with the line that the server logged",
}


class Guard:
    """ASGI middleware around the whole application.

    Args:
        app: the application.
        settings: whom it answers.
        metrics: where requests are counted.
    """

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self._app, self._settings, self._metrics = app, settings, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                status = message["status"]
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            elif message["type"] == "websocket.accept":
                status = 101
            await send(message)

        try:
            self._check(scope)
            await self._app(scope, receive, watched)
        except Refusal as refusal:
            await refusal.answer()(scope, receive, watched)
        except Exception as error:  # noqa: BLE001 (nothing of it may reach the caller; where it happened is logged)
            log.error("%s at %s", type(error).__name__, _place(error))
            if not status:
                await JSONResponse(BROKEN, 500)(scope, receive, watched)
        finally:
            self._tell(scope, status, perf_counter() - began)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._settings.allows(host):
            what = "this server is not called under that host name"
            raise Refusal(403, what, "start it with --allow-host NAME if it should be")
        if _is_foreign(headers, host):
            raise Refusal(403, "a page from elsewhere may not call this server", "open the server's own page")
        if self._settings.token and scope["path"].startswith(_OPEN):
            self._check_token(headers)

    def _check_token(self, headers: Headers) -> None:
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        offered = [shown.strip()] if scheme.lower() == "bearer" else []
        protocols = (each.strip() for each in headers.get("sec-websocket-protocol", "").split(","))
        offered += [each.removeprefix(_BEARER) for each in protocols if each.startswith(_BEARER)]
        expected = self._settings.token.encode()
        if not any(secrets.compare_digest(each.encode(), expected) for each in offered):
            what = "the token is wrong" if offered else "this server wants a token"
            repair = "send the header Authorization: Bearer TOKEN with the server's MIEN_TOKEN"
            raise Refusal(401, what, repair, {"WWW-Authenticate": "Bearer"})

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        """Count and log a request by the pattern of its route: a path may hold what is nobody's business."""
        route = getattr(scope.get("route"), "path", "other")
        method = scope.get("method", "WS")
        method = method if method in _METHODS else "OTHER"
        self._metrics.request(method, route, status, seconds)
        log.info("%s %s %d %.0f ms", method, route, status, seconds * 1000)


def _is_foreign(headers: Headers, host: str) -> bool:
    """Return whether a page of another origin calls. Browsers say so in one of two headers, programs send neither."""
    origin = headers.get("origin")
    if origin is not None:
        try:
            return urlsplit(origin).netloc.lower() != host.lower()
        except ValueError:  # no address at all, such as http://[
            return True
    visits = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return headers.get("sec-fetch-site") in ("cross-site", "same-site") and not visits


def _place(error: Exception) -> str:
    """Return the file and line where an error arose: what it says may name a caller's file, so that is not logged."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
