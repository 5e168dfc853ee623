"""FER2013 as one table: fer2013.csv and icml_face_data.csv (Goodfellow et al. 2013, arXiv 1307.0414)."""

import csv
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mien.data.dataset import Dataset
from mien.errors import DataError
from mien.labels import FER_ORDER
from mien.model.preprocess import face_pixels
from mien.progress import Watch

USAGES = {"training": "train", "publictest": "test", "privatetest": "private"}
SIDE = 48
OFFICIAL_ROWS = 35_887
_COLUMNS = ("emotion", "pixels", "usage")
_EXPECTED = "expected the columns emotion, pixels, Usage of fer2013.csv or icml_face_data.csv"
_EXPRESSIONS = {str(number): name for number, name in enumerate(FER_ORDER)}
_REPORT_EVERY = 500


@dataclass(frozen=True)
class _Row:
    """One row: its number from 0, its line in the file, and its three cells as they stand."""

    number: int
    line: int
    emotion: str
    pixels: str
    usage: str

    @property
    def split(self) -> str | None:
        return USAGES.get(self.usage.strip().lower())


def row_name(number: int, rows: int) -> str:
    """Return the name of a row (counted from 0) in a table of so many rows.

    Rows of the official table are ``fer2013-00000``, those of any other ``row0000000``. FER+ names the same pictures
    ``fer0000000`` but skips non-faces in counting, so its numbers drift away from the rows: the names must differ.

    Example:
        >>> row_name(7, 35_887), row_name(7, 100)
        ('fer2013-00007', 'row0000007')
    """
    return f"fer2013-{number:05d}" if rows == OFFICIAL_ROWS else f"row{number:07d}"


def splits(path: Path) -> tuple[str, ...]:
    """Return which of train, test, private a table has rows of.

    Raises:
        DataError: the file cannot be read or has other columns.
    """
    there = {row.split for row in _rows(path, None)}
    return tuple(split for split in USAGES.values() if split in there)


def read(path: Path, split: str, *, size: int = SIDE, watch: Watch | None = None) -> Dataset:
    """Read one split of the table; malformed rows are left out and listed in ``unreadable``.

    Args:
        path: CSV with the columns emotion (0-6, FER2013's order), pixels (2304 values 0-255, row by row), Usage
            (Training is train, PublicTest is test, PrivateTest is private), in any order.
        split: train, test or private.
        size: side of the pictures in pixels.
        watch: called with the number of lines read and of all.

    Returns:
        images uint8 ``(n, size, size)``, in order of the rows; classes are those that any split of the file has.

    Raises:
        DataError: the file cannot be read, has other columns, has no row of the split, or no good one.

    Example:
        >>> read(Path("fer2013.csv"), "test").images.shape
        (3589, 48, 48)
    """
    found = _find(path, split, watch)
    unreadable = tuple(f"{row_name(number, found.rows)}: {fault}" for number, fault in found.bad)
    if not found.good:
        raise DataError(_nothing(path, split, found, unreadable))
    faces = np.frombuffer(b"".join(pixels for _, _, pixels in found.good), np.uint8).reshape(-1, SIDE, SIDE)
    classes = tuple(sorted(found.expressions))
    return Dataset(
        images=faces if size == SIDE else np.stack([face_pixels(face, size) for face in faces]),
        labels=np.array([classes.index(expression) for _, expression, _ in found.good], np.int64),
        classes=classes,
        names=tuple(row_name(number, found.rows) for number, _, _ in found.good),
        unreadable=unreadable,
    )


@dataclass
class _Found:
    """What a table holds: its rows, splits and expressions; of one split the good rows and the bad ones."""

    rows: int = 0
    splits: set[str | None] = field(default_factory=set)
    expressions: set[str] = field(default_factory=set)
    good: list[tuple[int, str, bytes]] = field(default_factory=list)
    bad: list[tuple[int, str]] = field(default_factory=list)


def _find(path: Path, split: str, watch: Watch | None) -> _Found:
    found = _Found()
    for row in _rows(path, watch):
        found.rows += 1
        found.splits.add(row.split)
        if (expression := _EXPRESSIONS.get(row.emotion.strip())) is not None:
            found.expressions.add(expression)
        if row.split in (split, None):
            try:
                found.good.append((row.number, *_parse(row)))
            except ValueError as fault:
                found.bad.append((row.number, f"{fault} (line {row.line})"))
    return found


def _nothing(path: Path, split: str, found: _Found, unreadable: tuple[str, ...]) -> str:
    """Return why no picture of a split was found."""
    if split in found.splits or found.splits == {None}:
        return f"{path}: none of {len(unreadable)} rows can be read, the first is {unreadable[0]}; {_EXPECTED}"
    known = ", ".join(name for name in USAGES.values() if name in found.splits)
    return f"{path}: has no rows of split '{split}'; {f'it has {known}' if known else _EXPECTED}"


def _parse(row: _Row) -> tuple[str, bytes]:
    """Return a row's expression and its 2304 pixels; ValueError says what is wrong with it."""
    if row.split is None:
        message = f"Usage {row.usage!r}, expected Training, PublicTest or PrivateTest"
        raise ValueError(message)
    expression = _EXPRESSIONS.get(row.emotion.strip())
    if expression is None:
        message = f"emotion {row.emotion!r}, expected a number from 0 to {len(FER_ORDER) - 1}"
        raise ValueError(message)
    return expression, _pixels(row.pixels)


def _pixels(text: str) -> bytes:
    try:
        with warnings.catch_warnings(action="error"):
            values = np.fromstring(text, np.int64, sep=" ")
    except (ValueError, DeprecationWarning):
        strange = next((word for word in text.split() if not word.isdecimal()), "")
        message = f"pixel {strange[:20]!r}, expected whole numbers from 0 to 255"
        raise ValueError(message) from None
    if len(values) != SIDE * SIDE:
        message = f"{len(values)} pixels, expected {SIDE * SIDE}"
        raise ValueError(message)
    if values.min() < 0 or values.max() > 255:
        message = f"pixels from {values.min()} to {values.max()}, expected whole numbers from 0 to 255"
        raise ValueError(message)
    return values.astype(np.uint8).tobytes()


def _rows(path: Path, watch: Watch | None) -> Iterator[_Row]:
    """Yield the rows of a table; short rows have empty cells."""
    total = _count_lines(path) if watch is not None else 0
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            reader = csv.reader(file)
            places = _places(path, next(reader, []))
            for number, cells in enumerate(cells for cells in reader if cells):
                emotion, pixels, usage = (cells[place] if place < len(cells) else "" for place in places)
                yield _Row(number, reader.line_num, emotion, pixels, usage)
                if watch is not None and number % _REPORT_EVERY == 0:
                    watch(min(reader.line_num, total), total)
    except (OSError, csv.Error) as error:
        message = f"{path}: cannot be read ({error}); {_EXPECTED}"
        raise DataError(message) from error


def _count_lines(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    except OSError:
        return 0  # opening it again says what is wrong


def _places(path: Path, header: list[str]) -> tuple[int, int, int]:
    """Return where emotion, pixels and Usage stand in a row."""
    names = [name.strip().lower() for name in header]
    missing = [name for name in _COLUMNS if name not in names]
    if missing:
        given = ", ".join(name.strip()[:20] for name in header[:8]) or "none"
        given = given if given.isprintable() else "no text"
        message = f"{path}: has no column {' nor '.join(missing)} (its columns: {given}); {_EXPECTED}"
        raise DataError(message)
    return names.index("emotion"), names.index("pixels"), names.index("usage")
