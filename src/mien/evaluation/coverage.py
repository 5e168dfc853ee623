"""Accuracy against coverage: how often a model is right if it may pass on the pictures that it is least sure of.

El-Yaniv and Wiener 2010, "On the foundations of noise-free selective classification", JMLR 11; Geifman and El-Yaniv
2017, "Selective classification for deep neural networks", arXiv 1705.08500.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Ints = npt.NDArray[np.int64]

TENTHS = tuple(tenth / 10 for tenth in range(1, 11))


def accuracies(probabilities: Floats, labels: Ints) -> npt.NDArray[np.float64]:
    """Return the accuracy on the k most confident pictures for k from 1 to n, float64 ``(n,)``, 0-1.

    Pictures of equal confidence count with their mean, so that their order does not matter.

    Args:
        probabilities: float ``(n, classes)``, 0-1.
        labels: int64 ``(n,)``.

    Example:
        >>> accuracies(np.array([[0.6, 0.4], [0.9, 0.1]]), np.array([1, 0]))
        array([1. , 0.5])
    """
    right = probabilities.argmax(axis=1) == labels
    _, places, counts = np.unique(-probabilities.max(axis=1), return_inverse=True, return_counts=True)
    hits = np.repeat(np.bincount(places, right, len(counts)) / counts, counts)
    shares: npt.NDArray[np.float64] = np.cumsum(hits) / np.arange(1, len(labels) + 1)
    return shares


def answered(share: float, n: int) -> int:
    """Return how many of n pictures a share is, rounded up.

    Example:
        >>> answered(0.1, 25), answered(0.3, 10)
        (3, 3)
    """
    return int(np.ceil(share * n - 1e-9))


def coverage(probabilities: Floats, labels: Ints, threshold: float | None) -> dict[str, Any]:
    """Return the accuracy on the most confident tenth, two tenths and so on, and what ``uncertain`` buys.

    Args:
        probabilities: float ``(n, classes)``, 0-1.
        labels: int64 ``(n,)``.
        threshold: the model's ``uncertain_below``, 0-1; None where it is not known.

    Returns:
        ``accuracy`` (``"0.1"`` to ``"1.0"``: 0-1, None without pictures) and ``uncertain``: None without a threshold,
        else ``uncertain_below``, ``coverage`` (share of the pictures that are not uncertain), ``accuracy_certain``
        and ``accuracy_uncertain`` (None where there are no such pictures).
    """
    n, shares = len(labels), accuracies(probabilities, labels)
    tenths = {f"{share:.1f}": float(shares[answered(share, n) - 1]) if n else None for share in TENTHS}
    if threshold is None:
        return {"accuracy": tenths, "uncertain": None}
    certain = np.asarray(probabilities, np.float64).max(axis=1) >= threshold  # as mien.Detector compares them
    right = probabilities.argmax(axis=1) == labels
    uncertain = {
        "uncertain_below": float(threshold),
        "coverage": _mean(certain),
        "accuracy_certain": _mean(right[certain]),
        "accuracy_uncertain": _mean(right[~certain]),
    }
    return {"accuracy": tenths, "uncertain": uncertain}


def _mean(values: npt.NDArray[np.bool_]) -> float | None:
    return float(values.mean()) if len(values) else None
