"""Fit a network: epochs of steps, validation after each, best weights, early stopping. Never sees test pictures."""

import math
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from mien.data.dataset import Dataset
from mien.errors import RunError
from mien.evaluation.confidence import softmax
from mien.evaluation.metrics import figures
from mien.model.preprocess import face_pixels
from mien.training import checkpoint
from mien.training.balance import class_weights
from mien.training.batches import batches, steps_an_epoch
from mien.training.checkpoint import Checkpoint
from mien.training.measure import SoftmaxAUC
from mien.training.recipe import Recipe
from mien.training.schedule import learning_rate, picture_size
from mien.training.watching import Watcher

_VAL_BATCH = 256


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a fit gives.

    Attributes:
        weights: the best epoch's, in Keras' order.
        history: one row an epoch.
        best_epoch: counted from 1.
        interrupted: whether it was stopped before its time.
    """

    weights: checkpoint.Arrays
    history: tuple[dict[str, float], ...]
    best_epoch: int
    interrupted: bool


def fit(
    model: keras.Model,
    recipe: Recipe,
    data: tuple[Dataset, Dataset],
    folder: Path,
    watcher: Watcher,
    stop: Callable[[], bool],
) -> Fitted:
    """Train ``model`` by the recipe; go on where ``folder`` has a checkpoint.

    Args:
        model: takes faces, gives logits.
        recipe: everything else.
        data: train and validation pictures.
        folder: where the checkpoint is written after every epoch.
        watcher: is told of steps and epochs.
        stop: asked after every step; True ends the training there and keeps the best weights.

    Raises:
        RunError: the loss is not a number any more.
    """
    train, val = data
    _compile(model, recipe, len(train.classes))
    state = _resumed(model, folder) if (folder / checkpoint.FILE).exists() else None
    rows = list(state.history) if state else []
    best_epoch, best_weights = (state.best_epoch, state.best_weights) if state else (0, model.get_weights())
    while len(rows) < recipe.epochs and not _waited(rows, best_epoch, recipe):
        row = _epoch(model, recipe, train, len(rows), watcher, stop)
        if row is None:
            return Fitted(
                best_weights if best_epoch else model.get_weights(), tuple(rows), best_epoch, interrupted=True
            )
        row |= validate(model, val, picture_size(recipe, len(rows)))
        if not best_epoch or _better(row, rows[best_epoch - 1], recipe.monitor):
            best_epoch, best_weights = len(rows) + 1, model.get_weights()
        rows.append(row)
        rows = [{**item, "best": float(number == best_epoch)} for number, item in enumerate(rows, 1)]
        optimizer = [np.asarray(keras.ops.convert_to_numpy(variable)) for variable in model.optimizer.variables]
        checkpoint.save(Checkpoint(tuple(rows), best_epoch, model.get_weights(), optimizer, best_weights), folder)
        watcher.finished_epoch(rows[-1], recipe.epochs)
    return Fitted(best_weights, tuple(rows), best_epoch, interrupted=False)


def predict_logits(model: keras.Model, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return logits float32 ``(n, classes)`` of grey uint8 ``(n, size, size)``."""
    parts = [
        model.predict_on_batch(images[start : start + _VAL_BATCH, :, :, None].astype(np.float32))
        for start in range(0, len(images), _VAL_BATCH)
    ]
    return np.concatenate(parts)


def validate(model: keras.Model, val: Dataset, size: int) -> dict[str, float]:
    """Return the validation figures of an epoch at its picture size, names as in ``history.csv``."""
    images = np.stack([face_pixels(image, size) for image in val.images])
    found = figures(softmax(predict_logits(model, images)), val.labels)
    names = {
        "val_loss": "log_loss",
        "val_accuracy": "accuracy",
        "val_auc": "macro_auc",
        "val_macro_f1": "macro_f1",
        "val_balanced_accuracy": "balanced_accuracy",
    }
    return {name: np.nan if (value := found[figure]) is None else float(value) for name, figure in names.items()}


