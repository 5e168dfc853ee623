"""Answers to imbalance side by side: a short schedule of recipe compact for each, with three seeds, on PublicTest.

Usage: uv run python benchmarks/imbalance.py FER2013_FOLDER VOTES_CSV      goes on where it was stopped

Each finished (answer, seed) is one file in results/imbalance/; a finished one is skipped. It has figures on validation
and on test as the answer leaves the model, and ("adjusted") with logit-adjustment, fitted on validation, on top of it.
The schedule and all settings of the answers were fixed before, here and in ``mien.training.balance``; recipe compact
took the best answer later.
"""

import json
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from mien.evaluation.metrics import HEADLINE
from mien.training.balance import BALANCES
from short import SEEDS, keep, kept, on_test, pictures, trained

FOLDER = "imbalance"
POST_HOC = "logit-adjustment"


def run(balance: str, seed: int, data: str, votes: str) -> None:
    """Train once and keep the figures on validation and test.

    ``logit-adjustment`` is ``none`` with other offsets, fitted after training: one training gives both.
    """
    with TemporaryDirectory() as folder:
        made = trained(Path(folder), data, votes, seed=seed, balance=balance).folder
        keep(FOLDER, balance, seed, partial(_judged, made, balance, data))
        if balance == "none":
            _answer_after(made)
            keep(FOLDER, POST_HOC, seed, partial(_judged, made, POST_HOC, data))


def _answer_after(made: Path) -> None:
    """Give a trained run the answer that needs no training."""
    from mien.training.loop import resume
    from mien.training.recipe_file import read_recipe, with_values
    from mien.training.watching import Silent

    told = with_values(read_recipe(made), balance=POST_HOC).to_toml()
    (made / "recipe.toml").write_text(told, "utf-8")
    resume(made, None, Silent())


def _judged(made: Path, balance: str, data: str) -> dict[str, Any]:
    val, test = json.loads((made / "evaluation" / "val" / "metrics.json").read_text("utf-8")), on_test(made, data)
    shown = (*HEADLINE, "n", "flip", "without_twins", "per_class", "confusion")
    return {
        "balance": balance,
        "val": {key: val[key] for key in shown},
        "test": {key: test[key] for key in shown},
        "adjusted": adjusted(made, data),
    }


def adjusted(made: Path, data: str) -> dict[str, Any]:
    """Return the test figures of a run's network with logit-adjustment in place of its own operating point."""
    from mien.data.splits import read_split
    from mien.evaluation.confidence import fit_adjustment, fit_calibration, softmax
    from mien.evaluation.metrics import figures, per_class
    from mien.model.classify import Classifier

    classifier, test = Classifier(made), pictures(data, "test")
    whole, parts = pictures(data, "train"), read_split(made / "split.csv")
    held = np.array([parts[name] == "val" for name in whole.names])
    train, val = whole.parted(held)
    shifted = np.array(classifier.metadata.offsets)
    logits = [np.log(np.maximum(classifier(part.images), 1e-9)) - shifted for part in (val, test)]
    temperature, offsets = fit_calibration(logits[0], val.labels)
    found = [softmax(part / temperature + np.array(offsets)) for part in logits]
    found[1] = softmax(np.log(found[1]) + fit_adjustment(found[0], val.labels, train.counts()))
    return {**figures(found[1], test.labels), "per_class": per_class(found[1], test.labels, test.classes)}


if __name__ == "__main__":
    data, votes = sys.argv[1:]
    for seed in SEEDS:
        for name in BALANCES:
            made = (name, POST_HOC) if name == "none" else (name,)
            if name != POST_HOC and any(seed not in kept(FOLDER, answer) for answer in made):
                run(name, seed, data, votes)
