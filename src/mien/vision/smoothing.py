"""Smoothing: a face's probabilities over time, so that a label changes when the face does and not with the noise."""

from dataclasses import dataclass
from math import exp

import numpy as np
import numpy.typing as npt

Row = npt.NDArray[np.float32]
_SECONDS = 0.5  # time constant of the running mean
_LEAD = 0.1  # by so much another expression has to lead before it takes over
_MEMORY = 2.0  # seconds after which a track that was not seen is forgotten


@dataclass(frozen=True, eq=False)
class _State:
    time: float
    mean: Row
    label: int


class Smoother:
    """Keeps an exponential running mean a track, with hysteresis.

    A new expression takes over when it leads by 0.1. Until then it and the one before exchange their probabilities, so
    that the highest one always is the label. The time constant is half a second, whatever the frame rate is.

    Example:
        >>> smooth = Smoother()
        >>> smooth(1, 0.00, np.float32([0.9, 0.1])), smooth(1, 0.04, np.float32([0.1, 0.9]))
        (array([0.9, 0.1], dtype=float32), array([0.84, 0.16], dtype=float32))
    """

    def __init__(self) -> None:
        self._states: dict[int, _State] = {}

    def __call__(self, track: int, time: float, row: Row) -> Row:
        """Return the smoothed probabilities of a track's next sight.

        Args:
            track: its number.
            time: seconds; never less than the time before.
            row: float32 ``(classes,)``, as the model gave it.

        Returns:
            float32 ``(classes,)``; sums to what ``row`` sums to.
        """
        before = self._states.get(track)
        if before is None or time - before.time > _MEMORY:
            state = _State(time, row, int(row.argmax()))
        else:
            share = 1 - exp(-(time - before.time) / _SECONDS)
            mean = (before.mean + np.float32(share) * (row - before.mean)).astype(np.float32)
            best = int(mean.argmax())
            state = _State(time, mean, best if mean[best] - mean[before.label] > _LEAD else before.label)
        self._states = {key: old for key, old in self._states.items() if time - old.time <= _MEMORY} | {track: state}
        shown = state.mean.copy()
        best = int(shown.argmax())
        shown[[best, state.label]] = shown[[state.label, best]]
        return shown
