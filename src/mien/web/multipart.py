"""One way to read a request's body: a name for each file, then its bytes as they come."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from mien.web.refusals import Refusal

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

RAW_NAME = "body"  # what a file is called that was sent without a name
REPAIR = "send it as multipart/form-data (curl -F file=@FILE), or as the whole body (curl --data-binary @FILE)"
_LONGEST_NAME = 200  # characters of a file's name that are kept


@dataclass(frozen=True)
class Begins:
    """A file begins; its bytes follow."""

    name: str


async def pieces(request: Request) -> AsyncGenerator[Begins | bytes]:
    """Yield, for each file of a body, ``Begins`` and then its bytes, piece by piece.

    A multipart body holds any number of files; any other body is one file.

    Raises:
        Refusal: 400, the body is not what its header says, breaks off, or a part of it is no file.

    Example:
        >>> async for piece in pieces(request):
        ...     print(piece.name if isinstance(piece, Begins) else len(piece))
    """
    kind, options = parse_options_header(request.headers.get("content-type", "").encode("latin-1"))
    try:
        if kind == b"multipart/form-data":
            async for piece in _parts(request, options.get(b"boundary", b"")):
                yield piece
            return
        begun = False
        async for chunk in request.stream():
            if chunk and not begun:
                begun = True
                yield Begins(RAW_NAME)
            if chunk:
                yield chunk
    except FormParserError as error:
        raise Refusal(400, "the body is not the multipart/form-data that its header says", REPAIR) from error
    except ClientDisconnect as error:
        raise Refusal(400, "the body breaks off", REPAIR) from error


async def _parts(request: Request, boundary: bytes) -> AsyncGenerator[Begins | bytes]:
    found = _Parts()
    parser = MultipartParser(boundary, found.callbacks())
    async for chunk in request.stream():
        if chunk:
            parser.write(chunk)
            for piece in found.taken():
                yield piece
    parser.finalize()
    if not found.ended:
        raise Refusal(400, "the multipart body breaks off", REPAIR)


class _Parts:
    """What the parser has told since it was last asked."""

    def __init__(self) -> None:
        self.ended = False
        self._waiting: list[Begins | bytes] = []
        self._name, self._value = bytearray(), bytearray()
        self._headers: dict[bytes, bytes] = {}

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._headers.clear,
            "on_header_field": lambda data, start, end: self._name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header,
            "on_headers_finished": self._begin,
            "on_part_data": lambda data, start, end: self._waiting.append(bytes(data[start:end])),
            "on_end": self._end,
        }

    def taken(self) -> list[Begins | bytes]:
        told, self._waiting = self._waiting, []
        return told

    def _header(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _begin(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if b"filename" not in options:
            field_name = options.get(b"name", b"").decode("utf-8", "replace")[:_LONGEST_NAME]
            raise Refusal(400, f"the field {field_name!r} is not a file", REPAIR)
        self._waiting.append(Begins(_plain(options[b"filename"])))

    def _end(self) -> None:
        self.ended = True


def _plain(name: bytes) -> str:
    """Return a file's name without folders and unprintable characters."""
    text = "".join(letter for letter in name.decode("utf-8", "replace") if letter.isprintable())
    return PurePosixPath(text.replace("\\", "/")).name[:_LONGEST_NAME] or RAW_NAME
