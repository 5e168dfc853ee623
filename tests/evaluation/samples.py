"""Small data sets and predictions for the tests of evaluation."""

from pathlib import Path

import cv2
import numpy as np

from mien.data.dataset import Dataset
from mien.evaluation.predict import Predictions
from tests.conftest import make_model

CLASSES = ("angry", "happy", "sad")
TWO_CLASSES = ("calm", "cross")


def sample(n: int = 60, seed: int = 0, classes: tuple[str, ...] = CLASSES) -> tuple[Dataset, Predictions]:
    """Pictures of noise in equal classes, and predictions that are right more often than not."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % len(classes)
    names = tuple(f"test/{classes[label]}/{row:04d}.png" for row, label in enumerate(labels))
    dataset = Dataset(rng.integers(0, 256, (n, 8, 8), dtype=np.uint8), labels.astype(np.int64), classes, names)
    return dataset, Predictions(names, classes, guesses(rng, labels, len(classes)), guesses(rng, labels, len(classes)))


def guesses(rng: np.random.Generator, labels: np.ndarray, classes: int) -> np.ndarray:
    logits = rng.normal(size=(len(labels), classes))
    logits[np.arange(len(labels)), labels] += 1.0
    powers = np.exp(logits)
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def history(epochs: int) -> list[dict[str, float]]:
    """Curves that fall and rise; the best validation loss is in the middle."""
    rows = []
    for epoch in range(1, epochs + 1):
        loss = abs(epoch - (epochs + 1) // 2) / 10
        row = {
            "loss": 1 / epoch,
            "accuracy": 0.5,
            "auc": 0.8,
            "val_loss": 1 + loss,
            "val_accuracy": 0.4,
            "val_auc": 0.7,
        }
        rows.append({"epoch": epoch, **row, "learning_rate": 0.001, "seconds": 2.0})
    return rows


def two_class_data(folder: Path) -> Path:
    """A data folder: two classes, five pictures each in train, four in test; one test picture also lies in train."""
    rng = np.random.default_rng(0)
    for split, count in (("train", 5), ("test", 4)):
        for name in TWO_CLASSES:
            (folder / split / name).mkdir(parents=True)
            for number in range(count):
                cv2.imwrite(
                    str(folder / split / name / f"{number}.png"), rng.integers(0, 256, (16, 16), dtype=np.uint8)
                )
    (folder / "test" / "calm" / "0.png").write_bytes((folder / "train" / "calm" / "0.png").read_bytes())
    return folder


def two_class_run(folder: Path) -> Path:
    """A run folder with a model that knows the classes in another order."""
    folder.mkdir(parents=True)
    make_model(folder / "model.onnx", labels=TWO_CLASSES[::-1], size=16, recipe="tiny")
    return folder
