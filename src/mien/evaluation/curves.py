"""Receiver operating characteristic and precision against recall, of each class against the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import precision_recall_curve, roc_curve

from mien.evaluation.metrics import auc, average_precision
from mien.labels import color_of

Floats = npt.NDArray[np.floating]
Ints = npt.NDArray[np.int64]

POINTS = 100  # of a curve, enough for a drawing
_PLACES = 5


@dataclass(frozen=True)
class Curve:
    """One class against the rest.

    Attributes:
        name: the class.
        color: of the class (red, green, blue, 0-255).
        x: 0-1, rising, at most ``POINTS`` values.
        y: 0-1, as many.
        area: the figure that sums the curve up, 0-1.
    """

    name: str
    color: tuple[int, int, int]
    x: tuple[float, ...]
    y: tuple[float, ...]
    area: float


def roc_curves(probabilities: Floats, labels: Ints, classes: Sequence[str]) -> tuple[Curve, ...]:
    """Return the share that is found (y) against the share of false alarms (x), and the area under it.

    Fawcett 2006, "An introduction to ROC analysis", doi:10.1016/j.patrec.2005.10.010.

    Args:
        probabilities: float ``(n, classes)``, 0-1.
        labels: int64 ``(n,)``.
        classes: names of the columns.

    Returns:
        One curve a class; none for a class without pictures, or that all pictures are of.

    Example:
        >>> [one, _] = roc_curves(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1]), ["calm", "cross"])
        >>> one.area
        1.0
    """
    curves = []
    for column, name in enumerate(classes):
        scores, positive = np.asarray(probabilities[:, column], np.float64), labels == column
        area = auc(scores, positive)
        if area is not None:
            alarms, found, _ = roc_curve(positive, scores)
            curves.append(Curve(name, color_of(name, column), *thinned(alarms, found), area))
    return tuple(curves)


def precision_recall_curves(probabilities: Floats, labels: Ints, classes: Sequence[str]) -> tuple[Curve, ...]:
    """Return precision (y) against recall (x), and the average precision; arguments as for ``roc_curves``.

    It says more than the other curve of classes that are rare: Davis and Goadrich 2006, "The relationship between
    precision-recall and ROC curves", doi:10.1145/1143844.1143874.

    Returns:
        One curve a class; none for a class without pictures.
    """
    curves = []
    for column, name in enumerate(classes):
        scores, positive = np.asarray(probabilities[:, column], np.float64), labels == column
        area = average_precision(scores, positive)
        if area is not None:
            precision, recall, _ = precision_recall_curve(positive, scores)
            curves.append(Curve(name, color_of(name, column), *thinned(recall[::-1], precision[::-1]), area))
    return tuple(curves)


def drawn(probabilities: Floats, labels: Ints, classes: Sequence[str]) -> dict[str, dict[str, dict[str, list[float]]]]:
    """Return both kinds of curves as plain numbers, by class; arguments as for ``roc_curves``.

    Example:
        >>> sorted(drawn(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1]), ["calm", "cross"])["roc"]["calm"])
        ['x', 'y']
    """
    given = probabilities, labels, classes
    kinds = {"roc": roc_curves(*given), "precision_recall": precision_recall_curves(*given)}
    return {
        kind: {curve.name: {"x": _short(curve.x), "y": _short(curve.y)} for curve in curves}
        for kind, curves in kinds.items()
    }


def _short(values: Sequence[float]) -> list[float]:
    return [round(value, _PLACES) for value in values]


def thinned(x: Floats, y: Floats) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return at most ``POINTS`` points of a curve, evenly spread along it; the first and the last stay.

    Example:
        >>> thinned(np.array([0.0, 1.0]), np.array([0.5, 1.0]))
        ((0.0, 1.0), (0.5, 1.0))
    """
    if len(x) > POINTS:
        way = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
        rows = np.unique(np.searchsorted(way, np.linspace(0, way[-1], POINTS)))
        rows[-1] = len(x) - 1
        x, y = x[rows], y[rows]
    return tuple(x.tolist()), tuple(y.tolist())
