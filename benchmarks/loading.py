"""How long a data set takes to load: all its pictures, as PNG and as they are; records it.

Usage: uv run python benchmarks/loading.py FER2013_FOLDER
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import cv2

from mien.data.load import load, splits
from record import record


def seconds(folder: str) -> dict[str, Any]:
    """Return how many pictures there are and how long reading them took, the best of three."""
    times, count = [], 0
    for _ in range(3):
        began = perf_counter()
        count = sum(len(load(folder, split)) for split in splits(folder))
        times.append(perf_counter() - began)
    return {"pictures": count, "seconds": round(min(times), 2)}


if __name__ == "__main__":
    source = sys.argv[1]
    with TemporaryDirectory() as folder:
        for split in splits(source):
            dataset = load(source, split)
            for name, image in zip(dataset.names, dataset.images, strict=True):
                path = (Path(folder) / name).with_suffix(".png")
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), image)
        print(record("loading", {"png": seconds(folder), "as_given": seconds(source)}))
