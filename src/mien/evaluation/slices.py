"""How good a model is on parts of the pictures: dark and bright, blurred and sharp, clear and disputed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mien import html
from mien.audit.quality import measure
from mien.data.dataset import Dataset
from mien.evaluation.intervals import share_interval
from mien.evaluation.metrics import figures
from mien.html import Html

_QUARTERS = {
    "brightness": ("darkest quarter", "darker than most", "brighter than most", "brightest quarter"),
    "sharpness": ("most blurred quarter", "more blurred than most", "sharper than most", "sharpest quarter"),
}
_CROWD = {"under half": 0.0, "half to 70%": 0.5, "70% to 90%": 0.7, "90% and more": 0.9}
_FEWEST = 8  # pictures that are parted into quarters

Slice = dict[str, Any]
Rows = npt.NDArray[np.bool_]


def slices(
    probabilities: npt.NDArray[np.floating], dataset: Dataset, shares: npt.NDArray[np.float32] | None = None
) -> list[Slice]:
    """Return the figures on parts of the pictures.

    Brightness is the mean of the pixels, sharpness the variance of the Laplacian (see ``audit.quality``); both are
    parted at their quartiles. Crowd agreement is the share of a picture's votes for the expression with most votes.

    Args:
        probabilities: float ``(n, classes)`` of the pictures in ``dataset``, in its order.
        dataset: pictures with their true labels.
        shares: float32 ``(n, classes)``, shares of a crowd's votes, NaN without votes; see ``data.votes.join``.

    Returns:
        One dict a part: ``by``, ``slice``, ``low`` and ``high`` (of the measure), ``n``, ``accuracy``, its 95 %
        ``interval`` (Wilson), ``balanced_accuracy``, ``macro_f1``.

    Example:
        >>> slices(predictions.probabilities, dataset)[0]["slice"]
        'darkest quarter'
    """
    found = []
    for by, name, values, rows in [*_by_looks(dataset), *_by_crowd(dataset, shares)]:
        known = figures(probabilities[rows], dataset.labels[rows])
        right = int((probabilities[rows].argmax(axis=1) == dataset.labels[rows]).sum())
        found.append(
            {
                "by": by,
                "slice": name,
                "low": round(float(values[rows].min()), 4),
                "high": round(float(values[rows].max()), 4),
                "n": int(rows.sum()),
                "accuracy": known["accuracy"],
                "interval": share_interval(right, int(rows.sum())),
                "balanced_accuracy": known["balanced_accuracy"],
                "macro_f1": known["macro_f1"],
            }
        )
    return found


_Part = tuple[str, str, npt.NDArray[np.floating], Rows]


def _by_looks(dataset: Dataset) -> Iterator[_Part]:
    if len(dataset) < _FEWEST:
        return
    looks = measure(dataset.images)
    for by, names in _QUARTERS.items():
        values = getattr(looks, by)
        quarter = np.searchsorted(np.quantile(values, (0.25, 0.5, 0.75)), values, side="right")
        for number, name in enumerate(names):
            if (quarter == number).any():
                yield by, name, values, quarter == number


def _by_crowd(dataset: Dataset, shares: npt.NDArray[np.float32] | None) -> Iterator[_Part]:
    if shares is None:
        return
    voted = np.isfinite(shares).all(axis=1) & (shares.max(axis=1) > 0)
    most = np.where(voted, shares.max(axis=1), 0)
    edges = list(_CROWD.values())
    for name, low, high in zip(_CROWD, edges, [*edges[1:], np.inf], strict=True):
        rows = voted & (most >= low) & (most < high)
        if rows.any():
            yield "crowd agreement", name, most, rows
    agrees = shares[np.arange(len(shares)), dataset.labels] >= most
    for name, rows in (("the label", voted & agrees), ("another expression", voted & ~agrees)):
        if rows.any():
            yield "crowd's choice", name, most, rows


def slice_section(found: Sequence[Mapping[str, Any]]) -> list[Html]:
    """Return the report's section: a row a part; nothing where there are no slices."""
    if not found:
        return []
    words = (
        "Accuracy on parts of the pictures, with 95% intervals. Where two intervals lie far apart the model depends on "
        "how a picture was taken, or on how clear the expression is, not only on what it shows."
    )
    rows = []
    for item in found:
        low, high = item["interval"]
        label = f"{item['accuracy']:.1%} ({100 * low:.1f}-{100 * high:.1f})"
        rows.append([f"{item['by']}: {item['slice']}", html.bar(item["accuracy"], label), f"{item['n']:,}"])
    return [html.paragraph(words, "note"), html.bars(html.table(["", "accuracy", "pictures"], rows))]
