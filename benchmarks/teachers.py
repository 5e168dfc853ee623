"""Ask finished runs what they say of seeded views of the training pictures, for recipe student to learn from.

Usage: uv run python benchmarks/teachers.py FER2013_FOLDER RUN_FOLDER...      -> benchmarks/teachers.npz

All runs, and later the student, must have the same split (``split_seed``), so that no teacher saw the validation part.
"""

import sys
from pathlib import Path

from mien.data.splits import load_split
from mien.model.classify import Classifier
from mien.training.distill import ask, pack
from mien.writing import write_file

OUT = Path(__file__).with_name("teachers.npz")

if __name__ == "__main__":
    data, *runs = sys.argv[1:]
    splits = {(Path(run) / "split.csv").read_text("utf-8") for run in runs}
    if len(splits) != 1:
        raise SystemExit("error: the runs have different split.csv; train them with the same split_seed")
    train = load_split(data, Path(runs[0]) / "split.csv", "train")
    teachers = ask([Classifier(run) for run in runs], train, lambda done, total: print(f"view {done} of {total}"))
    write_file(OUT, pack(teachers))
    print(f"{OUT}: {OUT.stat().st_size / 1e6:.1f} MB, {len(runs)} teachers, {len(train):,} pictures")
