"""history.csv of a run: one row an epoch."""

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from mien.errors import RunError

History = Sequence[Mapping[str, float]]


def read_history(path: Path) -> list[dict[str, float]]:
    """Return the rows of a history.csv; an empty cell is NaN.

    Raises:
        RunError: the file cannot be read, or a cell is no number.

    Example:
        >>> read_history(run / "history.csv")[0]["val_loss"]
        1.61
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [
                {key: float(cell) if cell else math.nan for key, cell in row.items()} for row in csv.DictReader(file)
            ]
    except (OSError, ValueError, TypeError) as error:
        message = f"{path}: cannot be read as one row of numbers an epoch ({error}); remove it to report without curves"
        raise RunError(message) from error


def best_row(history: History) -> Mapping[str, float] | None:
    """Return the row of the weights that were kept: the one marked ``best``, else the lowest val_loss; None if none."""
    marked = [row for row in history if row.get("best") == 1]
    if marked:
        return marked[-1]
    measured = [row for row in history if math.isfinite(row.get("val_loss", math.nan))]
    return min(measured, key=lambda row: row["val_loss"]) if measured else None


def curve(history: History, key: str) -> tuple[list[float], list[float]]:
    """Return epochs and values of a column, without the epochs that have no number."""
    points = [(row["epoch"], row[key]) for row in history if math.isfinite(row.get(key, math.nan))]
    return [epoch for epoch, _ in points], [value for _, value in points]
