"""What the server answers where it does not do what was asked: a status, what is wrong, how to mend it. Never more."""

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from starlette.responses import JSONResponse

from mien.errors import MienError, OutputError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Refusal(MienError):
    """A request that is not served.

    Attributes:
        status: the HTTP status.
        what: what is wrong, in a sentence for a person.
        repair: what to do about it.
        headers: further headers of the answer.

    Example:
        >>> raise Refusal(415, "notes.txt: not a picture", "send JPEG, PNG, WebP or BMP")
    """

    def __init__(self, status: int, what: str, repair: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{what}; {repair}")
        self.status, self.what, self.repair, self.headers = status, what, repair, dict(headers or {})

    def answer(self) -> JSONResponse:
        """Return the HTTP answer: ``{"error": what, "repair": repair}``."""
        return JSONResponse(self.to_dict(), self.status, self.headers)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer's body."""
        return {"error": self.what, "repair": self.repair}


def busy(what: str) -> Refusal:
    """Return the refusal of a server that has enough to do: 429, with the seconds after which to ask again.

    Example:
        >>> busy("64 pictures wait already").status
        429
    """
    return Refusal(429, what, "wait a second and ask again", {"Retry-After": "1"})


def too_large(what: str, repair: str) -> Refusal:
    """Return the refusal of something over a limit: 413."""
    return Refusal(413, what, repair)


@contextmanager
def storing() -> Iterator[None]:
    """Turn the error of a disk that takes no more, or of a folder that takes nothing, into a refusal: 507.

    Example:
        >>> with storing():
        ...     folder.mkdir()
    """
    try:
        yield
    except (OSError, OutputError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        if isinstance(cause, OSError) and cause.errno in _FULL:
            what, repair = "the server has no room to store this video", "free room on the server's disk"
        else:
            what, repair = "the server cannot store this video", "look whether its folder is there and can be written"
        raise Refusal(507, what, f"{repair}, then send it again") from error
