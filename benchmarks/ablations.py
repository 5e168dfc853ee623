"""What single choices of recipe compact are worth on a short schedule: validation figures, a file a (choice, seed).

Usage: uv run python benchmarks/ablations.py FER2013_FOLDER VOTES_CSV [CHOICE...]

12 epochs instead of the recipe's, everything else the same; finished files are skipped, so it can go on another day.
The unchanged recipe is in results/imbalance/, see imbalance.py. ``--table`` instead of the arguments prints a table.
"""

import json
import sys
from pathlib import Path
from statistics import mean, stdev
from tempfile import TemporaryDirectory
from typing import Any

from mien.evaluation.metrics import HEADLINE
from mien.training.run import commit

RESULTS = Path(__file__).with_name("results") / "ablations"
BASE = ["epochs=12", "sizes=[32, 40, 48]"]
UNCHANGED = RESULTS.with_name("imbalance")
CHOICES: dict[str, tuple[tuple[int, ...], list[str]]] = {
    "no-average": ((0, 1), ["average=0.0"]),
    "no-progressive-size": ((0, 1), ["sizes=[48]"]),
    "alternating-flip": ((0, 1), ["augment.flip=false", "augment.alternate=true"]),
    "no-votes": ((0, 1), ["votes="]),
    "mixup": ((0, 1), ["augment.mixup=0.2"]),
    "light-augmentation": (
        (0, 1),
        ["augment.rotation=6", "augment.shift=0.04", "augment.zoom=0.05", "augment.cutout=0"],
    ),
}


def run(name: str, seed: int, data: str, votes: str) -> dict[str, Any]:
    """Train once; return validation figures and time."""
    from mien.evaluation.history import read_history
    from mien.training.loop import train
    from mien.training.recipe_file import read_recipe, with_settings, with_values
    from mien.training.watching import Silent

    recipe = with_values(read_recipe("compact"), data=data, votes=votes, seed=seed)
    recipe = with_settings(recipe, [*BASE, *CHOICES[name][1]])
    with TemporaryDirectory() as folder:
        made = train(recipe, Path(folder), Silent())
        minutes = sum(float(row["seconds"]) for row in read_history(made.folder / "history.csv")) / 60
        metrics = json.loads((made.folder / "evaluation" / "val" / "metrics.json").read_text("utf-8"))
    return {
        "choice": name,
        "seed": seed,
        "settings": [*BASE, *CHOICES[name][1]],
        "commit": commit(),
        "engine": recipe.engine,
        "minutes": round(minutes, 1),
        "val": {key: metrics[key] for key in (*HEADLINE, "n", "flip", "per_class")},
    }


def table() -> str:
    """Return the results as Markdown: means, and the spread over seeds where there are several."""
    lines = ["| choice | seeds | accuracy | macro-F1 | disgust recall |", "|---|---|---|---|---|"]
    found = {"the recipe as it is": sorted(UNCHANGED.glob("logit-adjustment-[0-9].json"))}
    found.update({name: sorted(RESULTS.glob(f"{name}-[0-9].json")) for name in CHOICES})
    for name, paths in found.items():
        figures = [json.loads(path.read_text("utf-8"))["val"] for path in paths]
        if figures:
            columns = (
                [item["accuracy"] for item in figures],
                [item["macro_f1"] for item in figures],
                [item["per_class"]["disgust"]["recall"] for item in figures],
            )
            lines.append(f"| {name} | {len(figures)} | {' | '.join(map(_spread, columns))} |")
    return "\n".join(lines)


def _spread(values: list[float]) -> str:
    return f"{mean(values):.3f}" + (f" ± {stdev(values):.3f}" if len(values) > 1 else "")


if __name__ == "__main__":
    if sys.argv[1:] == ["--table"]:
        print(table())
        sys.exit()
    data, votes, *names = sys.argv[1:]
    RESULTS.mkdir(parents=True, exist_ok=True)
    for seed in (0, 1, 2):
        for name in names or CHOICES:
            path = RESULTS / f"{name}-{seed}.json"
            if seed in CHOICES[name][0] and not path.exists():
                path.write_text(json.dumps(run(name, seed, data, votes), indent=2) + "\n", "utf-8")
                print(path, flush=True)
