"""Whether confidence means what it says: expected calibration error and the bins of a reliability diagram."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Ints = npt.NDArray[np.int64]

BINS = 15  # equal-width, as in Guo et al. 2017


@dataclass(frozen=True)
class Bin:
    """Pictures whose confidence lies in ``(low, high]``: how many, their mean confidence, the share that is right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def bin_of(confidence: Floats) -> Ints:
    """Return the bin of each confidence, int64 ``(n,)``, 0 to ``BINS - 1``; bins are open below, closed above."""
    bins: Ints = np.clip(np.ceil(confidence * BINS) - 1, 0, BINS - 1).astype(np.int64)
    return bins


def reliability(probabilities: Floats, labels: Ints) -> tuple[Bin, ...]:
    """Return the bins that hold pictures, in order of confidence.

    Args:
        probabilities: float ``(n, classes)``, 0-1.
        labels: int64 ``(n,)``.

    Example:
        >>> [bin] = reliability(np.array([[0.9, 0.1], [0.1, 0.9]]), np.array([0, 0]))
        >>> bin.count, bin.accuracy
        (2, 0.5)
    """
    if len(labels) == 0:
        return ()
    confidence = np.asarray(probabilities, np.float64).max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    where = bin_of(confidence)
    counts = np.bincount(where, minlength=BINS)
    sums = np.bincount(where, confidence, BINS)
    hits = np.bincount(where, right, BINS)
    return tuple(
        Bin(
            low=index / BINS,
            high=(index + 1) / BINS,
            count=int(counts[index]),
            confidence=float(sums[index] / counts[index]),
            accuracy=float(hits[index] / counts[index]),
        )
        for index in np.flatnonzero(counts)
    )


def calibration_error(probabilities: Floats, labels: Ints) -> float | None:
    """Return the expected calibration error, 0-1: the mean gap between confidence and accuracy, weighted by count.

    Guo et al. 2017, "On Calibration of Modern Neural Networks", arXiv 1706.04599, equation 3, with 15 bins.

    Returns:
        None where there are no pictures.
    """
    bins = reliability(probabilities, labels)
    total = sum(item.count for item in bins)
    return sum(item.count * abs(item.accuracy - item.confidence) for item in bins) / total if total else None
