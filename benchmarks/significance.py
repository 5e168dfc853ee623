"""Which rows of a table of (row, seed) differ from a base row by more than chance."""

import numpy as np
import numpy.typing as npt
from scipy.stats import f, t

from mien.evaluation.paired import holm

_LEVEL = 0.05


def differ(values: npt.NDArray[np.float64], base: int) -> npt.NDArray[np.bool_]:
    """Return which rows of ``(rows, seeds)`` differ from row ``base`` by more than chance, at 5 % over all of them.

    A figure is taken as that of its row plus that of its seed plus noise, which is pooled over all rows (two-way
    analysis of variance without interaction). Where one row is noisier than the others, each is held against the base
    with the noise of their difference alone, which sees less. t-tests, corrected by Holm 1979, "A simple sequentially
    rejective multiple test procedure", Scandinavian Journal of Statistics 6(2).

    Example:
        >>> differ(np.array([[0.60, 0.61, 0.63], [0.61, 0.60, 0.63], [0.70, 0.71, 0.72]]), 0)
        array([False, False,  True])
    """
    rows, seeds = values.shape
    others = [row for row in range(rows) if row != base]
    found = np.zeros(rows, bool)
    if seeds < 2 or not others:
        return found
    gaps = values[others] - values[base]
    if one_is_noisier(values):
        error, freedom = gaps.std(axis=1, ddof=1) / np.sqrt(seeds), seeds - 1
    else:
        rest = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean()
        freedom = (rows - 1) * (seeds - 1)
        error = np.full(len(others), np.sqrt(2 * (rest**2).sum() / freedom / seeds))
    means = np.abs(gaps.mean(axis=1))
    chances = 2 * t.sf(np.divide(means, error, out=np.zeros_like(means), where=error > 0), freedom)
    found[others] = np.array(holm(chances.tolist())) <= _LEVEL
    return found


def one_is_noisier(values: npt.NDArray[np.float64]) -> bool:
    """Return whether one row's variance over seeds, those of all rows alike, is too large a part of all of it."""
    if min(values.shape) < 2:
        return False
    variances = (values - values.mean(axis=0)).var(axis=1, ddof=1)
    return bool(variances.max() > largest_share(*values.shape) * variances.sum())


def largest_share(rows: int, seeds: int) -> float:
    """Return what part of the sum the largest of ``rows`` equal variances seldom (5 %) exceeds, 0-1.

    Cochran 1941, "The distribution of the largest of a set of estimated variances as a fraction of their total",
    Annals of Eugenics 11(1), for so many seeds a row.
    """
    limit = f.isf(_LEVEL / rows, seeds - 1, (rows - 1) * (seeds - 1))
    return float(1 / (1 + (rows - 1) / limit))
