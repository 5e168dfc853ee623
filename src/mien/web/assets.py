"""The page's own files: HTML, styles, scripts and an icon, all from this package, none from another host."""

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_PAGES = {"index.html": "/", "docs.html": "/docs"}  # every other file lies under /page/


@dataclass(frozen=True)
class Asset:
    """A file of the page: where it is served, its bytes and its kind."""

    path: str
    data: bytes
    kind: str

    async def serve(self, request: Request) -> Response:
        """Answer a request for it; a browser that has it already is told so."""
        tag = f'"{sha256(self.data).hexdigest()[:16]}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(self.data, media_type=self.kind, headers=headers)


def assets() -> list[Asset]:
    """Return the page's files.

    Example:
        >>> "/" in {asset.path for asset in assets()}
        True
    """
    found = []
    for file in (files("mien.web") / "page").iterdir():
        kind = _KINDS.get(f".{file.name.rpartition('.')[2]}")
        if kind is not None:
            found.append(Asset(_PAGES.get(file.name, f"/page/{file.name}"), file.read_bytes(), kind))
    return found


def add_assets(app: FastAPI) -> None:
    """Serve the page's files; they are no part of the API's document."""
    for asset in assets():
        app.add_api_route(asset.path, asset.serve, include_in_schema=False)
