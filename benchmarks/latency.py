"""How long a model file takes for a face: one core and two, one face at a time and 32, files side by side in one run.

Usage: uv run python benchmarks/latency.py [MODEL_FILE...]     the bundled models are always among them

A call is timed whole: from uint8 crops of 48 x 48 to probabilities. Calls of the files alternate; the median counts.
"""

import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from mien.model.classify import Classifier
from record import record

CALLS, WARM = 400, 50


def milliseconds(classifiers: dict[str, Classifier], batch: int) -> dict[str, float]:
    """Return the median milliseconds a face of each classifier."""
    crops = np.random.default_rng(0).integers(0, 256, (batch, 48, 48), np.uint8)
    times: dict[str, list[float]] = {name: [] for name in classifiers}
    for call in range(WARM + CALLS // (1 if batch == 1 else 8)):
        for name, classify in classifiers.items():
            began = perf_counter()
            classify(crops)
            if call >= WARM:
                times[name].append((perf_counter() - began) * 1000 / batch)
    return {name: round(median(values), 3) for name, values in times.items()}


if __name__ == "__main__":
    files: dict[str, str | None] = {
        "bundled": None,
        "bundled-int8": "bundled-int8",
        **{Path(name).stem: name for name in sys.argv[1:]},
    }
    figures: dict[str, Any] = {name: {} for name in files}
    for cores in (1, 2):
        opened = {name: Classifier(file, threads=cores) for name, file in files.items()}
        for batch in (1, 32):
            for name, value in milliseconds(opened, batch).items():
                figures[name][f"cores_{cores}_batch_{batch}"] = value
                print(f"{name:20s} {cores} cores, batch {batch:2d}: {value:.3f} ms a face", flush=True)
    print(record("latency", {"milliseconds_a_face": figures}))
