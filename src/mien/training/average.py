"""A running average of the weights, which is often better than the weights of the last step."""

from typing import Protocol

EVERY = 8  # steps between two looks at the weights, so that the average costs next to nothing
_WARM = 10


class Following(Protocol):
    """Keeps the average beside its weights, wherever those lie."""

    def follow(self, share: float) -> None:
        """Move the average by this share of the way towards the weights."""


class Average:
    """Exponential moving average of weights (Polyak & Juditsky 1992; Tarvainen & Valpola 2017, arXiv 1703.01780).

    Args:
        decay: share that is kept a step, such as 0.999; less in the first steps, so that the start is forgotten soon.
        engine: holds the weights and their average.
        steps: in an epoch; its last one is always taken in.
        step: steps of the whole run that the average has seen.

    Example:
        >>> average = Average(0.999, engine, steps=201)
        >>> average.stepped(8)
    """

    def __init__(self, decay: float, engine: Following, steps: int, step: int = 0) -> None:
        self._decay, self._engine, self._steps, self._step = decay, engine, steps, step

    def stepped(self, step: int) -> None:
        """Take in the weights after ``step`` steps of the whole run, where it is time, for all steps since the last."""
        if step % EVERY and step % self._steps:
            return
        decay = min(self._decay, (1 + step) / (_WARM + step)) ** (step - self._step)
        self._step = step
        self._engine.follow(1 - decay)
