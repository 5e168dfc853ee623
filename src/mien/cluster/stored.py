"""Pictures stored in Parquet: a column with the bytes of picture files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mien.errors import PictureError, first_line

if TYPE_CHECKING:
    import pyarrow

_BATCH = 16  # pictures in memory
_BUFFER = 2**20  # bytes that are read at once; else it would be a row group


@dataclass(frozen=True)
class Rows:
    """Some rows of a Parquet file, one picture each.

    Attributes:
        file: its path.
        column: the column of bytes; ``image.bytes`` inside a column ``image`` of structures.
        start: the first row, from 0.
        stop: the row after the last one.
    """

    file: str
    column: str
    start: int
    stop: int


def stored_pictures(path: Path) -> tuple[str, list[int]]:
    """Return the column of bytes of a Parquet file, and how many rows each of its row groups has.

    Raises:
        PictureError: no Parquet file, or it has no column of bytes, or several.

    Example:
        >>> stored_pictures(Path("photos.parquet"))
        ('image.bytes', [1000, 1000, 234])
    """
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            schema, counts = file.schema_arrow, file.metadata
            groups = [counts.row_group(number).num_rows for number in range(counts.num_row_groups)]
    except (OSError, pyarrow.ArrowException) as error:
        message = f"{path}: cannot be read ({first_line(error)}); give a whole Parquet file, or leave it out"
        raise PictureError(message) from error
    columns = list(_byte_columns(schema))
    if len(columns) != 1:
        found = f"several columns of bytes ({', '.join(columns)})" if columns else "no column of bytes"
        message = f"{path}: has {found}; expected one, which holds picture files as they are (PNG, JPEG, ...)"
        raise PictureError(message)
    return columns[0], groups


def read_stored(rows: Rows) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the picture file of each row; empty bytes where a row has none.

    Raises:
        PictureError: the file cannot be read, or not to its end.

    Example:
        >>> [(row, len(data)) for row, data in read_stored(Rows("photos.parquet", "image", 0, 2))]
        [(0, 51310), (1, 48222)]
    """
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(rows.file, buffer_size=_BUFFER, pre_buffer=False) as file:
            row, groups = _groups(file, rows)
            for batch in file.iter_batches(_BATCH, groups, columns=[rows.column]):
                for value in batch.column(0):
                    if rows.start <= row < rows.stop:
                        yield row, _bytes(value.as_py())
                    row += 1
    except (OSError, pyarrow.ArrowException) as error:
        message = f"{rows.file}: cannot be read to row {rows.stop - 1} ({first_line(error)}); write it again"
        raise PictureError(message) from error


def _groups(file: "pyarrow.parquet.ParquetFile", rows: Rows) -> tuple[int, list[int]]:
    """Return the row groups that hold the rows, and the number of the first row of the first of them."""
    first, end = 0, 0
    groups: list[int] = []
    for group in range(file.metadata.num_row_groups):
        begin, end = end, end + file.metadata.row_group(group).num_rows
        if begin < rows.stop and end > rows.start:
            first = first if groups else begin
            groups.append(group)
    return first, groups


def _byte_columns(schema: "pyarrow.Schema") -> Iterator[str]:
    """Yield columns of bytes, also those inside structures, as data sets of pictures have them."""
    from pyarrow import types

    for field in schema:
        inner = list(field.type) if types.is_struct(field.type) else []
        leaves = [(f"{field.name}.{leaf.name}", leaf.type) for leaf in inner] or [(field.name, field.type)]
        yield from (name for name, kind in leaves if types.is_binary(kind) or types.is_large_binary(kind))


def _bytes(value: bytes | dict[str, bytes | None] | None) -> bytes:
    inner = next(iter(value.values())) if isinstance(value, dict) else value
    return inner or b""
