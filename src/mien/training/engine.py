"""What computes the steps of a training: Keras on any backend, or torch for speed, on GPUs and on some CPUs."""

import math
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol

import keras
import numpy as np
import numpy.typing as npt

from mien.errors import MissingExtra, RunError
from mien.training.balance import logit_shift
from mien.training.batches import Lessons
from mien.training.checkpoint import Arrays
from mien.training.recipe import Recipe
from mien.training.schedule import learning_rate
from mien.training.watching import Watcher

_SPINS = "10000"  # turns that a thread of torch's waits awake for the others before it sleeps


@dataclass(frozen=True)
class Steering:
    """Holds the wheel for an epoch: the learning rate before a step, a look at the loss after it.

    Attributes:
        recipe: of the run.
        epoch: counted from 0.
        steps: in an epoch.
        watcher: is told of every step.
        stop: asked after every step.
        stepped: called with the number of steps done in the whole run, after every step.
    """

    recipe: Recipe
    epoch: int
    steps: int
    watcher: Watcher
    stop: Callable[[], bool]
    stepped: Callable[[int], None]

    def rate(self, step: int) -> float:
        """Return the learning rate of a step of this epoch, counted from 0."""
        return learning_rate(self.recipe, self.epoch * self.steps + step, self.recipe.epochs * self.steps)

    def after(self, step: int, loss: float) -> bool:
        """Tell the watcher of a finished step and the epoch's last known mean loss; return whether to stop here.

        Raises:
            RunError: the loss is not a number any more.
        """
        if not math.isfinite(loss):
            kept = "; the last whole epoch is in the checkpoint" if self.epoch else ""
            message = (
                f"epoch {self.epoch + 1}, step {step + 1}: the loss is {loss}; lower the learning rate, such as "
                f"--set learning_rate={self.recipe.learning_rate / 10:g}{kept}"
            )
            raise RunError(message)
        self.stepped(self.epoch * self.steps + step + 1)
        self.watcher.stepped(self.epoch + 1, step + 1, self.steps, loss)
        return self.stop()


class Engine(Protocol):
    """A network in training. Weights are in Keras' order and layout whatever computes."""

    def batches(self, lessons: Lessons, epoch: int) -> Generator[Any, None, None]:
        """Yield the batches of an epoch, counted from 0, as ``train`` takes them."""

    def train(self, source: Iterator[Any], steering: Steering) -> dict[str, float] | None:
        """Train one epoch; return its ``loss``, ``accuracy`` and ``auc``, or None where it was stopped."""

    def logits(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return logits float32 ``(n, classes)`` of grey uint8 ``(n, size, size)``."""

    def weights(self) -> Arrays:
        """Return a copy of the weights."""

    def set_weights(self, weights: Arrays) -> None:
        """Go on with these weights.

        Raises:
            ValueError: they are of another network.
        """

    def begin_average(self, weights: Arrays) -> None:
        """Keep a running average of the weights from now on, which begins with these."""

    def follow(self, share: float) -> None:
        """Move the average by this share of the way towards the weights."""

    def average(self) -> Arrays:
        """Return a copy of the average; empty where none is kept."""

    def averaged(self) -> AbstractContextManager[None]:
        """Return a ``with`` block in which the weights are their average, where one is kept."""

    def state(self) -> Arrays:
        """Return what ``restore`` needs of the optimiser."""

    def restore(self, state: Arrays) -> None:
        """Go on with the ``state()`` of another process.

        Raises:
            ValueError: it is of another network or optimiser.
        """


def choose(engine: str) -> str:
    """Return ``torch`` or ``keras`` for a recipe's engine; ``auto`` is torch where it is installed and pays.

    It pays on a GPU, and where the processor multiplies in bfloat16: elsewhere its convolutions are no faster than
    TensorFlow's. Who set ``KERAS_BACKEND=jax`` gets Keras on jax.

    Raises:
        MissingExtra: ``torch`` is asked for and not installed.
    """
    if engine == "keras" or (engine == "auto" and keras.backend.backend() == "jax"):
        return "keras"
    try:
        pays = _torch_engine().pays()
    except (ImportError, OSError) as error:  # not installed, or installed without what it needs
        if engine == "auto":
            return "keras"
        message = (
            f"engine = 'torch' needs torch, which cannot be imported ({error}). Install with: pip install torch; a new "
            "run can do without: --set engine=keras"
        )
        raise MissingExtra(message) from error
    return "torch" if pays or engine == "torch" else "keras"


def open_engine(model: keras.Model, recipe: Recipe, counts: npt.NDArray[np.int64]) -> Engine:
    """Return the engine that the recipe names, holding the weights of ``model``.

    Args:
        model: takes faces, gives logits, and logits of the votes where the recipe has them.
        recipe: of the run.
        counts: pictures of each class in train, int64 ``(classes,)``.
    """
    shift = logit_shift(recipe.balance, counts)
    if choose(recipe.engine) == "torch":
        engine: Engine = _torch_engine().open_torch(model, recipe, shift)
        return engine
    from mien.training.keras_engine import KerasEngine

    return KerasEngine(model, recipe, shift)


def accelerator(engine: str) -> str:
    """Return the name of the GPU that the torch engine trains on; empty for none, and always for ``keras``."""
    return str(_torch_engine().gpu()) if engine == "torch" else ""


def _torch_engine() -> ModuleType:
    """Import torch's part, with threads that give way to other programs; see ``benchmarks/sharing.py``."""
    os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)  # read once, when torch loads its OpenMP
    from mien.training import torch_engine

    return torch_engine
