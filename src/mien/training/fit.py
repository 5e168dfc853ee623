"""Fit a network: epochs of steps, validation after each, best weights, early stopping. Never sees test pictures."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from mien.data.dataset import Dataset
from mien.errors import RunError
from mien.evaluation.confidence import softmax
from mien.evaluation.metrics import figures
from mien.model.preprocess import face_pixels
from mien.training import checkpoint
from mien.training.average import Average
from mien.training.batches import Lessons, Shared, steps_an_epoch
from mien.training.checkpoint import Arrays, Checkpoint, Saver
from mien.training.engine import Engine, Steering, open_engine
from mien.training.recipe import Recipe
from mien.training.schedule import picture_size
from mien.training.watching import Watcher

_JUDGED = {
    "val_loss": "log_loss",
    "val_accuracy": "accuracy",
    "val_auc": "macro_auc",
    "val_macro_f1": "macro_f1",
    "val_balanced_accuracy": "balanced_accuracy",
}


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a fit gives.

    Attributes:
        weights: the best epoch's, in Keras' order.
        history: one row an epoch.
        best_epoch: counted from 1; 0 where no epoch was finished.
        interrupted: whether it was stopped before its time.
    """

    weights: checkpoint.Arrays
    history: tuple[dict[str, float], ...]
    best_epoch: int
    interrupted: bool


def fit(
    model: keras.Model,
    recipe: Recipe,
    data: tuple[Lessons, Dataset],
    folder: Path,
    watcher: Watcher,
    stop: Callable[[], bool],
) -> Fitted:
    """Train ``model`` by the recipe; go on where ``folder`` has a checkpoint. What becomes of the model is open.

    Args:
        model: takes faces, gives logits, and logits of the votes where the lessons have some.
        recipe: everything else.
        data: what to learn from, and validation pictures; where there are none, the last epoch's weights are kept.
        folder: where the checkpoint is written after an epoch, see ``Saver``.
        watcher: is told of steps and epochs.
        stop: asked after every step; True ends the training there and keeps the best weights.

    Raises:
        RunError: the loss is not a number any more.
    """
    lessons, val = data
    engine, steps = open_engine(model, recipe, lessons.train.counts()), steps_an_epoch(recipe, len(lessons.train))
    state = _resumed(engine, folder) if (folder / checkpoint.FILE).exists() else _begun(engine, recipe)
    stepped = _averaging(engine, recipe, state, steps)
    with closing(Saver(folder)) as saver:
        while not over(state, recipe):
            row = _epoch(engine, lessons, Steering(recipe, len(state.history), steps, watcher, stop, stepped))
            if row is None:
                kept = state.best_weights if state.best_epoch else engine.weights()
                return Fitted(kept, state.history, state.best_epoch, interrupted=True)
            with engine.averaged():
                row |= validate(engine, val, picture_size(recipe, len(state.history)))
                state = _gone_on(state, row, engine.weights, recipe.monitor if len(val) else "")
            state = replace(state, weights=engine.weights(), optimizer=engine.state(), average=engine.average())
            saver.save(state)
            watcher.finished_epoch(state.history[-1], recipe.last_epoch)
    return Fitted(state.best_weights, state.history, state.best_epoch, interrupted=False)


def validate(engine: Engine, val: Dataset, size: int) -> dict[str, float]:
    """Return the validation figures of an epoch at its picture size, as in ``history.csv``; NaN of no pictures."""
    if not len(val):
        return dict.fromkeys(_JUDGED, np.nan)
    images = np.stack([face_pixels(image, size) for image in val.images])
    found = figures(softmax(engine.logits(images)), val.labels)
    return {name: np.nan if (value := found[figure]) is None else float(value) for name, figure in _JUDGED.items()}


def _epoch(engine: Engine, lessons: Lessons, steering: Steering) -> dict[str, float] | None:
    """Train one epoch; return its figures, or None where it was stopped."""
    began = time.monotonic()
    with closing(Shared(engine.batches(lessons, steering.epoch))) as source:
        figures = engine.train(source, steering)
    if figures is None:
        return None
    rate = steering.rate(steering.steps - 1)
    return {"epoch": steering.epoch + 1, **figures, "learning_rate": rate, "seconds": time.monotonic() - began}


def _begun(engine: Engine, recipe: Recipe) -> Checkpoint:
    weights = engine.weights()
    return Checkpoint((), 0, weights, engine.state(), weights, weights if recipe.average else ())


def _resumed(engine: Engine, folder: Path) -> Checkpoint:
    state = checkpoint.load(folder)
    try:
        engine.set_weights(state.weights)
        engine.restore(state.optimizer)
    except (ValueError, RuntimeError) as error:
        message = f"{folder}: the checkpoint is of another network, optimiser or engine; train again without --resume"
        raise RunError(message) from error
    return state


def _averaging(engine: Engine, recipe: Recipe, state: Checkpoint, steps: int) -> Callable[[int], None]:
    """Return what is to be called after every step, so that the weights' average follows, where there is one."""
    if not recipe.average:
        return lambda _: None
    engine.begin_average(state.average)
    return Average(recipe.average, engine, steps, len(state.history) * steps).stepped


def _gone_on(state: Checkpoint, row: dict[str, float], weights: Callable[[], Arrays], monitor: str) -> Checkpoint:
    """Return the state with one more row of history, and ``weights()`` kept if that epoch is the best so far.

    Without a monitor the last epoch is.
    """
    if not (state.best_epoch and monitor) or _better(row, state.history[state.best_epoch - 1], monitor):
        state = replace(state, best_epoch=len(state.history) + 1, best_weights=weights())
    rows = [*state.history, row]
    marked = ({**item, "best": float(number == state.best_epoch)} for number, item in enumerate(rows, 1))
    return replace(state, history=tuple(marked))


def _better(row: dict[str, float], best: dict[str, float], monitor: str) -> bool:
    return row[monitor] < best[monitor] if monitor == "val_loss" else row[monitor] > best[monitor]


def over(state: Checkpoint, recipe: Recipe) -> bool:
    """Return whether nothing is left to train."""
    return len(state.history) >= recipe.last_epoch or waited(state, recipe)


def waited(state: Checkpoint, recipe: Recipe) -> bool:
    """Return whether training ended early: ``patience`` epochs went by without a better one."""
    return bool(recipe.patience) and len(state.history) - state.best_epoch >= recipe.patience
