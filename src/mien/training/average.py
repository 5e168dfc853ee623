"""A running average of the weights, which is often better than the weights of the last step."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

EVERY = 8  # steps between two looks at the weights, so that the average costs next to nothing
_WARM = 10


class Average:
    """Exponential moving average of weights (Polyak & Juditsky 1992; Tarvainen & Valpola 2017, arXiv 1703.01780).

    Args:
        decay: share that is kept a step, such as 0.999; less in the first steps, so that the start is forgotten soon.
        weights: to start from.
        step: steps of the whole run that they have seen.

    Example:
        >>> average = Average(0.999, [np.zeros(2, np.float32)])
        >>> average.update(8, [np.ones(2, np.float32)])
    """

    def __init__(self, decay: float, weights: Sequence[npt.NDArray[Any]], step: int = 0) -> None:
        self._decay, self._step = decay, step
        self.weights = [np.array(array) for array in weights]

    def update(self, step: int, weights: Sequence[npt.NDArray[Any]]) -> None:
        """Take in the weights after ``step`` steps of the whole run, for all of those since the last call."""
        decay = min(self._decay, (1 + step) / (_WARM + step)) ** (step - self._step)
        self._step = step
        for mean, array in zip(self.weights, weights, strict=True):
            mean += (1 - decay) * (array - mean)
