"""Tables of the short schedules: means and spreads over seeds, and which differences are more than chance."""

from collections.abc import Callable, Mapping
from statistics import mean, stdev
from typing import Any

import numpy as np

from ablations import CHOICES
from cleaned import COPIES
from markdown import table
from mien.training.balance import BALANCES
from short import kept

_T = {2: 12.706, 3: 4.303}  # Student's t, two-sided 95 %, by number of seeds
_BASE = ("imbalance", "logit-adjustment")  # the recipe as it is
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
    "macro AUC": lambda found: found["macro_auc"],
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
    rows = {"the recipe as it is": _BASE} | {name: ("ablations", name) for name in CHOICES}
    return _compared("choice", rows, _BASE, "val", _ABLATIONS)


def _compared(
    what: str, rows: Mapping[str, tuple[str, str]], base: tuple[str, str], part: str, columns: Mapping[str, Column]
) -> str:
    """Return a row a name, a cell a column; a star where it differs from ``base`` (paired t-test over seeds)."""
    plain, lines = kept(*base), []
    for name, place in rows.items():
        if found := kept(*place):
            cells = [
                _cell(*({seed: figure(item[part]) for seed, item in items.items()} for items in (found, plain)))
                for figure in columns.values()
            ]
            lines.append([name, str(len(found)), *cells])
    return table([what, "seeds", *columns], lines) if lines else "Not measured yet."


def _cell(values: Mapping[int, float], plain: Mapping[int, float]) -> str:
    spread = f" ± {stdev(values.values()):.3f}" if len(values) > 1 else ""
    return f"{mean(values.values()):.3f}{spread}{' *' if _differs(values, plain) else ''}"


def _differs(values: Mapping[int, float], plain: Mapping[int, float]) -> bool:
    gaps = np.array([values[seed] - plain[seed] for seed in sorted(values.keys() & plain.keys())])
    if len(gaps) < 2 or not gaps.std():
        return False
    return bool(abs(gaps.mean()) > _T[len(gaps)] * gaps.std(ddof=1) / len(gaps) ** 0.5)
