"""What single choices of recipe compact are worth on a short schedule: validation figures, a file a (choice, seed).

Usage: uv run python benchmarks/ablations.py FER2013_FOLDER VOTES_CSV [CHOICE...]

12 epochs, sizes and balance of short.py, all else as in the recipe; finished files are skipped, so it can
go on another day. "none" changes nothing: measured anew, because those of imbalance.py are of an earlier training loop.
"""

import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mien.evaluation.metrics import HEADLINE
from short import SETTINGS, keep, trained

CHOICES: dict[str, tuple[tuple[int, ...], list[str]]] = {
    "none": ((0, 1), []),
    "no-average": ((0, 1), ["average=0.0"]),
    "no-progressive-size": ((0, 1), ["sizes=[48]"]),
    "alternating-flip": ((0, 1), ["augment.flip=false", "augment.alternate=true"]),
    "no-votes": ((0, 1), ["votes="]),
    "balanced-sampler": ((0, 1), ["balance=balanced-sampler+logit-adjustment"]),
    "mixup": ((0, 1), ["augment.mixup=0.2"]),
    "less-smoothing": ((0, 1), ["label_smoothing=0.05"]),
    "light-augmentation": (
        (0, 1),
        ["augment.rotation=6", "augment.shift=0.04", "augment.zoom=0.05", "augment.cutout=0"],
    ),
}


def run(name: str, seed: int, data: str, votes: str) -> dict[str, Any]:
    """Train once; return validation figures and time."""
    from mien.evaluation.history import read_history

    with TemporaryDirectory() as folder:
        made = trained(Path(folder), data, votes, CHOICES[name][1], seed=seed)
        minutes = sum(float(row["seconds"]) for row in read_history(made.folder / "history.csv")) / 60
    return {
        "choice": name,
        "settings": [*SETTINGS, *CHOICES[name][1]],
        "minutes": round(minutes, 1),
        "val": {key: made.metrics[key] for key in (*HEADLINE, "n", "flip", "per_class")},
    }


if __name__ == "__main__":
    data, votes, *names = sys.argv[1:]
    for seed in (0, 1, 2):
        for name in names or CHOICES:
            if seed in CHOICES[name][0]:
                keep("ablations", name, seed, partial(run, name, seed, data, votes))
