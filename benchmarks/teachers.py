"""Record how good the networks of ``on_gpu.py`` are on validation and test, each and all together, from their logits.

Usage: uv run python benchmarks/teachers.py FER2013_FOLDER OUT/NAME/logits.npz...

Each is calibrated on validation, as a model file is, and "as trained" without that; together they speak with their mean
probabilities, as ``mien teach`` has them. Give networks that learned the shares of the classes as they are, with
``balance = "none"``.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mien.data.load import load
from mien.data.splits import train_and_val
from mien.evaluation.confidence import fit_calibration, softmax
from mien.evaluation.metrics import figures
from mien.training.arrays import unpack_arrays
from record import record

PARTS = ("val", "test")


def spoken(logits: dict[str, npt.NDArray[np.float32]], labels: npt.NDArray[np.int64] | None = None) -> dict[str, Any]:
    """Return probabilities of each part and its mirror images; with labels of validation calibrated on that."""
    temperature, offsets = (1.0, ()) if labels is None else fit_calibration(logits["val"], labels)
    return {name: softmax(values / temperature + np.array(offsets or 0.0)) for name, values in logits.items()}


def judged(said: dict[str, Any], labels: dict[str, npt.NDArray[np.int64]]) -> dict[str, Any]:
    """Return the figures of each part, plain and flip-averaged."""
    return {
        part: {
            **figures(said[part], labels[part]),
            "flip": figures((said[part] + said[f"{part}-flip"]) / 2, labels[part]),
        }
        for part in PARTS
    }


if __name__ == "__main__":
    data, *paths = sys.argv[1:]
    labels = {"val": train_and_val(data)[1].labels, "test": load(data, "test").labels}
    files = {Path(path).parent.name if Path(path).stem == "logits" else Path(path).stem: path for path in paths}
    logits = {name: unpack_arrays(Path(path).read_bytes())[1] for name, path in files.items()}
    voices = {name: spoken(values, labels["val"]) for name, values in logits.items()}
    mean = {part: np.mean([said[part] for said in voices.values()], axis=0) for part in next(iter(voices.values()))}
    plain = {f"{name} as trained": spoken(values) for name, values in logits.items()}
    found = {name: judged(said, labels) for name, said in {**voices, "mean": mean, **plain}.items()}
    for name, parts in found.items():
        for part, row in parts.items():
            print(name, part, *(f"{key} {row[key]:.4f}" for key in ("accuracy", "macro_f1", "macro_auc", "log_loss")))
            print(name, part, "flip", f"accuracy {row['flip']['accuracy']:.4f}")
    print(record("teachers-gpu", {"networks": found}))
