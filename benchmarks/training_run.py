"""Record a finished run: what it was told, how long it took, how good it became on validation and, if judged, on test.

Usage: uv run python benchmarks/training_run.py RUN_FOLDER [WORD]    WORD: what the recipe's name does not say
"""

import csv
import json
import sys
from pathlib import Path
from typing import Any

from mien.evaluation.metrics import HEADLINE
from mien.training.recipe_file import read_recipe
from record import record

TOLD = ("commit", "backend", "processor", "cores", "accelerator")


def trained_with(run: Path) -> dict[str, Any]:
    """Return where and with what a run was trained."""
    environment = json.loads((run / "environment.json").read_text("utf-8"))
    return {key: environment[key] for key in TOLD if key in environment}


def figures(run: Path, split: str) -> dict[str, Any] | None:
    path = run / "evaluation" / split / "metrics.json"
    if not path.is_file():
        return None
    metrics = json.loads(path.read_text("utf-8"))
    of_classes = {
        key: {label: round(values[key], 4) for label, values in metrics["per_class"].items()}
        for key in ("recall", "precision")
    }
    told = (*HEADLINE, "intervals", "n", "flip", "flip_intervals", "without_twins")
    return {key: metrics[key] for key in told} | of_classes


if __name__ == "__main__":
    run, *words = Path(sys.argv[1]), *sys.argv[2:]
    with (run / "history.csv").open() as file:
        history = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    recipe = read_recipe(run)
    seed = f"-seed-{recipe.seed}" if recipe.seed else ""
    print(
        record(
            f"run-{recipe.name}-{len(history)}-epochs{seed}{''.join(f'-{word}' for word in words)}",
            {
                "trained_with": trained_with(run),
                "epochs": len(history),
                "best_epoch": next(int(row["epoch"]) for row in history if row["best"]),
                "minutes": round(sum(row["seconds"] for row in history) / 60, 1),
                "val": figures(run, "val"),
                "test": figures(run, "test"),
                "history": history,
            },
        )
    )
