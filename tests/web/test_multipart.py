"""Bodies in pieces: names and bytes out of whatever was sent, however it was cut."""

import asyncio
from collections.abc import Iterator

import pytest
from starlette.requests import Request

from mien.web.multipart import Begins, pieces
from mien.web.refusals import Refusal

FORM = "multipart/form-data; boundary=xyz"


def part(data: bytes, disposition: str = 'form-data; name="file"; filename="a.jpg"') -> bytes:
    return f"--xyz\r\nContent-Disposition: {disposition}\r\nContent-Type: image/jpeg\r\n\r\n".encode() + data + b"\r\n"


def read(body: bytes, kind: str = FORM, step: int = 7, *, breaks: bool = False) -> list[tuple[str, bytes]]:
    """Send a body in steps; return the names and bytes of its files."""
    chunks = [body[start : start + step] for start in range(0, len(body), step)] or [b""]
    messages: Iterator[dict[str, object]] = iter(
        [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
        + [{"type": "http.disconnect"} if breaks else {"type": "http.request", "body": b"", "more_body": False}]
    )

    async def receive() -> dict[str, object]:
        return next(messages)

    async def all_files() -> list[tuple[str, bytes]]:
        found: list[tuple[str, bytes]] = []
        async for piece in pieces(Request({"type": "http", "headers": [(b"content-type", kind.encode())]}, receive)):
            if isinstance(piece, Begins):
                found.append((piece.name, b""))
            else:
                found[-1] = (found[-1][0], found[-1][1] + piece)
        return found

    return asyncio.run(all_files())


@pytest.mark.parametrize("kind", ["image/jpeg", "application/octet-stream", "text/plain", ""])
def test_any_other_body_is_one_file(kind: str):
    assert read(b"pixels" * 10, kind) == [("body", b"pixels" * 10)]
    assert read(b"", kind) == []


@pytest.mark.parametrize("step", [1, 2, 13, 1000])
def test_files_come_in_order_however_the_body_is_cut(step: int):
    body = part(b"one\r\n--xy") + part(b"", 'form-data; name="x"; filename="b.png"') + b"--xyz--\r\n"
    assert read(body, step=step) == [("a.jpg", b"one\r\n--xy"), ("b.png", b"")]


def test_a_body_without_parts_has_no_file():
    assert read(b"--xyz--\r\n") == []


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\\\photos\\\\a.jpg", "a.jpg"),
        ("笑.jpg", "笑.jpg"),
        ("a\tb", "ab"),
        ("", "body"),
    ],
)
def test_names_lose_folders_and_control_characters(name: str, plain: str):
    body = part(b"x", f'form-data; name="file"; filename="{name}"') + b"--xyz--\r\n"
    assert read(body) == [(plain, b"x")]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (part(b"x"), FORM),
        (b"no boundary at all", FORM),
        (b"--xyz\r\nbroken header\r\n\r\nx\r\n--xyz--\r\n", FORM),
        (part(b"x", 'form-data; name="size"') + b"--xyz--\r\n", FORM),
        (part(b"x") + b"--xyz--\r\n", "multipart/form-data"),
        (part(b"x") + b"--xyz--\r\n", "multipart/form-data; boundary="),
    ],
    ids=["breaks off", "not multipart", "header", "field", "no boundary", "empty boundary"],
)
def test_what_is_not_whole_is_refused(body: bytes, kind: str):
    with pytest.raises(Refusal) as told:
        read(body, kind)
    assert told.value.status == 400


def test_a_caller_who_goes_away_is_refused():
    with pytest.raises(Refusal, match="breaks off"):
        read(part(b"x"), breaks=True)
