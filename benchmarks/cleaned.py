"""Does training on cleaned data help? A short schedule of recipe compact on cleaned copies of FER2013, three seeds.

Usage: uv run python benchmarks/cleaned.py FER2013_FOLDER VOTES_CSV RUN_FOLDER      goes on where it was stopped
       uv run python benchmarks/cleaned.py --table                                  prints what is there as Markdown

Each finished (copy, seed) is one file in results/cleaned/. RUN is the trained run that doubts labels; it learned from
most of these labels, so it doubts fewer than it should. Test is the same uncleaned split for all; a cleaned copy lacks
the training pictures that have a twin in it, so look at the figure without twins. The uncleaned data are in
results/imbalance/.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import mean, stdev
from tempfile import TemporaryDirectory
from typing import Any

from imbalance import SEEDS, SETTINGS, on_test
from mien.evaluation.metrics import HEADLINE
from mien.training.run import commit

RESULTS = Path(__file__).with_name("results") / "cleaned"
UNCLEANED = RESULTS.with_name("imbalance")
DOUBTED = {"no-copies": (), "no-copies-no-doubtful-labels": ("label",)}


def copies(data: str, run: str, folder: Path) -> dict[str, Path]:
    """Audit the data once; return a cleaned copy for each sort of cleaning."""
    from mien.audit.audit import audit
    from mien.audit.clean import DROPPED, clean
    from mien.audit.files import write_audit

    write_audit(audit(data, model=run), folder / "audit", thumbnails=False)
    made = {}
    for name, more in DOUBTED.items():
        made[name] = folder / name
        print(
            name, clean(data, folder / "audit" / "audit.csv", made[name], drop=(*DROPPED, *more)).counts(), flush=True
        )
    return made


def run(cleaned: Path, seed: int, data: str, votes: str) -> dict[str, Any]:
    """Train once on a cleaned copy; return figures on the test split of the uncleaned data."""
    from mien.training.loop import train
    from mien.training.recipe_file import read_recipe, with_settings, with_values
    from mien.training.watching import Silent

    recipe = with_values(read_recipe("compact"), data=str(cleaned), votes=votes, seed=seed)
    with TemporaryDirectory() as folder:
        made = train(with_settings(recipe, SETTINGS), Path(folder), Silent()).folder
        test = on_test(made, data)
    kept = (*HEADLINE, "n", "flip", "without_twins", "per_class")
    return {"seed": seed, "settings": SETTINGS, "commit": commit(), "test": {key: test[key] for key in kept}}


def table() -> str:
    """Return means and spreads over seeds."""
    lines = ["| training data | seeds | accuracy | without twins | macro-F1 | disgust recall |", "|---" * 6 + "|"]
    found = {"as they are": sorted(UNCLEANED.glob("logit-adjustment-[0-9].json"))}
    found.update({name: sorted(RESULTS.glob(f"{name}-[0-9].json")) for name in DOUBTED})
    for name, paths in found.items():
        figures = [_figures(json.loads(path.read_text("utf-8"))["test"]) for path in paths]
        if figures:
            cells = [_spread([row[column] for row in figures]) for column in range(len(figures[0]))]
            lines.append(f"| {name} | {len(figures)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _figures(test: Mapping[str, Any]) -> list[float]:
    alone = test["without_twins"]["accuracy"]
    return [test["accuracy"], alone, test["macro_f1"], test["per_class"]["disgust"]["recall"]]


def _spread(values: list[float]) -> str:
    return f"{mean(values):.3f}" + (f" ± {stdev(values):.3f}" if len(values) > 1 else "")


if __name__ == "__main__":
    if sys.argv[1:] == ["--table"]:
        print(table())
        sys.exit()
    data, votes, judge = sys.argv[1:]
    RESULTS.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        made = copies(data, judge, Path(folder))
        for seed in SEEDS:
            for name in DOUBTED:
                path = RESULTS / f"{name}-{seed}.json"
                if not path.exists():
                    path.write_text(json.dumps(run(made[name], seed, data, votes), indent=2) + "\n", "utf-8")
                    print(path, flush=True)
