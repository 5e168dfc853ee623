"""Tables of the short schedules: means and spreads over seeds, and which differences are more than chance."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ablations import CHOICES
from cleaned import COPIES
from markdown import table
from mien.training.balance import BALANCES
from short import kept
from significance import differ

_BASE = ("imbalance", "logit-adjustment")  # nothing changed
Column = Callable[[Mapping[str, Any]], float]
_DISGUST: dict[str, Column] = {
    "disgust recall": lambda found: found["per_class"]["disgust"]["recall"],
    "disgust precision": lambda found: found["per_class"]["disgust"]["precision"] or 0.0,
}
_ANSWERS: dict[str, Column] = {
    "accuracy": lambda found: found["accuracy"],
    "balanced accuracy": lambda found: found["balanced_accuracy"],
    "macro-F1": lambda found: found["macro_f1"],
    **_DISGUST,
    "macro AUC": lambda found: found["macro_auc"],
    "ECE": lambda found: found["ece"],
}
_CLEANED: dict[str, Column] = {
    "accuracy": lambda found: found["accuracy"],
    "without twins": lambda found: found["without_twins"]["accuracy"],
    "macro-F1": lambda found: found["macro_f1"],
    **_DISGUST,
}
_ABLATIONS: dict[str, Column] = {
    "accuracy": lambda found: found["accuracy"],
    "macro-F1": lambda found: found["macro_f1"],
    "flip-averaged": lambda found: found["flip"]["accuracy"],
    "macro AUC": lambda found: found["macro_auc"],
    "log loss": lambda found: found["log_loss"],
    "disgust recall": _DISGUST["disgust recall"],
}


def answers() -> str:
    """Each answer to imbalance on PublicTest, as it leaves the model."""
    return _compared(
        "answer", {name: ("imbalance", name) for name in BALANCES}, ("imbalance", "none"), "test", _ANSWERS
    )


def adjusted() -> str:
    """Each answer given in training, with logit-adjustment on top of it."""
    given = {name: ("imbalance", name) for name in BALANCES if name != "logit-adjustment"}
    return _compared("answer", given, ("imbalance", "none"), "adjusted", _ANSWERS)


def cleaned() -> str:
    """Training on cleaned copies, judged on the test pictures as they are."""
    rows = {"as they are": _BASE} | {name: ("cleaned", name) for name in COPIES}
    return _compared("training pictures", rows, _BASE, "test", _CLEANED)


def ablations() -> str:
    """Single choices of the recipe, on validation."""
    base = ("ablations", "none")
    rows = {"nothing changed": base} | {name: ("ablations", name) for name in CHOICES if name != base[1]}
    return _compared("choice", rows, base, "val", _ABLATIONS)


def _compared(
    what: str, rows: Mapping[str, tuple[str, str]], base: tuple[str, str], part: str, columns: Mapping[str, Column]
) -> str:
    """Return a row a name, a cell a column, over the seeds that all rows have; a star: unlike ``base``."""
    found = {name: kept(*place) for name, place in rows.items()}
    found = {name: items for name, items in found.items() if items}
    seeds = sorted(set.intersection(*(set(items) for items in found.values()))) if found else []
    if not seeds:
        return "Not measured yet."
    plain = [name for name in found if rows[name] == base]
    cells = []
    for figure in columns.values():
        values = np.array([[figure(items[seed][part]) for seed in seeds] for items in found.values()])
        stars = differ(values, list(found).index(plain[0])) if plain else np.zeros(len(found), bool)
        cells.append([_cell(row, star) for row, star in zip(values, stars, strict=True)])
    lines = [[name, *(column[number] for column in cells)] for number, name in enumerate(found)]
    return table([f"{what}, {len(seeds)} seeds" if len(seeds) > 1 else f"{what}, 1 seed", *columns], lines)


def _cell(values: npt.NDArray[np.float64], star: np.bool_) -> str:
    spread = f" ± {values.std(ddof=1):.3f}" if len(values) > 1 else ""
    return f"{values.mean():.3f}{spread}{' *' if star else ''}"
