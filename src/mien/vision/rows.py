"""Rows: frames with faces in, CSV and JSONL files out, row by row.

Rows are flushed as they come, so an interrupted or killed run leaves every finished row readable, see ``resume``.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

from mien.errors import OutputError
from mien.results import Frame, row_columns
from mien.vision.saving import told
from mien.writing import KEEP_BYTES


@dataclass(frozen=True)
class Key:
    """Whose a row is: its source, its frame, and the highest number of a track in it."""

    source: str
    index: int
    tracks: int


class RowSink(Protocol):
    """What writes rows, and can go on with those of an earlier run.

    Attributes:
        target: the file.
        gaps: whether frames without a face have no row.
        lags: whether rows wait before they are written.
    """

    target: Path
    gaps: bool
    lags: bool

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def write(self, frame: Frame) -> None:
        """Write one frame."""

    def earlier(self) -> Iterator[Key]:
        """Yield the whole rows of an earlier run; none if there is no file."""
        ...

    def keep(self, count: int) -> None:
        """Cut off all rows but the first ones; when opened, the sink goes on after them."""


class _TextSink:
    """A text file that is written row by row."""

    lags = False

    def __init__(self, target: Path) -> None:
        self.target = target
        self._mode = "w"
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        with told(self.target):
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self._file = _text(self.target, self._mode)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def _open(self) -> TextIO:
        if self._file is None:
            message = f"{self.target}: is not open; write inside a with block"
            raise OutputError(message)
        return self._file

    def _lines(self) -> Iterator[str]:
        """Yield the lines that there are, up to one that was not written to its end."""
        if self.target.exists():
            with told(self.target), _text(self.target, "r") as file:
                yield from (line for line in file if line.endswith("\n"))

    def _keep_lines(self, lines: Iterable[str]) -> None:
        part = self.target.with_name(f".{self.target.name}-kept")
        with told(self.target), _text(part, "w") as file:
            file.writelines(lines)
        with told(self.target):
            part.replace(self.target)
        self._mode = "a"


def _text(path: Path, mode: str) -> Any:
    return path.open(mode, encoding="utf-8", errors=KEEP_BYTES, newline="\n")


class JsonlSink(_TextSink):
    """Writes one JSON object a line and frame (``Frame.to_dict``), also for frames without a face.

    Example:
        >>> with JsonlSink(Path("faces.jsonl")) as sink:
        ...     for frame in frames:
        ...         sink.write(frame)
    """

    gaps = False

    def write(self, frame: Frame) -> None:
        """Write one line.

        Raises:
            OutputError: the file cannot be written.
        """
        with told(self.target):
            self._open.write(json.dumps(frame.to_dict()) + "\n")
            self._open.flush()

    def earlier(self) -> Iterator[Key]:
        """Yield the whole rows of an earlier run."""
        for line in self._lines():
            try:
                row = json.loads(line)
                tracks = max((face["track"] or 0 for face in row["faces"]), default=0)
                yield Key(row["source"], row["index"], tracks)
            except (ValueError, KeyError, TypeError) as error:
                raise _foreign(self.target) from error

    def keep(self, count: int) -> None:
        """Cut off all rows but the first ones."""
        if count or self.target.exists():
            self._keep_lines(islice(self._lines(), count))


class CsvSink(_TextSink):
    """Writes one row a face (``Frame.rows``); a frame without a face gives none (``JsonlSink`` has a line for it).

    ``uncertain`` is true or false; the probabilities before smoothing are empty for stills.

    Args:
        target: the file.
        labels: the class names, in the order of their columns.

    Example:
        >>> with CsvSink(Path("faces.csv"), detector.classify.labels) as sink:
        ...     for frame in frames:
        ...         sink.write(frame)
    """

    gaps = True

    def __init__(self, target: Path, labels: Sequence[str]) -> None:
        super().__init__(target)
        self._columns = row_columns(labels)

    def __enter__(self) -> Self:
        super().__enter__()
        if self._mode == "w":
            self._write_rows([self._columns])
        return self

    def write(self, frame: Frame) -> None:
        """Write the frame's faces.

        Raises:
            OutputError: the file cannot be written.
        """
        self._write_rows([[_cell(name, row[name]) for name in self._columns] for row in frame.rows()])

    def _write_rows(self, rows: Iterable[Sequence[object]]) -> None:
        with told(self.target):
            self._open.writelines(_line(row) for row in rows)
            self._open.flush()

    def earlier(self) -> Iterator[Key]:
        """Yield the whole rows of an earlier run."""
        rows = csv.DictReader(self._lines())
        if rows.fieldnames is not None and list(rows.fieldnames) != self._columns:
            raise _foreign(self.target)
        for row in rows:
            if None in row.values():  # not written to its end
                return
            try:
                yield Key(row["source"], int(row["index"]), int(row["track"] or 0))
            except ValueError as error:
                raise _foreign(self.target) from error

    def keep(self, count: int) -> None:
        """Cut off all rows but the first ones; the header stays."""
        if count:
            rows = islice(csv.reader(self._lines()), count + 1)
            self._keep_lines(_line(row) for row in rows)


def _line(row: Sequence[object]) -> str:
    text = StringIO(newline="")
    csv.writer(text).writerow(row)  # its own end of a line: Python 3.11 quotes only what is in that
    return text.getvalue().removesuffix("\r\n") + "\n"


def _cell(name: str, value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) and name != "time" else value


def _foreign(target: Path) -> OutputError:
    return OutputError(
        f"{target}: was not written with these settings and model; leave out --resume, or give its --out"
    )