def _epoch(
    model: keras.Model, recipe: Recipe, train: Dataset, epoch: int, watcher: Watcher, stop: Callable[[], bool]
) -> dict[str, float] | None:
    """Train one epoch; return its figures, or None where it was stopped."""
    began, steps = time.monotonic(), steps_an_epoch(recipe, len(train))
    weights = class_weights(recipe.balance, train.counts())
    _seed_dropout(model, recipe.seed, epoch)
    steering = _Steering(recipe, (epoch, steps), watcher, stop)
    source = ((batch.faces, batch.targets, batch.weights) for batch in batches(recipe, train, weights, epoch))
    with closing(source):
        model.fit(source, steps_per_epoch=steps, verbose=0, callbacks=[steering], shuffle=False)
    if steering.stopped:
        return None
    figures = {name: float(steering.logs[name]) for name in ("loss", "accuracy", "auc")}
    return {"epoch": epoch + 1, **figures, "learning_rate": steering.rate, "seconds": time.monotonic() - began}


class _Steering(keras.callbacks.Callback):
    """Sets each step's learning rate, tells the watcher, and ends the training when asked to or when the loss broke."""

    def __init__(self, recipe: Recipe, place: tuple[int, int], watcher: Watcher, stop: Callable[[], bool]) -> None:
        super().__init__()
        self._recipe, (self._epoch, self._steps) = recipe, place
        self._watcher, self._stop = watcher, stop
        self.logs: Mapping[str, float] = {}
        self.rate, self.stopped = 0.0, False

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Set the learning rate."""
        step = self._epoch * self._steps + batch
        self.rate = learning_rate(self._recipe, step, self._recipe.epochs * self._steps)
        self.model.optimizer.learning_rate = self.rate

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Look at the loss, the epoch's mean so far."""
        self.logs = logs or {}
        loss = float(self.logs["loss"])
        if not math.isfinite(loss):
            message = (
                f"epoch {self._epoch + 1}, step {batch + 1}: the loss is {loss}; lower the learning rate, such as "
                f"--set learning_rate={self._recipe.learning_rate / 10:g}; the last whole epoch is in the checkpoint"
            )
            raise RunError(message)
        self._watcher.stepped(self._epoch + 1, batch + 1, self._steps, loss)
        if self._stop():
            self.stopped = self.model.stop_training = True


def _compile(model: keras.Model, recipe: Recipe, classes: int) -> None:
    rate, decay = recipe.learning_rate, recipe.weight_decay or None
    if recipe.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=decay)
    else:
        optimizer = keras.optimizers.Adam(rate, weight_decay=decay)
    if decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(
        optimizer=optimizer,
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.label_smoothing),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy"), SoftmaxAUC(classes)],
    )
    optimizer.build(model.trainable_variables)


def _resumed(model: keras.Model, folder: Path) -> Checkpoint:
    state = checkpoint.load(folder)
    variables = model.optimizer.variables
    fits = [item.shape for item in state.weights] == [item.shape for item in model.get_weights()]
    if not fits or len(state.optimizer) != len(variables):
        message = f"{folder}: the checkpoint is of another network or optimiser; train again without --resume"
        raise RunError(message)
    model.set_weights(state.weights)
    for variable, value in zip(variables, state.optimizer, strict=True):
        variable.assign(value)
    return state


def _seed_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    """Give each dropout layer the state that (seed, layer, epoch) say, whatever ran before."""
    for position, layer in enumerate(model.layers):
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            key = np.random.SeedSequence([seed, position, epoch]).generate_state(2)
            generator.state.assign(key.astype(generator.state.dtype))


def _better(row: dict[str, float], best: dict[str, float], monitor: str) -> bool:
    return row[monitor] < best[monitor] if monitor == "val_loss" else row[monitor] > best[monitor]


def _waited(rows: list[dict[str, float]], best_epoch: int, recipe: Recipe) -> bool:
    return bool(recipe.patience) and len(rows) - best_epoch >= recipe.patience
