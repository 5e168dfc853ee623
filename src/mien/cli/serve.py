"""``mien serve``: the web page and the HTTP API."""

import logging
from pathlib import Path

import typer

from mien.cli.progress import notes
from mien.cli.usage import wrong_usage
from mien.errors import need
from mien.vision.faces import FINDERS


def serve(
    host: str = typer.Option("127.0.0.1", help="The address to bind; any but a loopback address needs a token."),
    port: int = typer.Option(8000, min=0, max=65535, help="The port to bind; 0 for any free one."),
    token: str = typer.Option("", envvar="MIEN_TOKEN", help="What callers of the API must show.", show_default="none"),
    allow_host: list[str] = typer.Option([], help="A further name the server is called by, as behind a proxy."),
    model: Path | None = typer.Option(
        None, help="A model.onnx, a run folder, or bundled-int8. [default: the bundled model]"
    ),
    faces: str = typer.Option("auto", help=f"How faces are found: {', '.join(FINDERS)} (each picture is one face)."),
    threads: int = typer.Option(2, min=1, max=64, help="Pictures that are looked at at the same time."),
    folder: Path | None = typer.Option(
        None,
        help="Where video jobs lie, in a private folder of the server's own; nothing else there is touched. Videos go "
        "when they are worked on, results when they expire or the server ends; those of a killed server stay for the "
        "next one on the same host and port. [default: among the temporary files]",
    ),
    limit: list[str] = typer.Option(
        [], metavar="NAME=VALUE", help="Change a limit, see above. May be given several times.", show_default="none"
    ),
) -> None:
    """Serve a web page and an HTTP API on this machine; Ctrl-C ends it.

    Frames go only to this server, nothing is stored: pictures stay in memory, a video and its results lie in a private
    temporary folder until they expire, are deleted, or the server ends. The page is at /, the API at /v1, what it can
    do at /docs, counts at /metrics. The log tells routes, statuses and times; no pictures, file names or addresses.

    Limits and what they are if not changed: picture_bytes 10,000,000 and picture_pixels 40,000,000, of one picture;
    files 16, in one request; faces 64, of one picture; waiting 64, pictures of all requests; held_bytes 320,000,000, of
    all requests; body_seconds 30, for a request's pictures to come; connections 512; live 16, sockets; video_bytes
    500,000,000 and video_frames 30,000, of one video; job_seconds 1800, for one video to come and again for the work
    on it; jobs 4, videos that are worked on or wait; kept_seconds 3600, for results.

    For example:

        mien serve

        mien serve --limit files=4 --limit live=2

        mien serve --port 9000 --model runs/2026-11-22-compact-1

        MIEN_TOKEN=$(openssl rand -hex 16) mien serve --host 0.0.0.0
    """
    if faces not in FINDERS:
        raise typer.BadParameter(f"{faces!r} is not one of {', '.join(FINDERS)}", param_hint="--faces")
    need("web", "fastapi", "uvicorn", "python_multipart", "websockets", purpose="mien serve")
    from mien.web.engine import Engine
    from mien.web.server import serve as run
    from mien.web.settings import Settings, limits_from

    with wrong_usage():
        settings = Settings(host, port, token, tuple(allow_host), folder, limits_from(limit))
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    run(settings, lambda: Engine(model, faces=faces, threads=threads, most=settings.limits.waiting), _tell)


def _tell(address: str) -> None:
    notes.print(f"mien serves {address}   (the API: {address}/docs; Ctrl-C ends it)", soft_wrap=True)
