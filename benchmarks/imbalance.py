"""Answers to imbalance side by side: a short schedule of recipe compact for each, with three seeds, on PublicTest.

Usage: uv run python benchmarks/imbalance.py FER2013_FOLDER VOTES_CSV      goes on where it was stopped
       uv run python benchmarks/imbalance.py --table                       prints what is there as Markdown

Each finished (answer, seed) is one file in results/imbalance/; a finished one is skipped. It has figures on validation
and on test as the answer leaves the model, and ("adjusted") with logit-adjustment, fitted on validation, on top of it.
Nothing is chosen by the test figures: the schedule and all settings of the answers are fixed here and in
``mien.training.balance``.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from statistics import mean, stdev
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.evaluation.metrics import HEADLINE
from mien.training.balance import BALANCES
from mien.training.run import commit

if TYPE_CHECKING:
    from mien.data.dataset import Dataset

RESULTS = Path(__file__).with_name("results") / "imbalance"
POST_HOC = "logit-adjustment"
SEEDS = (0, 1, 2)
SETTINGS = ["epochs=12", "sizes=[32, 40, 48]"]
_T = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}  # Student's t, 95 %, by number of seeds


def run(balance: str, seed: int, data: str, votes: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Train once; yield answers with their figures on validation and test.

    ``logit-adjustment`` is ``none`` with other offsets, fitted after training: one training gives both.
    """
    from mien.training.loop import resume, train
    from mien.training.recipe_file import read_recipe, with_settings, with_values
    from mien.training.watching import Silent

    recipe = with_values(read_recipe("compact"), data=data, votes=votes, seed=seed, balance=balance)
    recipe = with_settings(recipe, SETTINGS)
    with TemporaryDirectory() as folder:
        made = train(recipe, Path(folder), Silent()).folder
        yield balance, _judged(made, balance, seed, data)
        if balance == "none":
            told = made / "recipe.toml"
            told.write_text(with_values(read_recipe(made), balance=POST_HOC).to_toml(), "utf-8")
            resume(made, None, Silent())
            yield POST_HOC, _judged(made, POST_HOC, seed, data)


def _judged(made: Path, balance: str, seed: int, data: str) -> dict[str, Any]:
    val = json.loads((made / "evaluation" / "val" / "metrics.json").read_text("utf-8"))
    kept = (*HEADLINE, "n", "flip", "without_twins", "per_class", "confusion")
    return {
        "balance": balance,
        "seed": seed,
        "settings": SETTINGS,
        "commit": commit(),
        "val": {key: val[key] for key in kept},
        "test": {key: value for key, value in on_test(made, data).items() if key in kept},
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
    train, val = (whole.subset(np.flatnonzero(rows)) for rows in (~held, held))
    shifted = np.array(classifier.metadata.offsets)
    logits = [np.log(np.maximum(classifier(part.images), 1e-9)) - shifted for part in (val, test)]
    temperature, offsets = fit_calibration(logits[0], val.labels)
    found = [softmax(part / temperature + np.array(offsets)) for part in logits]
    found[1] = softmax(np.log(found[1]) + fit_adjustment(found[0], val.labels, train.counts()))
    return {**figures(found[1], test.labels), "per_class": per_class(found[1], test.labels, test.classes)}


def on_test(made: Path, data: str) -> dict[str, Any]:
    """Return the figures of a run on the test split, as ``mien evaluate`` has them; reads pictures once."""
    from mien.evaluation.evaluate import describe
    from mien.evaluation.judge import judge
    from mien.evaluation.predict import predict
    from mien.model.classify import Classifier

    classifier, test = Classifier(made), pictures(data, "test")
    about = describe(classifier)
    return judge(predict(classifier, test), test, split="test", model=about, train=pictures(data, "train")).metrics


@cache
def pictures(data: str, split: str) -> "Dataset":
    """Return the pictures of a split, read once."""
    from mien.data.load import load

    return load(data, split)


def table() -> str:
    """Return means and spreads over seeds; a star: differs from none by a paired t-test over seeds, 95 %."""
    columns = ("accuracy", "balanced_accuracy", "macro_f1", "disgust recall", "disgust precision")
    found = {name: _figures(name, columns) for name in BALANCES}
    lines = [f"| answer | seeds | {' | '.join(columns).replace('_', ' ')} |", "|---" * (len(columns) + 2) + "|"]
    for name, values in found.items():
        if values:
            cells = [
                _cell([row[key] for row in values], [row[key] for row in found["none"]]) for key in range(len(columns))
            ]
            lines.append(f"| {name} | {len(values)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _figures(name: str, columns: Sequence[str]) -> list[list[float]]:
    rows = []
    for seed in SEEDS:
        path = RESULTS / f"{name}-{seed}.json"
        if path.exists():
            test = json.loads(path.read_text("utf-8"))["test"]
            disgust = test["per_class"]["disgust"]
            extra = {"disgust recall": disgust["recall"], "disgust precision": disgust["precision"] or 0.0}
            rows.append([{**test, **extra}[column] for column in columns])
    return rows


def _cell(values: list[float], plain: list[float]) -> str:
    spread = f" ± {stdev(values):.3f}" if len(values) > 1 else ""
    star = ""
    if len(values) == len(plain) > 1:
        gaps = np.subtract(values, plain)
        error = stdev(gaps) / len(gaps) ** 0.5
        star = " *" if error and abs(mean(gaps)) > _T[len(gaps)] * error else ""
    return f"{mean(values):.3f}{spread}{star}"


if __name__ == "__main__":
    if sys.argv[1:] == ["--table"]:
        print(table())
        sys.exit()
    data, votes = sys.argv[1:]
    RESULTS.mkdir(parents=True, exist_ok=True)
    for seed in SEEDS:
        for name in BALANCES:
            if name == POST_HOC or (RESULTS / f"{name}-{seed}.json").exists():
                continue
            for answer, figures in run(name, seed, data, votes):
                path = RESULTS / f"{answer}-{seed}.json"
                path.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
                print(path, flush=True)
