"""Make confidence mean what it says: temperature, offsets and the threshold of ``uncertain``, fitted on validation."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

from mien.evaluation.metrics import figures

Floats = npt.NDArray[np.floating]
_COLDEST, _HOTTEST = 0.1, 10.0  # temperatures
_FARTHEST = 3.0  # nats of an offset: a factor of 20 in probability
_DOUBT, _LEAST = 1.0, 1e-12
_STRENGTHS = [step / 20 for step in range(21)]
_FREE = 0.002  # a tenth of the interval of a figure on 3,000 pictures


def softmax(logits: Floats) -> npt.NDArray[np.float64]:
    """Return probabilities of logits, both ``(n, classes)``."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def fit_calibration(
    logits: Floats, labels: npt.NDArray[np.int64], *, shift: bool = True
) -> tuple[float, tuple[float, ...]]:
    """Return the temperature T and offset b of each class that make softmax(logits / T + b) most likely.

    Temperature scaling (Guo et al. 2017, arXiv 1706.04599) with a bias for each class (Alexandari et al. 2020,
    arXiv 1901.06852). The offsets are held towards zero as if each class came with one more nat of doubt for a unit.

    Args:
        logits: ``(n, classes)`` of the validation pictures.
        labels: int64 ``(n,)``.
        shift: False leaves the offsets at zero.

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

    bounds = [(np.log(_COLDEST), np.log(_HOTTEST)), *[(-_FARTHEST, _FARTHEST) if shift else (0, 0)] * classes]
    found = minimize(loss, np.zeros(1 + classes), jac=True, method="L-BFGS-B", bounds=bounds).x
    offsets = found[1:] - found[1:].mean()
    temperature = float(np.clip(np.exp(found[0]), _COLDEST, _HOTTEST))  # exp(log(10)) is over 10
    return temperature, tuple(float(value) for value in offsets.round(4))


def fit_adjustment(probabilities: Floats, labels: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> Floats:
    """Return an offset a class that favours rare ones, as far as that costs nothing.

    Post-hoc logit adjustment (Menon et al. 2021, arXiv 2007.07314): tau times the logarithm of one over the class's
    share of train. Of tau = 0, 0.05 ... 1 the one with the best balanced accuracy is taken, among those that lose at
    most 0.002 of accuracy and of macro-F1 against tau = 0.

    Args:
        probabilities: ``(n, classes)`` of the validation pictures, calibrated.
        labels: int64 ``(n,)``.
        counts: pictures of each class in train.

    Returns:
        float64 ``(classes,)``, nats to add to the logits, their mean 0; zeros where nothing is gained.
    """
    rarity = -np.log(np.maximum(counts, 1) / counts.sum())
    rarity -= rarity.mean()
    logits = np.log(np.maximum(probabilities, _LEAST))
    found = [figures(softmax(logits + tau * rarity), labels) for tau in _STRENGTHS]
    plain = found[0]
    free = [
        (row["balanced_accuracy"] or 0.0, -tau)
        for tau, row in zip(_STRENGTHS, found, strict=True)
        if all((row[key] or 0.0) >= (plain[key] or 0.0) - _FREE for key in ("accuracy", "macro_f1"))
    ]
    return np.asarray(-max(free)[1] * rarity)


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
