"""Judge the bundled models, the exact one and int8, on the test pictures of FER2013 and record it.

Usage: uv run python benchmarks/bundled.py FER2013_FOLDER
"""

import sys

from mien.evaluation.evaluate import evaluate
from mien.evaluation.metrics import HEADLINE
from record import record

KEPT = (
    *HEADLINE,
    "n",
    "per_class",
    "confusion",
    "intervals",
    "class_intervals",
    "flip",
    "flip_intervals",
    "without_twins",
    "without_twins_intervals",
    "coverage",
    "split",
    "model",
    "classes",
)

if __name__ == "__main__":
    for name in ("bundled", "bundled-int8"):
        metrics = evaluate(name, sys.argv[1], "test").metrics
        print(record(name, {key: metrics[key] for key in KEPT}))
