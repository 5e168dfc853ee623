"""A short schedule of recipe compact with several seeds: what the benchmarks that ask questions of it share."""

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mien.writing import write_file
from record import RESULTS, circumstances

if TYPE_CHECKING:
    from mien.data.dataset import Dataset
    from mien.training.loop import Run

SEEDS = (0, 1, 2)
SETTINGS = ["epochs=12", "sizes=[32, 40, 48]"]
BALANCE = "logit-adjustment"  # where nothing else is said: that of compact when this was first measured


def trained(out: Path, data: str, votes: str, settings: Sequence[str] = (), **values: Any) -> "Run":
    """Train recipe compact on the short schedule into a run folder below ``out``.

    Args:
        out: where the run folder is made.
        data: the data set.
        votes: CSV file of FER+ votes.
        settings: further ``key=value``.
        values: further values of the recipe, such as its seed; ``BALANCE`` unless they tell another.
    """
    from mien.training.loop import train
    from mien.training.recipe_file import read_recipe, with_settings, with_values
    from mien.training.watching import Silent

    recipe = with_values(read_recipe("compact"), data=data, votes=votes, **{"balance": BALANCE, **values})
    return train(with_settings(recipe, [*SETTINGS, *settings]), out, Silent())


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


def keep(folder: str, name: str, seed: int, make: Callable[[], dict[str, Any]]) -> None:
    """Write what ``make`` returns, and how it came about, as ``results/FOLDER/NAME-SEED.json``, unless it is there.

    Of settings that contradict the balance the settings hold, as in ``trained``.
    """
    from mien.training.engine import choose

    path = RESULTS / folder / f"{name}-{seed}.json"
    if not path.exists():
        told = {**circumstances(), "engine": choose("auto"), "settings": SETTINGS, "balance": BALANCE, "seed": seed}
        told |= make()
        write_file(path, json.dumps(told, indent=2) + "\n")
        print(path, flush=True)


def kept(folder: str, name: str) -> dict[int, dict[str, Any]]:
    """Return what is there by seed."""
    paths = {seed: RESULTS / folder / f"{name}-{seed}.json" for seed in SEEDS}
    return {seed: json.loads(path.read_text("utf-8")) for seed, path in paths.items() if path.exists()}
