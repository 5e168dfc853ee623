"""Tables: rows of faces as a pandas data frame, and as Parquet files. Both need the extra ``table``."""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from mien.errors import OutputError, need
from mien.results import Frame, row_columns
from mien.vision.rows import Key
from mien.vision.saving import told
from mien.writing import printable, write_file

if TYPE_CHECKING:
    import pandas
    import pyarrow

_PART_ROWS = 20_000
_PART_SECONDS = 10.0  # what a killed run loses at most
_WHOLE = ("index", "face", "track", "x", "y", "width", "height")
_TEXT = ("source", "label")


def to_pandas(frames: Frame | Iterable[Frame]) -> "pandas.DataFrame":
    """Return a table with one row a face, see ``Frame.rows`` for the columns; a frame without a face gives no row.

    A source whose name is not UTF-8 has replacement characters in it.

    Args:
        frames: a frame, or what ``detector.stream`` gives; their pictures are not kept.

    Raises:
        MissingExtra: pandas is not installed.

    Example:
        >>> table = to_pandas(Detector().stream("clip.mp4"))
        >>> table.groupby("track")["label"].value_counts(normalize=True)
    """
    need("table", "pandas", purpose="a pandas table")
    import pandas

    given = [frames] if isinstance(frames, Frame) else frames
    rows = [row for frame in given for row in _rows(frame)]
    return pandas.DataFrame(rows, columns=None if rows else row_columns(())).astype({"track": "Int64"})


def _rows(frame: Frame) -> list[dict[str, Any]]:
    return [{**row, "source": printable(row["source"])} for row in frame.rows()]


class ParquetSink:
    """Writes rows as the finished parts of a Parquet data set: a folder that pandas and DuckDB read as one table.

    A source whose name is not UTF-8, which Parquet cannot hold, has replacement characters in it.

    A part is written whole, after so many rows or some seconds; a killed run loses what came after the last one.

    Args:
        target: the folder, ``faces.parquet``; parts of an earlier run are replaced.
        labels: the class names.

    Raises:
        MissingExtra: pyarrow is not installed.

    Example:
        >>> with ParquetSink(Path("faces.parquet"), detector.classify.labels) as sink:
        ...     for frame in frames:
        ...         sink.write(frame)
    """

    gaps = lags = True

    def __init__(self, target: Path, labels: Sequence[str]) -> None:
        need("table", "pyarrow", purpose="--save parquet")
        self.target = target
        self._labels = labels
        self._rows: list[dict[str, Any]] = []
        self._written, self._since, self._goes_on = 0, 0.0, False

    def __enter__(self) -> Self:
        with told(self.target):
            self.target.mkdir(parents=True, exist_ok=True)
            if not self._goes_on:
                for part in self._parts():
                    part.unlink()
        self._written, self._since = len(self._parts()), monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._rows or not self._written:
            self._write_rows()

    def write(self, frame: Frame) -> None:
        """Take the frame's faces.

        Raises:
            OutputError: a part cannot be written.
        """
        self._rows += _rows(frame)
        if self._rows and (len(self._rows) >= _PART_ROWS or monotonic() - self._since > _PART_SECONDS):
            self._write_rows()

    def earlier(self) -> Iterator[Key]:
        """Yield the rows of an earlier run."""
        for part in self._parts():
            table = _read(part)
            if table.schema != parquet_schema(self._labels):
                message = f"{part}: was not written with these settings and model; leave out --resume"
                raise OutputError(message)
            names = ("source", "index", "track")
            for source, index, track in zip(*(table.column(name).to_pylist() for name in names), strict=True):
                yield Key(source, index, track or 0)

    def keep(self, count: int) -> None:
        """Cut off all rows but the first ones."""
        for number, part in enumerate(self._parts()):
            table = _read(part)
            if count < table.num_rows:
                with told(part):
                    part.unlink()
                if count:
                    self._written = number
                    self._write_part(table.slice(0, count))
            count = max(0, count - table.num_rows)
        self._goes_on = True

    def _parts(self) -> list[Path]:
        return sorted(self.target.glob("part-*.parquet"))

    def _write_rows(self) -> None:
        import pyarrow

        self._write_part(pyarrow.Table.from_pylist(self._rows, schema=parquet_schema(self._labels)))
        self._rows, self._since = [], monotonic()

    def _write_part(self, table: "pyarrow.Table") -> None:
        write_file(self.target / part_name(self._written), parquet_bytes(table))
        self._written += 1


def part_name(number: int) -> str:
    """Return the file name of a part of a data set.

    Example:
        >>> part_name(3)
        'part-00003.parquet'
    """
    return f"part-{number:05d}.parquet"


def parquet_schema(labels: Sequence[str]) -> "pyarrow.Schema":
    """Return names and types of the columns that ``Frame.rows`` has for a model of these labels.

    Example:
        >>> parquet_schema(("happy", "sad")).names[:3]
        ['source', 'index', 'time']
    """
    import pyarrow

    kinds = dict.fromkeys(row_columns(labels), pyarrow.float64())
    kinds |= dict.fromkeys(_WHOLE, pyarrow.int64()) | dict.fromkeys(_TEXT, pyarrow.string())
    return pyarrow.schema([(name, kinds[name] if name != "uncertain" else pyarrow.bool_()) for name in kinds])


def parquet_bytes(table: "pyarrow.Table") -> bytes:
    """Return what a Parquet file of the table holds.

    Example:
        >>> write_file(Path("faces.parquet"), parquet_bytes(table))
    """
    import pyarrow.parquet

    data = BytesIO()
    pyarrow.parquet.write_table(table, data)
    return data.getvalue()


def _read(part: Path) -> "pyarrow.Table":
    import pyarrow
    import pyarrow.parquet

    try:
        return pyarrow.parquet.read_table(part, partitioning=None)
    except (OSError, pyarrow.ArrowException) as error:
        message = f"{part}: cannot be read ({error}); leave out --resume"
        raise OutputError(message) from error
