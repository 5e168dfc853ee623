"""Make confidence mean what it says: temperature, offsets and the threshold of ``uncertain``, fitted on validation."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

Floats = npt.NDArray[np.floating]
_COLDEST, _HOTTEST = np.log(0.1), np.log(10.0)
_FARTHEST = 3.0  # nats of an offset: a factor of 20 in probability
_DOUBT, _LEAST = 1.0, 1e-12


def softmax(logits: Floats) -> npt.NDArray[np.float64]:
    """Return probabilities of logits, both ``(n, classes)``."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def fit_calibration(logits: Floats, labels: npt.NDArray[np.int64]) -> tuple[float, tuple[float, ...]]:
    """Return the temperature T and offset b of each class that make softmax(logits / T + b) most likely.

    Temperature scaling (Guo et al. 2017, arXiv 1706.04599) with a bias for each class (Alexandari et al. 2020,
    arXiv 1901.06852). The offsets are held towards zero as if each class came with one more nat of doubt for a unit.

    Args:
        logits: ``(n, classes)`` of the validation pictures.
        labels: int64 ``(n,)``.

    Returns:
        T, 0.1 to 10, over 1 where the network is too sure of itself; offsets in nats, their mean 0.
    """
    rows = np.arange(len(labels))
    classes = logits.shape[1]

    def loss(values: Floats) -> tuple[float, Floats]:
        scale, offsets = np.exp(-values[0]), values[1:]
        probabilities = softmax(logits * scale + offsets)
        right = probabilities[rows, labels]
        gap = probabilities
        gap[rows, labels] -= 1
        slope = np.concatenate([[-(gap * logits).sum() * scale], gap.sum(axis=0) + 2 * _DOUBT * offsets])
        return float(-np.log(np.maximum(right, _LEAST)).sum() + _DOUBT * (offsets**2).sum()), slope

    bounds = [(_COLDEST, _HOTTEST), *[(-_FARTHEST, _FARTHEST)] * classes]
    found = minimize(loss, np.zeros(1 + classes), jac=True, method="L-BFGS-B", bounds=bounds).x
    offsets = found[1:] - found[1:].mean()
    return float(np.exp(found[0])), tuple(float(value) for value in offsets.round(4))


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
