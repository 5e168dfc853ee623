"""Does training on cleaned data help? A short schedule of recipe compact on cleaned copies of FER2013, three seeds.

Usage: uv run python benchmarks/cleaned.py FER2013_FOLDER VOTES_CSV RUN_FOLDER      goes on where it was stopped

Each finished (copy, seed) is one file in results/cleaned/. RUN is the trained run that doubts labels; it learned from
most of these labels, so it doubts fewer than it should. Test is the same uncleaned split for all; a cleaned copy lacks
the training pictures that have a twin in it, so look at the figure without twins. The uncleaned data are in
results/imbalance/.
"""

import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mien.evaluation.metrics import HEADLINE
from short import SEEDS, keep, on_test, trained

COPIES = {"no-copies": (), "no-copies-no-doubtful-labels": ("label",)}  # and what is dropped beside the usual


def copies(data: str, run: str, folder: Path) -> dict[str, Path]:
    """Audit the data once; return a cleaned copy for each sort of cleaning."""
    from mien.audit.audit import audit
    from mien.audit.clean import DROPPED, clean
    from mien.audit.files import write_audit

    write_audit(audit(data, model=run), folder / "audit", thumbnails=False)
    made = {}
    for name, more in COPIES.items():
        made[name] = folder / name
        print(
            name, clean(data, folder / "audit" / "audit.csv", made[name], drop=(*DROPPED, *more)).counts(), flush=True
        )
    return made


def run(cleaned: Path, seed: int, data: str, votes: str) -> dict[str, Any]:
    """Train once on a cleaned copy; return figures on the test split of the uncleaned data."""
    with TemporaryDirectory() as folder:
        test = on_test(trained(Path(folder), str(cleaned), votes, seed=seed).folder, data)
    shown = (*HEADLINE, "n", "flip", "without_twins", "per_class")
    return {"test": {key: test[key] for key in shown}}


if __name__ == "__main__":
    data, votes, judge = sys.argv[1:]
    with TemporaryDirectory() as folder:
        made = copies(data, judge, Path(folder))
        for seed in SEEDS:
            for name in COPIES:
                keep("cleaned", name, seed, partial(run, made[name], seed, data, votes))
