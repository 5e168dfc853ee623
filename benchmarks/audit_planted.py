"""What the audit finds of faults that were planted into a copy of FER2013, what it takes for one, how long it takes.

Usage: uv run python benchmarks/audit_planted.py FER2013_FOLDER [AMOUNT] [MODEL]

AMOUNT faults of each kind go into the train split of a copy. ``before`` counts the findings before that (true ones
among them), ``false_alarms`` the new ones on untouched pictures. MODEL (default: bundled) doubts labels; the bundled
one learned the right labels of the very pictures that are then moved to a wrong class, and is too good a judge of them.
"""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from mien.audit.audit import Audit, audit
from mien.audit.planting import plant, tally
from record import record


def timed(folder: Path, model: str | None) -> tuple[Audit, float]:
    began = perf_counter()
    found = audit(folder, model=model)
    return found, round(perf_counter() - began, 1)


if __name__ == "__main__":
    amount = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    model = sys.argv[3] if len(sys.argv) > 3 else "bundled"
    with TemporaryDirectory() as place:
        folder = Path(place) / "data"
        shutil.copytree(sys.argv[1], folder)
        _, plain = timed(folder, None)
        before, judged = timed(folder, model)
        planted = plant(folder, before.pictures, amount)
        after, _ = timed(folder, model)
        figures = {
            "pictures": len(before.pictures),
            "seconds": {"without_model": plain, "with_model": judged},
            "model": model,
            "kinds": tally(planted, before, after),
        }
    print(record("audit-planted", figures))
