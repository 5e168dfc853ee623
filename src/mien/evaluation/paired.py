"""Two models on the same pictures: differences with intervals, McNemar's test, and what each class gains.

Both models meet the same resamples of pictures (the paired bootstrap: Efron and Tibshirani 1993, "An Introduction to
the Bootstrap", chapter 8), so that pictures which are hard for both do not blur what parts them. A difference is the
second model's figure minus the first's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

from mien.evaluation.intervals import percentile_interval, resampled_figures, resamples
from mien.evaluation.metrics import HEADLINE

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Right = npt.NDArray[np.bool_]

LOWER_IS_BETTER = ("ece", "log_loss", "brier")
CHANCE = 0.05  # a smaller p-value is called more than chance


@dataclass(frozen=True)
class Difference:
    """The second model's figure minus the first's, and its 95 % interval; None where it is undefined."""

    value: float | None
    interval: list[float] | None

    @property
    def clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]


@dataclass(frozen=True)
class Outcomes:
    """Numbers of pictures by which of two models are right."""

    both_right: int
    only_first: int
    only_second: int
    both_wrong: int


@dataclass(frozen=True)
class ClassGain:
    """What the second model finds of a class that the first does not.

    Attributes:
        name: the class.
        pictures: how many there are.
        first: recall of the first model, 0-1; None where there are no pictures.
        second: recall of the second model.
        gain: ``second - first``.
        only_first: pictures of the class that only the first model finds.
        only_second: pictures of the class that only the second model finds.
    """

    name: str
    pictures: int
    first: float | None
    second: float | None
    gain: float | None
    only_first: int
    only_second: int


def resampled(scores: Sequence[Array], labels: Ints) -> list[dict[str, Array]]:
    """Return the headline figures of each model on the same 1000 resamples: float64 ``(1000,)`` a figure.

    Args:
        scores: float64 ``(n, classes)`` a model, probabilities; n >= 1.
        labels: int64 ``(n,)``.
    """
    parts = [[resampled_figures(each, labels, counts) for each in scores] for counts in resamples(len(labels))]
    return [
        {name: np.concatenate([part[model][name] for part in parts]) for name in HEADLINE}
        for model in range(len(scores))
    ]


def differences(
    figures: Sequence[Mapping[str, float | None]], draws: Sequence[Mapping[str, Array]]
) -> dict[str, Difference]:
    """Return the differences of two models' headline figures.

    Args:
        figures: of the first and the second model on all pictures.
        draws: of the first and the second model on the same resamples, as from ``resampled``.
    """
    first, second = figures
    return {
        name: Difference(_minus(second[name], first[name]), percentile_interval(draws[1][name] - draws[0][name]))
        for name in HEADLINE
    }


def outcomes(first: Right, second: Right) -> Outcomes:
    """Return how many pictures both, one or none of two models are right on.

    Args:
        first: bool ``(n,)``, where the first model is right.
        second: the same of the second model.

    Example:
        >>> outcomes(np.array([True, True]), np.array([True, False]))
        Outcomes(both_right=1, only_first=1, only_second=0, both_wrong=0)
    """
    return Outcomes(
        both_right=int((first & second).sum()),
        only_first=int((first & ~second).sum()),
        only_second=int((second & ~first).sum()),
        both_wrong=int((~first & ~second).sum()),
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the p-value that two models are right equally often, 0-1: two-sided, exact.

    McNemar 1947, "Note on the sampling error of the difference between correlated proportions or percentages",
    Psychometrika 12:153-157: if they are equally good, each picture that parts them is the toss of a coin. Exact by
    the binomial distribution instead of his approximation.

    Example:
        >>> mcnemar(1, 5)
        0.21875
    """
    parting = only_first + only_second
    return float(binomtest(only_first, parting).pvalue) if parting else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values that hold for all pairs together, in the same order.

    Holm 1979, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6:65-70.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted


def class_gains(first: Right, second: Right, labels: Ints, classes: Sequence[str]) -> tuple[ClassGain, ...]:
    """Return what each class gains in recall; a class without a picture has none."""
    return tuple(_class_gain(name, first[labels == row], second[labels == row]) for row, name in enumerate(classes))


def _class_gain(name: str, first: Right, second: Right) -> ClassGain:
    found, parts = len(first), outcomes(first, second)
    recalls = [float(right.mean()) if found else None for right in (first, second)]
    return ClassGain(
        name=name,
        pictures=found,
        first=recalls[0],
        second=recalls[1],
        gain=_minus(recalls[1], recalls[0]),
        only_first=parts.only_first,
        only_second=parts.only_second,
    )


def _minus(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other
