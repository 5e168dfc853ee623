"""What a server is told at its start: the limits, who may call it, where it keeps the files of its jobs."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from mien.errors import MienError

_SHORTEST_TOKEN = 16
_MOST = {int: 10**12, float: 1e9}  # a million million pieces or bytes, thirty years: clocks know no end of time
_TOKEN_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(frozen=True)
class Limits:
    """How much a server takes at once; what is over is refused with a reason.

    Attributes:
        picture_bytes: of one picture's file, and of one frame of the live socket.
        picture_pixels: of one picture, read from its header before it is decoded.
        files: pictures in one request.
        faces: of one picture; the largest are kept.
        waiting: pictures that wait for the detector, of all requests together.
        held_bytes: of all request bodies in memory together.
        body_seconds: until a request's pictures have to be there; a video has ``job_seconds``.
        connections: open at once, sockets of all kinds.
        live: live sockets at once.
        video_bytes: of one video's file.
        video_frames: of one video.
        job_seconds: that one video may take to come, and then to be worked on.
        jobs: videos that are worked on or wait.
        kept_seconds: that a finished job's results stay.
    """

    picture_bytes: int = 10_000_000
    picture_pixels: int = 40_000_000
    files: int = 16
    faces: int = 64
    waiting: int = 64
    held_bytes: int = 320_000_000
    body_seconds: float = 30.0
    connections: int = 512
    live: int = 16
    video_bytes: int = 500_000_000
    video_frames: int = 30_000
    job_seconds: float = 1800.0
    jobs: int = 4
    kept_seconds: float = 3600.0


def limits_from(given: Iterable[str]) -> Limits:
    """Return the limits with those changed that are given as ``name=value``.

    Raises:
        MienError: an unknown name, or a value that is no number above 0 or one out of all reason.

    Example:
        >>> limits_from(["files=4"]).files
        4
    """
    kinds = {name: type(default) for name, default in asdict(Limits()).items()}
    values = {}
    for pair in given:
        name, _, value = pair.partition("=")
        if name not in kinds:
            message = f"--limit {pair}: there is no limit {name!r}; expected one of {', '.join(kinds)}"
            raise MienError(message)
        try:
            values[name] = kinds[name](value)
        except ValueError:
            values[name] = 0
        if not 0 < values[name] <= _MOST[kinds[name]]:
            most = f"{_MOST[kinds[name]]:.0f}"
            message = f"--limit {pair}: expected a number above 0, {most} at most, as in {name}={getattr(Limits, name)}"
            raise MienError(message)
    return Limits(**values)


@dataclass(frozen=True)
class Settings:
    """How a server is set up.

    Attributes:
        host: the address that it binds.
        port: the port that it binds.
        token: what a caller must show as ``Authorization: Bearer TOKEN``; empty for none, on a loopback address only.
        names: further host names under which the server may be called.
        folder: where the files of video jobs lie; a private one in the system's temporary folder if None.
        limits: see ``Limits``.

    Raises:
        MienError: a token that is missing, too short, or has other characters than a header and a socket may carry.

    Example:
        >>> Settings(host="127.0.0.1").is_local
        True
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str = field(default="", repr=False)
    names: tuple[str, ...] = ()
    folder: Path | None = None
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        if not self.token and not self.is_local:
            message = (
                f"--host {self.host}: other machines could call it, so it needs a token; "
                "set MIEN_TOKEN to 16 characters or more (openssl rand -hex 16), or stay with --host 127.0.0.1"
            )
            raise MienError(message)
        if self.token and (len(self.token) < _SHORTEST_TOKEN or not _TOKEN_LETTERS.issuperset(self.token)):
            message = (
                f"the token is too short or has characters that cannot be sent; expected at least {_SHORTEST_TOKEN} "
                "letters, digits or - . _ ~: openssl rand -hex 16 makes one"
            )
            raise MienError(message)

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server."""
        return _is_loopback(self.host)

    def allows(self, host: str) -> bool:
        """Return whether a ``Host`` header names this server.

        A name that anybody may point anywhere is not taken: that is how a foreign page would get at a local server
        (DNS rebinding). An address in figures cannot be pointed elsewhere.

        Example:
            >>> Settings().allows("localhost:8000"), Settings().allows("evil.example")
            (True, False)
        """
        name = _host_name(host)
        if not name:
            return False
        if name in {self.host.lower(), *(each.lower() for each in self.names)} or _is_loopback(name):
            return True
        return not self.is_local and _is_address(name)


def _host_name(host: str) -> str:
    """Return the name in ``name:port``, in lower case, brackets and a last dot dropped; empty if there is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return name == "localhost" or (_is_address(name) and ip_address(name).is_loopback)
