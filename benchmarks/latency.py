"""How long a model file takes for a face: one core and two, one face at a time and 32, files side by side in one run.

Usage: uv run python benchmarks/latency.py [MODEL_FILE...]     the bundled models are always among them

A call is timed whole: from uint8 crops of 48 x 48 to probabilities. Rounds of the files alternate; the median counts.
"""

import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from mien.model.classify import Classifier
from record import record

ROUNDS, CALLS, WARM = 5, 80, 20
SETTINGS = [(cores, batch) for cores in (1, 2) for batch in (1, 32)]


def milliseconds(model: str | None, cores: int, batch: int) -> float:
    """Return the median milliseconds a face in one round; opened for it, so that no other model's threads wait."""
    classify = Classifier(model, threads=cores)
    crops = np.random.default_rng(0).integers(0, 256, (batch, 48, 48), np.uint8)
    times = []
    for _ in range(WARM + CALLS // (1 if batch == 1 else 4)):
        began = perf_counter()
        classify(crops)
        times.append((perf_counter() - began) * 1000 / batch)
    return median(times[WARM:])


if __name__ == "__main__":
    files: dict[str, str | None] = {"bundled": None, "bundled-int8": "bundled-int8"}
    files |= {Path(name).stem: name for name in sys.argv[1:]}
    rounds: dict[tuple[str, int, int], list[float]] = {(n, c, b): [] for c, b in SETTINGS for n in files}
    for _ in range(ROUNDS):
        for (name, cores, batch), times in rounds.items():
            times.append(milliseconds(files[name], cores, batch))
    figures: dict[str, Any] = {name: {} for name in files}
    for (name, cores, batch), times in rounds.items():
        figures[name][f"cores_{cores}_batch_{batch}"] = round(median(times), 3)
        print(f"{name:20s} {cores} cores, batch {batch:2d}: {median(times):.3f} ms a face", flush=True)
    print(record("latency", {"milliseconds_a_face": figures}))
