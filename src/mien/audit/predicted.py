"""What was predicted of pictures before: predictions.csv files, best of pictures that the models did not learn from."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mien.audit.findings import Pictures
from mien.errors import DataError
from mien.labels import canonical_classes
from mien.writing import KEEP_BYTES

_EXPECTED = "expected a predictions.csv that mien evaluate wrote, with the columns file, label, predicted, confidence"
_COLUMNS = ["file", "label", "predicted", "confidence"]  # and a probability a class behind them
_TOLERANCE = 0.01  # how far the probabilities of a row may be from 1 in all


def read_predictions(
    pictures: Pictures, rows: npt.NDArray[np.int64], paths: Sequence[str | Path]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return of which pictures there are predictions, and these; where several files have one, their mean.

    Args:
        pictures: all pictures.
        rows: positions of those that count, int64 ``(m,)``.
        paths: files that ``mien evaluate`` wrote, such as those of several runs on what each held out.

    Returns:
        Positions, int64 ``(k,)``, in the order of ``rows``, and probabilities, float32 ``(k, classes)``, columns in
        alphabetical order of the pictures' classes.

    Raises:
        DataError: a file cannot be read, is none of predictions, lacks a class, or names no picture.

    Example:
        >>> rows, probabilities = read_predictions(pictures, rows, ["runs/a/evaluation/val/predictions.csv"])
    """
    classes = sorted(set(pictures.labels))
    place = {pictures.names[row]: number for number, row in enumerate(rows.tolist())}
    sums, counts = np.zeros((len(rows), len(classes))), np.zeros(len(rows), np.int64)
    for path in paths:
        known = False
        for name, shares in _read(path, classes):
            if name in place:
                sums[place[name]] += shares
                counts[place[name]] += 1
                known = True
        if not known:
            message = f"{path}: names no picture of the data; give the predictions of these very pictures"
            raise DataError(message)
    held = np.flatnonzero(counts)
    return rows[held], (sums[held] / counts[held, None]).astype(np.float32)


def _read(path: str | Path, classes: Sequence[str]) -> Iterator[tuple[str, npt.NDArray[np.float64]]]:
    try:
        with Path(path).open(encoding="utf-8-sig", errors=KEEP_BYTES, newline="") as file:
            head, *lines = [*csv.reader(file)] or [[]]
    except (OSError, ValueError, csv.Error) as error:
        message = f"{path}: cannot be read ({error}); {_EXPECTED}"
        raise DataError(message) from error
    known = canonical_classes(head[len(_COLUMNS) :])
    missing = sorted(set(classes) - set(known))
    if head[: len(_COLUMNS)] != _COLUMNS or missing:
        what = f"lacks the class {missing[0]!r} of the data" if known and missing else "is no table of predictions"
        message = f"{path}: {what}; {_EXPECTED} and one for each class"
        raise DataError(message)
    columns = [known.index(name) for name in classes]
    for line in lines:
        yield line[0] if line else "", _shares(path, line, len(known))[columns]


def _shares(path: str | Path, line: list[str], classes: int) -> npt.NDArray[np.float64]:
    try:
        shares = np.array([float(cell) for cell in line[len(_COLUMNS) :]])
    except ValueError:
        shares = np.zeros(0)
    if len(shares) != classes or not np.all(shares >= 0) or not abs(shares.sum() - 1) <= _TOLERANCE:
        message = f"{path}: the row {','.join(line)[:80]!r} has no probabilities of {classes} classes; {_EXPECTED}"
        raise DataError(message)
    return shares
