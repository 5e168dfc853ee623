"""Parts: what a job on many machines is cut into. A worker reads a part and makes one file of rows of it.

The same sources always give the same parts, so that a job can be gone on with.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from mien.cluster.stored import Rows, stored_pictures
from mien.vision.sources import Source

PICTURES = 1_000  # a part: some seconds to a minute of a core, and what a killed worker loses
_MOST = 20_000  # parts; of more pictures, each has more
_SHARES = 16  # that a large row group is cut into at most: for each of them it is read from its beginning


@dataclass(frozen=True)
class Part:
    """A part of a job.

    Attributes:
        number: from 0, in the order of the sources.
        pictures: paths of picture files, or rows of one Parquet file.
    """

    number: int
    pictures: tuple[str, ...] | Rows

    @property
    def count(self) -> int:
        """How many pictures it has."""
        return self.pictures.stop - self.pictures.start if isinstance(self.pictures, Rows) else len(self.pictures)

    @property
    def name(self) -> str:
        """What people can find it by."""
        if isinstance(self.pictures, Rows):
            return f"rows {self.pictures.start} to {self.pictures.stop - 1} of {self.pictures.file}"
        return f"{self.pictures[0]} to {self.pictures[-1]}"


def cut(sources: Sequence[Source]) -> list[Part]:
    """Return the parts of pictures and Parquet files, in their order.

    Raises:
        PictureError: a Parquet file that cannot be read, or without one column of bytes.

    Example:
        >>> [part.count for part in cut(expand(["photos"]))]
        [1000, 1000, 234]
    """
    stored = {source.text: stored_pictures(source.path) for source in sources if source.is_table}
    total = len(sources) - len(stored) + sum(sum(groups) for _, groups in stored.values())
    size = max(PICTURES, ceil(total / _MOST))
    found: list[tuple[str, ...] | Rows] = []
    for is_table, some in groupby(sources, key=lambda source: source.is_table):
        names = [source.text for source in some]
        if is_table:
            found += [Rows(name, stored[name][0], *span) for name in names for span in _spans(stored[name][1], size)]
        else:
            found += [tuple(names[start : start + size]) for start in range(0, len(names), size)]
    return [Part(number, pictures) for number, pictures in enumerate(found)]


def _spans(groups: Sequence[int], size: int) -> list[tuple[int, int]]:
    """Return from which to which row the parts of a Parquet file go, small row groups together."""
    spans: list[tuple[int, int]] = []
    for start, stop in _pieces(groups, size):
        if spans and stop - spans[-1][0] <= size:
            start = spans.pop()[0]
        spans.append((start, stop))
    return spans


def _pieces(groups: Sequence[int], size: int) -> Iterator[tuple[int, int]]:
    begin = 0
    for rows in groups:
        step = max(size, ceil(rows / _SHARES))
        yield from ((begin + at, begin + min(at + step, rows)) for at in range(0, rows, step))
        begin += rows
