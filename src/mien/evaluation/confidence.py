"""Make confidence mean what it says: temperature and the threshold of ``uncertain``, both fitted on validation."""

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import IsotonicRegression

Floats = npt.NDArray[np.floating]
_GOLDEN = (5**0.5 - 1) / 2
_COLDEST, _HOTTEST = np.log(0.1), np.log(10.0)


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

    How often faces of a confidence are right is fitted by isotonic regression on validation (Zadrozny & Elkan 2002,
    "Transforming classifier scores into accurate multiclass probability estimates"); the threshold is where that share
    reaches one half.

    Args:
        probabilities: ``(n, classes)`` of the validation pictures, after the temperature.
        labels: int64 ``(n,)``.

    Returns:
        0-1, rounded up to 0.01; 0 where every confidence is right more often than not.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    share = IsotonicRegression().fit(confidence, right).predict(confidence)
    wrong = confidence[share < 0.5]
    return float(np.ceil(wrong.max() * 100) / 100) if len(wrong) else 0.0
