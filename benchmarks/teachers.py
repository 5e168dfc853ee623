"""Record how good the networks of ``on_gpu.py`` are on validation and test, each and all together, from their logits.

Usage: uv run python benchmarks/teachers.py FER2013_FOLDER OUT/NAME[:VOICES]...

Each is calibrated on validation, as a model file is, and "as trained" without that; together they speak with their mean
probabilities, as ``mien teach`` has them, each with one voice or as many as told. "twins" are the test pictures that
also lie, pixel for pixel, in the part of train that was learned from. Give networks that learned the shares of the
classes as they are, with ``balance = "none"``.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mien.data.load import load
from mien.data.splits import has_twin, train_and_val
from mien.evaluation.confidence import fit_calibration, softmax
from mien.evaluation.metrics import figures
from mien.training.arrays import unpack_arrays
from record import record
from training_run import trained_with

PARTS = ("val", "test")
SHOWN = ("accuracy", "twins", "others")
Labels = npt.NDArray[np.int64]


def spoken(logits: dict[str, npt.NDArray[np.float32]], labels: Labels | None = None) -> dict[str, Any]:
    """Return probabilities of each part and its mirror images; with labels of validation calibrated on that."""
    temperature, offsets = (1.0, ()) if labels is None else fit_calibration(logits["val"], labels)
    return {name: softmax(values / temperature + np.array(offsets or 0.0)) for name, values in logits.items()}


def judged(said: dict[str, Any], labels: dict[str, Labels], twins: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Return the figures of each part, plain and flip-averaged, and the share of twins and others that is right."""
    flipped = {part: (said[part] + said[f"{part}-flip"]) / 2 for part in PARTS}
    found = {
        part: {**figures(said[part], labels[part]), "flip": figures(flipped[part], labels[part])} for part in PARTS
    }
    right = flipped["test"].argmax(axis=1) == labels["test"]
    found["test"]["flip"] |= {"twins": right[twins].mean(), "others": right[~twins].mean()}
    return found


if __name__ == "__main__":
    data, runs, voices = sys.argv[1], [], []
    for argument in sys.argv[2:]:
        path, _, count = argument.partition(":")
        runs.append(Path(path))
        voices.append(int(count or 1))
    (train, val), test = train_and_val(data), load(data, "test")
    labels = {"val": val.labels, "test": test.labels}
    twins = np.array(has_twin(test, train))
    logits = {run.name: unpack_arrays((run / "logits.npz").read_bytes())[1] for run in runs}
    calibrated = {name: spoken(values, val.labels) for name, values in logits.items()}
    said = [*calibrated.values()]
    mean = {part: np.average([one[part] for one in said], axis=0, weights=voices) for part in said[0]}
    plain = {f"{name} as trained": spoken(values) for name, values in logits.items()}
    found = {name: judged(one, labels, twins) for name, one in {**calibrated, "mean": mean, **plain}.items()}
    for name, parts in found.items():
        for part, row in parts.items():
            print(name, part, *(f"{key} {row[key]:.4f}" for key in ("accuracy", "macro_f1", "macro_auc", "log_loss")))
            print(name, part, "flip", *(f"{key} {row['flip'][key]:.4f}" for key in SHOWN if key in row["flip"]))
    told = {run.name: {**trained_with(run), "voices": count} for run, count in zip(runs, voices, strict=True)}
    print(record(f"teachers-gpu-{len(runs)}", {"trained_with": told, "networks": found}))
