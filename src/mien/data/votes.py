"""Votes of a crowd on what each picture shows, such as FER+ (Barsoum et al. 2016, arXiv 1608.01041)."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt

from mien.data.dataset import Dataset
from mien.data.fer_csv import OFFICIAL_ROWS, row_name
from mien.errors import DataError
from mien.labels import canonical

_NAME_COLUMNS = ("image name", "image", "file", "filename", "name")
_OTHER_COLUMNS = ("usage", "split")
_CHANCE = 0.35  # votes of other pictures lead to FER2013's label in 17 % of the cases, its own in 65 %
_EXPECTED = "expected a table like FER+ fer2013new.csv: Usage, Image name, then a column of votes for each expression"


@dataclass(frozen=True, eq=False)
class Votes:
    """How often each picture was called what.

    Attributes:
        names: name of each picture, without folders and extension.
        counts: float32 ``(n, columns)``, votes.
        columns: what was voted on: mien's expressions where possible, else as written, in lower case.
        rows: name of each picture as a row of the official fer2013.csv; empty unless the file has all of its rows.
    """

    names: tuple[str, ...]
    counts: npt.NDArray[np.float32]
    columns: tuple[str, ...]
    rows: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)


def read_votes(path: str | Path) -> Votes:
    """Read votes from a CSV file; headers are compared without case, rows without an image name are skipped.

    Raises:
        DataError: the file cannot be read, lacks a column, or has a cell that is no number of votes.

    Example:
        >>> read_votes("fer2013new.csv").columns[:3]
        ('neutral', 'happy', 'surprise')
    """
    header, rows = _table(path)
    image = next((header.index(name) for name in _NAME_COLUMNS if name in header), None)
    columns = {place: name for place, name in enumerate(header) if place != image and name not in _OTHER_COLUMNS}
    if image is None or not columns:
        message = f"{path}: its columns are {', '.join(header) or 'none'}; {_EXPECTED}"
        raise DataError(message)
    named = [(number, row) for number, row in enumerate(rows) if image < len(row) and row[image].strip()]
    counts = np.zeros((len(named), len(columns)), np.float32)
    for position, (number, row) in enumerate(named):
        counts[position] = _numbers(path, number + 2, [row[place] if place < len(row) else "" for place in columns])
    official = len(rows) == OFFICIAL_ROWS
    return Votes(
        names=_unique(path, [_stem(row[image]) for _, row in named]),
        counts=counts,
        columns=tuple(canonical(name) or name for name in columns.values()),
        rows=tuple(row_name(number, len(rows)) for number, _ in named) if official else (),
    )


def join(votes: Votes, dataset: Dataset) -> npt.NDArray[np.float32]:
    """Return the share of votes for each class, joined by image name without folders and extension.

    Rows of the official fer2013.csv are joined by their number, where the votes cover that file.

    Returns:
        float32 ``(n, classes)``, 0-1, columns in the data set's order. A row is NaN where the picture has no votes,
        and sums to less than 1 where votes went to something else (contempt, unknown, no face).

    Raises:
        DataError: a class that was not voted on; two pictures of one name that has votes.

    Example:
        >>> join(read_votes("fer2013new.csv"), dataset)[0]
        array([0.3, 0.2, 0. , 0. , 0.4, 0.1, 0. ], dtype=float32)
    """
    foreign = [name for name in dataset.classes if (canonical(name) or name.lower()) not in votes.columns]
    if foreign:
        message = f"no votes on class '{foreign[0]}': the columns are {', '.join(votes.columns)}; rename the column"
        raise DataError(message)
    places = {name: position for position, name in enumerate(votes.names)}
    places.update({name: position for position, name in enumerate(votes.rows)})
    stems = [_stem(name) for name in dataset.names]
    twice = next((stem for stem, count in Counter(stems).items() if count > 1 and stem in places), None)
    if twice is not None:
        message = f"two pictures are named '{twice}' and votes are joined by that name; give every picture its own name"
        raise DataError(message)
    shares = np.full((len(dataset), len(dataset.classes)), np.nan, np.float32)
    columns = [votes.columns.index(canonical(name) or name.lower()) for name in dataset.classes]
    totals = votes.counts.sum(axis=1)
    for row, stem in enumerate(stems):
        position = places.get(stem)
        if position is not None and totals[position] > 0:
            shares[row] = votes.counts[position, columns] / totals[position]
    return shares


def agree(shares: npt.NDArray[np.float32], dataset: Dataset) -> npt.NDArray[np.bool_]:
    """Return, for each picture with votes, whether its label has the most of them: bool ``(voted,)``.

    A label that shares the most with another class counts.

    Example:
        >>> agree(join(read_votes("fer2013new.csv"), dataset), dataset).mean()
        0.65
    """
    voted = np.flatnonzero(~np.isnan(shares[:, 0]))
    given = shares[voted, dataset.labels[voted]]
    return np.asarray((given > 0) & (given == shares[voted].max(axis=1, initial=0)))


def describe(shares: npt.NDArray[np.float32], dataset: Dataset) -> str:
    """Return in a line for people on how many pictures there are votes, and how often they lead to the label.

    Raises:
        DataError: there is no picture with votes.

    Example:
        >>> describe(join(read_votes("fer2013new.csv"), dataset), dataset)
        'Votes on 25,701 of 25,701 pictures; they lead to the same label in 65%'
    """
    agreed = agree(shares, dataset)
    if not len(agreed):
        example = dataset.names[0] if len(dataset) else "none"
        message = (
            f"no picture has votes: they are joined by file name, such as {example}; give the votes of these pictures"
        )
        raise DataError(message)
    share = float(agreed.mean())
    doubt = "; are they of other pictures?" if share < _CHANCE else ""
    return f"Votes on {len(agreed):,} of {len(dataset):,} pictures; they lead to the same label in {share:.0%}{doubt}"


def _table(path: str | Path) -> tuple[list[str], list[list[str]]]:
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            header, *rows = [row for row in csv.reader(file) if row] or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"{path}: cannot be read ({error}); {_EXPECTED}"
        raise DataError(message) from error
    return [name.strip().lower() for name in header], rows


def _numbers(path: str | Path, row: int, cells: Sequence[str]) -> list[float]:
    try:
        values = [float(cell) for cell in cells]
    except ValueError:
        values = [np.nan]
    if not all(0 <= value < np.inf for value in values):
        message = f"{path}: row {row} has {', '.join(cells)!r}; expected {len(cells)} numbers of votes, 0 or more"
        raise DataError(message)
    return values


def _unique(path: str | Path, names: Sequence[str]) -> tuple[str, ...]:
    name, count = Counter(names).most_common(1)[0] if names else ("", 0)
    if count > 1:
        message = f"{path}: has {count} rows for '{name}'; expected one row a picture"
        raise DataError(message)
    return tuple(names)


def _stem(name: str) -> str:
    return PurePosixPath(name.strip().replace("\\", "/")).stem
