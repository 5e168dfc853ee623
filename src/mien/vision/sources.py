"""What a person names (files, folders, globs, a list) as the pictures and videos to read, in order, each once."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path

from mien.errors import PictureError
from mien.pictures import SUFFIXES

LIST = "-"
VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg")
_SUFFIXES = (*SUFFIXES, *VIDEO_SUFFIXES)


@dataclass(frozen=True)
class Source:
    """One picture or video to read.

    Attributes:
        path: the file.
        name: the file below the folder or glob that named it; results are written under this name.
    """

    path: Path
    name: Path

    @property
    def is_video(self) -> bool:
        """Whether the file's name ends as a video's does."""
        return self.path.suffix.lower() in VIDEO_SUFFIXES


def expand(sources: Iterable[str | Path], *, listed: Iterable[str] = (), leave_out: Path | None = None) -> list[Source]:
    """Return the pictures and videos that the sources name: in the given order, sorted within a folder, none twice.

    A folder stands for every picture and video in it and below it, hidden ones left out. A glob (``*``, ``?``, ``[``,
    ``**``) stands for what it matches, sorted, as in a shell. ``-`` stands for the lines of ``listed``, a file or
    folder each. A named file need not exist: that shows when it is read, so that one missing file does not stop the
    others.

    Args:
        sources: files, folders, globs or ``-``.
        listed: lines of the list that ``-`` stands for.
        leave_out: a folder whose files are not taken: where results are written.

    Raises:
        PictureError: a folder without a picture or video, a glob without a match, an empty list.

    Example:
        >>> [source.name for source in expand(["photos"])]
        [PosixPath('a.jpg'), PosixPath('trip/b.png')]
    """
    skipped = None if leave_out is None else leave_out.resolve()
    found: dict[Path, Source] = {}
    for given in sources:
        for source in _expand_one(str(given), listed, skipped):
            found.setdefault(source.path, source)
    return list(found.values())


def _expand_one(given: str, listed: Iterable[str], skipped: Path | None) -> list[Source]:
    if not given.strip():
        message = "the name of a source is empty; give a picture, a video, a folder or a glob"
        raise PictureError(message)
    if given == LIST:
        lines = [line.rstrip("\r\n") for line in listed]
        return _filled([source for line in lines if line.strip() for source in _named(line, skipped)], "the list")
    if has_magic(given) and not Path(given).exists():
        return _filled(list(_matches(given, skipped)), given)
    return _named(given, skipped)


def _filled(sources: list[Source], given: str) -> list[Source]:
    if not sources:
        message = f"{given}: names no picture or video; give a glob, files, or folders with {', '.join(_SUFFIXES)}"
        raise PictureError(message)
    return sources


def _named(given: str, skipped: Path | None) -> list[Source]:
    path = Path(given)
    if path.is_dir():
        return _filled([Source(file, file.relative_to(path)) for file in _below(path, skipped)], given)
    return [Source(path, Path(path.name))]


def _matches(pattern: str, skipped: Path | None) -> Iterator[Source]:
    start = Path(*_fixed_parts(Path(pattern)))
    for match in sorted(glob(pattern, recursive=True)):  # noqa: PTH207 (Path.glob takes no absolute pattern)
        path = Path(match)
        files = _below(path, skipped) if path.is_dir() else [path]
        yield from (Source(file, file.relative_to(start)) for file in files if file.parent.resolve() != skipped)


def _fixed_parts(pattern: Path) -> Iterator[str]:
    for part in pattern.parts[:-1]:
        if has_magic(part):
            return
        yield part


def _below(folder: Path, skipped: Path | None) -> Iterator[Path]:
    """Yield what a folder and those below it hold, sorted, without hidden files; links to folders are not followed."""
    for where, folders, files in os.walk(folder):
        here = Path(where)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and (here / name).resolve() != skipped)
        for name in sorted(files):
            if not name.startswith(".") and name.lower().endswith(_SUFFIXES):
                yield here / name


def result_names(sources: Iterable[Source], suffixes: tuple[str, ...]) -> dict[str, Path]:
    """Return under which name each source's result is written, by the source's path as text.

    A source whose suffix is among ``suffixes`` keeps it, the others get the last of them. Two sources of one name get
    ``name.jpg`` and ``name-2.jpg``.

    Example:
        >>> result_names(expand(["a.jpg", "b.webp"]), (".jpg", ".png"))
        {'a.jpg': PosixPath('a.jpg'), 'b.webp': PosixPath('b.png')}
    """
    names: dict[str, Path] = {}
    taken: set[str] = set()
    for source in sources:
        keeps = source.name.suffix.lower() in suffixes
        wanted = source.name if keeps else source.name.with_suffix(suffixes[-1])
        name, number = wanted, 2
        while str(name).lower() in taken:  # lower: file systems that do not tell A from a
            name, number = wanted.with_stem(f"{wanted.stem}-{number}"), number + 1
        taken.add(str(name).lower())
        names[str(source.path)] = name
    return names
