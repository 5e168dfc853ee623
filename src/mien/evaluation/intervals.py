"""Intervals of the headline figures by the bootstrap: pictures are drawn again, with replacement, many times.

Percentile intervals (Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13). A resample is a row of
counts, how often each picture was drawn, so that every figure of all resamples is a few matrix products. The interval
of the calibration error leans high, since resampling adds noise that it counts as a gap.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from mien.evaluation.calibration import BINS, bin_of
from mien.evaluation.metrics import HEADLINE, squared_error, surprise

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RESAMPLES = 1000
_LEVEL = 95.0
_SEED = 2013
_NORMAL = 1.959964  # of a standard normal variable, 95 % lie within it on both sides
_CELLS = 4_000_000  # counts held at once, so that memory does not grow with the data


def intervals(probabilities: npt.NDArray[np.floating], labels: Ints) -> dict[str, list[float] | None]:
    """Return the 95 % interval of each headline figure, ``[low, high]``, from 1000 resamples with a fixed seed.

    Args:
        probabilities: float ``(n, classes)``, 0-1, rows sum to 1.
        labels: int64 ``(n,)``.

    Returns:
        None for a figure that is undefined.

    Example:
        >>> low, high = intervals(probabilities, labels)["accuracy"]
    """
    if len(labels) == 0:
        return dict.fromkeys(HEADLINE)
    scores = np.asarray(probabilities, np.float64)
    parts = [resampled_figures(scores, labels, counts) for counts in resamples(len(labels))]
    return {name: percentile_interval(np.concatenate([part[name] for part in parts])) for name in HEADLINE}


def share_interval(hits: int, count: int) -> list[float] | None:
    """Return the 95 % interval of a share, ``[low, high]``, by Wilson's score (Wilson 1927, JASA 22:209-212).

    Holds for few pictures too, where the bootstrap is too narrow; None for none.

    Example:
        >>> share_interval(0, 10)
        [0.0, 0.2775...]
    """
    if not count:
        return None
    share, doubt = hits / count, _NORMAL**2 / count
    middle = (share + doubt / 2) / (1 + doubt)
    half = _NORMAL / (1 + doubt) * (share * (1 - share) / count + doubt / (4 * count)) ** 0.5
    return [max(0.0, middle - half), min(1.0, middle + half)]


def class_intervals(confusion: Ints, classes: Sequence[str]) -> dict[str, dict[str, list[float] | None]]:
    """Return the 95 % intervals of each class's precision and recall, from counts by true class and predicted class."""
    return {
        name: {
            "precision": share_interval(int(confusion[row, row]), int(confusion[:, row].sum())),
            "recall": share_interval(int(confusion[row, row]), int(confusion[row].sum())),
        }
        for row, name in enumerate(classes)
    }


def resampled_figures(scores: Array, labels: Ints, counts: Array) -> dict[str, Array]:
    """Return the headline figures of resamples; counts of 1 give ``metrics.figures``.

    Args:
        scores: float64 ``(n, classes)``, probabilities.
        labels: int64 ``(n,)``.
        counts: float64 ``(resamples, n)``, how often each picture was drawn.

    Returns:
        float64 ``(resamples,)`` a figure, NaN where it is undefined.
    """
    classes = scores.shape[1]
    predicted = scores.argmax(axis=1)
    total = counts.sum(axis=1)
    truth = counts @ np.eye(classes)[labels]
    guessed = counts @ np.eye(classes)[predicted]
    hits = counts @ (np.eye(classes)[labels] * (predicted == labels)[:, None])
    present = truth > 0
    areas = np.stack([_areas(scores[:, column], labels == column, counts) for column in range(classes)], axis=1)
    return {
        "accuracy": hits.sum(axis=1) / total,
        "balanced_accuracy": _mean(_ratio(hits, truth), present),
        "macro_f1": _mean(_ratio(2 * hits, truth + guessed), present),
        "macro_auc": _mean(areas, present & np.isfinite(areas)),
        "ece": _calibration_errors(scores, predicted == labels, counts) / total,
        "log_loss": counts @ surprise(scores, labels) / total,
        "brier": counts @ squared_error(scores, labels) / total,
    }


def resamples(n: int) -> Iterator[Array]:
    """Yield 1000 resamples of n pictures, n >= 1, in parts that fit into memory; the same ones each time.

    Returns:
        float64 ``(some, n)``, how often each picture was drawn.

    Example:
        >>> sum(len(counts) for counts in resamples(3579))
        1000
    """
    generator = np.random.default_rng(_SEED)
    rows = max(1, min(RESAMPLES, _CELLS // n))
    for start in range(0, RESAMPLES, rows):
        yield _draw(generator, min(rows, RESAMPLES - start), n)


def percentile_interval(values: Array) -> list[float] | None:
    """Return the 95 % interval ``[low, high]`` of a figure's resampled values; None where all are undefined (NaN)."""
    defined = values[np.isfinite(values)]
    if len(defined) == 0:
        return None
    tail = (100 - _LEVEL) / 2
    low, high = np.percentile(defined, [tail, 100 - tail])
    return [float(low), float(high)]


def _draw(generator: np.random.Generator, resamples: int, n: int) -> Array:
    drawn = generator.integers(0, n, (resamples, n)) + n * np.arange(resamples)[:, None]
    return np.bincount(drawn.ravel(), minlength=resamples * n).reshape(resamples, n).astype(np.float64)


def _areas(scores: Array, positive: npt.NDArray[np.bool_], counts: Array) -> Array:
    """Area under the ROC curve of each resample: the share of pairs that are in order, ties counted half."""
    negatives = np.flatnonzero(~positive)
    negatives = negatives[np.argsort(scores[negatives], kind="stable")]
    below = np.zeros((len(counts), len(negatives) + 1))
    np.cumsum(counts[:, negatives], axis=1, out=below[:, 1:])
    first = np.searchsorted(scores[negatives], scores[positive], "left")
    last = np.searchsorted(scores[negatives], scores[positive], "right")
    drawn = counts[:, positive]
    in_order = np.einsum("ij,ij->i", drawn, (below[:, first] + below[:, last]) / 2)
    return _ratio(in_order, drawn.sum(axis=1) * below[:, -1])


def _calibration_errors(scores: Array, right: npt.NDArray[np.bool_], counts: Array) -> Array:
    confidence = scores.max(axis=1)
    gaps = np.eye(BINS)[bin_of(confidence)] * (right - confidence)[:, None]
    errors: Array = np.abs(counts @ gaps).sum(axis=1)
    return errors


def _ratio(above: Array, below: Array) -> Array:
    ratio: Array = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)
    return ratio


def _mean(values: Array, where: npt.NDArray[np.bool_]) -> Array:
    """Mean of each row over the columns that count."""
    return _ratio(np.where(where, values, 0.0).sum(axis=1), where.sum(axis=1).astype(np.float64))
