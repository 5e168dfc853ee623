"""Judge the bundled model on the test pictures of FER2013 and record it.

Usage: uv run python benchmarks/bundled.py FER2013_FOLDER
"""

import sys

from mien.evaluation.evaluate import evaluate
from mien.evaluation.metrics import HEADLINE
from record import record

if __name__ == "__main__":
    metrics = evaluate(None, sys.argv[1], "test").metrics
    kept = (
        *HEADLINE,
        "n",
        "per_class",
        "confusion",
        "intervals",
        "class_intervals",
        "flip",
        "without_twins",
        "coverage",
        "split",
        "model",
        "classes",
    )
    print(record("bundled", {key: metrics[key] for key in kept}))
