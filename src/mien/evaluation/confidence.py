"""Make confidence mean what it says: temperature and the threshold of ``uncertain``, both fitted on validation."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
_GOLDEN = (5**0.5 - 1) / 2
_COLDEST, _HOTTEST = np.log(0.1), np.log(10.0)
_MOST = 0.95


def softmax(logits: Floats) -> npt.NDArray[np.float64]:
    """Return probabilities of logits, both ``(n, classes)``."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def fit_temperature(logits: Floats, labels: npt.NDArray[np.int64]) -> float:
    """Return the temperature T that makes softmax(logits / T) most likely (Guo et al. 2017, arXiv 1706.04599).

    Args:
        logits: ``(n, classes)`` of the validation pictures.
        labels: int64 ``(n,)``.

    Returns:
        T, 0.1 to 10; over 1 where the network is too sure of itself.
    """

    def loss(log_temperature: float) -> float:
        right = softmax(logits / np.exp(log_temperature))[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(right, 1e-12)).mean())

    low, high = float(_COLDEST), float(_HOTTEST)
    for _ in range(40):  # golden-section search; the loss has one valley in the temperature
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if loss(left) < loss(right):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def uncertain_below(probabilities: Floats, labels: npt.NDArray[np.int64]) -> float:
    """Return the confidence under which a prediction is more likely wrong than right.

    That is the highest threshold, in steps of 0.01 up to 0.95, such that of the validation faces with less
    confidence fewer than half are right; 0 if there is none.

    Args:
        probabilities: ``(n, classes)`` of the validation pictures, after the temperature.
        labels: int64 ``(n,)``.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    thresholds = np.arange(0.01, _MOST + 0.005, 0.01)
    under = confidence[None] < thresholds[:, None]
    wrong_half = under.any(axis=1) & ((under * right).sum(axis=1) < under.sum(axis=1) / 2)
    return float(round(thresholds[wrong_half].max(), 2)) if wrong_half.any() else 0.0
