"""Small comparisons for the tests: predictions whose figures can be counted by hand."""

from collections.abc import Sequence

import numpy as np

from mien.data.dataset import Dataset
from mien.evaluation.compare import Comparison, compare
from mien.evaluation.predict import Predictions

CLASSES = ("calm", "cross")


def pictures(labels: Sequence[int], classes: tuple[str, ...] = CLASSES) -> Dataset:
    """Black pictures named 0, 1, 2, ... with the given labels."""
    names = tuple(str(row) for row in range(len(labels)))
    return Dataset(np.zeros((len(labels), 8, 8), np.uint8), np.array(labels, np.int64), classes, names)


def says(guesses: Sequence[int], confidence: float | Sequence[float] = 0.8) -> Predictions:
    """Predictions of two classes: which class each picture is taken for, and how sure."""
    sure = np.broadcast_to(np.asarray(confidence, np.float32), len(guesses))
    scores = np.where(np.eye(2, dtype=bool)[list(guesses)], sure[:, None], 1 - sure[:, None]).astype(np.float32)
    return Predictions(tuple(str(row) for row in range(len(guesses))), CLASSES, scores, scores)


def clear_comparison(n: int = 60, names: Sequence[str] = ("worse", "better")) -> Comparison:
    """The second model is right on all pictures, the first on half of them; a third is as the second but once."""
    labels = [row % 2 for row in range(n)]
    half = says([label if row < n // 2 else 1 - label for row, label in enumerate(labels)], 0.7)
    nearly = says([1 - labels[0], *labels[1:]], 0.9)
    three = (half, says(labels, 0.9), nearly)
    return compare(dict(zip(names, three, strict=False)), pictures(labels), split="test")
