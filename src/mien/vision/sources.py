"""What a person names (files, folders, globs, a list) as the pictures and videos to read, in order, each once."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from glob import escape, glob, has_magic
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from mien.errors import PictureError
from mien.pictures import SUFFIXES

LIST = "-"
VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg")
TABLE_SUFFIX = ".parquet"
_SUFFIXES = (*SUFFIXES, *VIDEO_SUFFIXES)
WITH_TABLES = (*_SUFFIXES, TABLE_SUFFIX)
SCHEMES = ("rtsp", "rtsps", "http", "https", "rtmp", "rtmps", "udp", "srt")
_LONGEST = 255  # bytes of a name, on nearly every file system
_NUMBERED = re.compile(r"%0?(\d*)d")


@dataclass(frozen=True)
class Source:
    """A picture, a video, a camera or a stream to read.

    Attributes:
        path: the file; of a sequence of pictures the pattern, ``shot/%04d.png``.
        name: the file below the folder or glob that named it; results are written under this name.
        live: a camera's number or a stream's address instead of a file.
    """

    path: Path
    name: Path
    live: int | str | None = None

    @property
    def is_video(self) -> bool:
        """Whether it is a video, a sequence, a camera or a stream, and not a still picture."""
        return self.live is not None or self.path.suffix.lower() in VIDEO_SUFFIXES or is_sequence(self.path)

    @property
    def is_table(self) -> bool:
        """Whether it is a Parquet file with pictures in it."""
        return self.live is None and self.path.suffix.lower() == TABLE_SUFFIX

    @property
    def text(self) -> str:
        """What frames and rows call it."""
        return str(self.path) if self.live is None else live_name(self.live)


def live_source(given: str | Path | int) -> int | str | None:
    """Return a camera's number or a stream's address; None for files.

    Example:
        >>> live_source("0"), live_source("rtsp://door/1"), live_source("clip.mp4")
        (0, 'rtsp://door/1', None)
    """
    if isinstance(given, int):
        return given
    text = str(given)
    if text.isdecimal() and not Path(text).exists():
        return int(text)
    return text if isinstance(given, str) and text.lower().startswith(tuple(f"{s}://" for s in SCHEMES)) else None


def is_live(given: str | Path | int) -> bool:
    """Return whether a source goes on whether it is read or not: a camera, a stream; not a video file on a server.

    Example:
        >>> is_live(0), is_live("rtsp://door/1"), is_live("http://host/clip.mp4")
        (True, True, False)
    """
    live = live_source(given)
    return live is not None and not (isinstance(live, str) and urlsplit(live).path.lower().endswith(VIDEO_SUFFIXES))


def live_name(live: int | str) -> str:
    """Return what a camera or stream is called: an address without the password in it.

    Example:
        >>> live_name(0), live_name("rtsp://me:secret@door/1")
        ('camera 0', 'rtsp://door/1')
    """
    if isinstance(live, int):
        return f"camera {live}"
    parts = urlsplit(live)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def is_sequence(path: Path) -> bool:
    """Return whether a path stands for numbered pictures: ``shot/%04d.png``."""
    return path.suffix.lower() in SUFFIXES and _NUMBERED.search(path.name) is not None and not path.exists()


def numbered(pattern: Path) -> list[Path]:
    """Return the pictures of a sequence that there are, by their numbers.

    Raises:
        PictureError: there is none.

    Example:
        >>> numbered(Path("shot/%04d.png"))
        [PosixPath('shot/0001.png'), PosixPath('shot/0002.png')]
    """
    head, width, tail = _NUMBERED.split(pattern.name, maxsplit=1)
    whole = re.compile(re.escape(head) + rf"(\d{{{width or 1},}})" + re.escape(tail))
    found = sorted(
        (int(match[1]), path.name, path)
        for path in (pattern.parent.iterdir() if pattern.parent.is_dir() else ())
        if (match := whole.fullmatch(path.name))
    )
    if not found:
        message = f"{pattern}: no picture has such a name; %04d stands for a number of four digits, %d for any"
        raise PictureError(message)
    return [path for _, _, path in found]


def expand(
    sources: Iterable[str | Path],
    *,
    listed: Iterable[str] = (),
    leave_out: Path | None = None,
    suffixes: tuple[str, ...] = _SUFFIXES,
) -> list[Source]:
    """Return the pictures and videos that the sources name: in the given order, sorted within a folder, none twice.

    A folder stands for every picture and video in it and below it, hidden ones left out. A glob (``*``, ``?``, ``[``,
    ``**``) stands for what it matches, sorted, as in a shell. ``-`` stands for the lines of ``listed``, a file or
    folder each. A named file need not exist: that shows when it is read, so that one missing file does not stop the
    others.

    Args:
        sources: files, folders, globs, ``-``, numbers of cameras, addresses of streams.
        listed: lines of the list that ``-`` stands for.
        leave_out: a folder where results are written: nothing in it or below it is taken, unless a source names it or
            a folder in it.
        suffixes: of the files that a folder stands for.

    Raises:
        PictureError: a folder without a picture or video, a glob without a match, an empty list.

    Example:
        >>> [source.name for source in expand(["photos"])]
        [PosixPath('a.jpg'), PosixPath('trip/b.png')]
    """
    look = _Look(None if leave_out is None else leave_out.resolve(), suffixes)
    found: dict[str, Source] = {}
    for given in sources:
        for source in _expand_one(str(given), listed, look):
            found.setdefault(source.text, source)
    return list(found.values())


@dataclass(frozen=True)
class _Look:
    """What is looked for in folders: files with these suffixes, not in the skipped folder or below it."""

    skipped: Path | None
    suffixes: tuple[str, ...]

    def skips(self, folder: Path) -> bool:
        return self.skipped is not None and folder.resolve().is_relative_to(self.skipped)


def _expand_one(given: str, listed: Iterable[str], look: _Look) -> list[Source]:
    if not given.strip():
        message = "the name of a source is empty; give a picture, a video, a folder or a glob"
        raise PictureError(message)
    if given == LIST:
        lines = [line.rstrip("\r\n") for line in listed]
        return _filled([source for line in lines if line.strip() for source in _named(line, look)], "the list", look)
    if _is_glob(given):
        return _filled(list(_matches(given, look)), given, look)
    return _named(given, look)


def _is_glob(given: str) -> bool:
    path = Path(given)
    if not has_magic(given) or live_source(given) is not None or os.path.exists(given):  # noqa: PTH110 (as below)
        return False
    return has_magic(path.name) or not (is_sequence(path) and path.parent.is_dir())


def _filled(sources: list[Source], given: str, look: _Look) -> list[Source]:
    if not sources:
        message = f"{given}: names no picture or video; give a glob, files, or folders with {', '.join(look.suffixes)}"
        raise PictureError(message)
    return sources


def _named(given: str, look: _Look) -> list[Source]:
    path, live = Path(given), live_source(given)
    if live is not None:
        return [Source(path, Path(re.sub(r"\W+", "-", live_name(live)).strip("-")), live)]
    if os.path.isdir(path):  # noqa: PTH112 (Path's own raises where it may not look: that shows when it is read)
        return _filled([Source(file, file.relative_to(path)) for file in _below(path, look)], given, look)
    return [Source(path, Path(path.name))]


def _matches(pattern: str, look: _Look) -> Iterator[Source]:
    start = Path(*_fixed_parts(Path(pattern)))
    if has_magic(str(start)):
        pattern = str(Path(escape(str(start)), Path(pattern).relative_to(start)))
    if look.skips(start):  # named, so it is wanted
        look = replace(look, skipped=None)
    for match in sorted(glob(pattern, recursive=True)):  # noqa: PTH207 (Path.glob takes no absolute pattern)
        path = Path(match)
        is_folder = path.is_dir()
        if not look.skips(path if is_folder else path.parent):
            files = _below(path, look) if is_folder else [path]
            yield from (Source(file, file.relative_to(start)) for file in files)


def _fixed_parts(pattern: Path) -> Iterator[str]:
    """Yield the folders before the first wildcard; a folder that is there is meant, whatever its name."""
    here = Path()
    for part in pattern.parts[:-1]:
        here /= part
        if has_magic(part) and not here.is_dir():
            return
        yield part


def _below(folder: Path, look: _Look) -> Iterator[Path]:
    """Yield what a folder and those below it hold, sorted, without hidden files; links to folders are not followed.

    The folder itself was named and is searched, also where it is the skipped one. One below it that cannot be listed is
    yielded itself: reading it tells why.
    """
    closed: list[Path] = []

    def note(error: OSError) -> None:
        closed.append(Path(error.filename or folder))
        if closed[-1] == folder:
            message = f"{folder}: cannot be listed ({error.strerror or error}); allow it, or give another folder"
            raise PictureError(message) from error

    if look.skips(folder):
        look = replace(look, skipped=None)
    for where, folders, files in os.walk(folder, onerror=note):
        here = Path(where)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not look.skips(here / name))
        for name in sorted(files):
            if not name.startswith(".") and name.lower().endswith(look.suffixes):
                yield here / name
    yield from closed


def result_names(sources: Iterable[Source], suffixes: tuple[str, ...], room: int = 0) -> dict[str, Path]:
    """Return under which name each source's result is written, by what frames call the source.

    A source whose suffix is among ``suffixes`` keeps it, the others get the last of them. Two sources of one name get
    ``name.jpg`` and ``name-2.jpg``. A name that a file system would refuse for its length is cut.

    Args:
        sources: pictures and videos.
        suffixes: what results may end in.
        room: bytes that are still to be added to a name.

    Example:
        >>> result_names(expand(["a.jpg", "b.webp"]), (".jpg", ".png"))
        {'a.jpg': PosixPath('a.jpg'), 'b.webp': PosixPath('b.png')}
    """
    names: dict[str, Path] = {}
    taken: set[str] = set()
    for source in sources:
        keeps = source.name.suffix.lower() in suffixes
        wanted = source.name if keeps else source.name.with_suffix(suffixes[-1])
        name, number = _cut(wanted, "", room), 2
        while str(name).lower() in taken:  # lower: file systems that do not tell A from a
            name, number = _cut(wanted, f"-{number}", room), number + 1
        taken.add(str(name).lower())
        names[source.text] = name
    return names


def _cut(name: Path, ending: str, room: int) -> Path:
    """Return a name with an ending of its stem, which is cut where it is too long."""
    stem = os.fsencode(name.stem)
    most = _LONGEST - room - len(os.fsencode(ending + name.suffix))
    kept = name.stem if len(stem) <= most else stem[:most].decode("utf-8", "ignore")
    return name.with_name(f"{kept}{ending}{name.suffix}")
