"""Training steps by Keras itself, on any backend."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mien.training.balance import in_training
from mien.training.batches import Batch, Lessons, batches
from mien.training.checkpoint import Arrays
from mien.training.devices import spread_over
from mien.training.engine import Steering
from mien.training.loss import TargetLoss
from mien.training.measure import SoftmaxAUC
from mien.training.recipe import Recipe

_BATCH = 256


class KerasEngine:
    """Trains a Keras model with ``fit``, an epoch at a time.

    Args:
        model: takes faces, gives logits, and logits of the votes where the recipe has them.
        recipe: of the run.
        shift: added to the logits in the loss, float32 ``(classes,)``.
    """

    def __init__(self, model: keras.Model, recipe: Recipe, shift: npt.NDArray[np.float32]) -> None:
        self._model, self._recipe = model, recipe
        self._average: list[npt.NDArray[np.float32]] | None = None
        _compile(model, recipe, TargetLoss(shift, focal=in_training(recipe.balance) == "focal"))

    def train(self, source: Iterator[Batch], steering: Steering) -> dict[str, float] | None:
        """Train one epoch; return its figures, or None where it was stopped."""
        _seed_dropout(self._model, self._recipe.seed, steering.epoch)
        callback = _Callback(steering)
        steps = steering.steps
        self._model.fit(
            (self._given(batch) for batch in source),
            steps_per_epoch=steps,
            verbose=0,
            callbacks=[callback],
            shuffle=False,
        )
        if callback.stopped:
            return None
        return {name: float(callback.logs[name]) for name in ("loss", "accuracy", "auc")}

    def logits(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return logits float32 ``(n, classes)`` of grey uint8 ``(n, size, size)``."""
        return predict_logits(self._model, images)

    def weights(self) -> Arrays:
        """Return a copy of the weights."""
        weights: Arrays = self._model.get_weights()
        return weights

    def set_weights(self, weights: Arrays) -> None:
        """Go on with these weights."""
        self._model.set_weights(weights)

    def batches(self, lessons: Lessons, epoch: int) -> Generator[Batch, None, None]:
        """Yield the batches of an epoch."""
        return batches(self._recipe, lessons, epoch)

    def begin_average(self, weights: Arrays) -> None:
        """Keep a running average of the weights."""
        self._average = [np.array(array) for array in weights]

    def follow(self, share: float) -> None:
        """Move the average towards the weights."""
        for mean, array in zip(self._average or (), self._model.get_weights(), strict=True):
            mean += share * (array - mean)

    def average(self) -> Arrays:
        """Return a copy of the average."""
        return [np.array(array) for array in self._average or ()]

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Set the weights to their average, and back."""
        if self._average is None:
            yield
            return
        kept = self._model.get_weights()
        try:
            self._model.set_weights(self._average)
            yield
        finally:
            self._model.set_weights(kept)

    def state(self) -> Arrays:
        """Return the optimiser's variables."""
        return [np.asarray(keras.ops.convert_to_numpy(variable)) for variable in self._model.optimizer.variables]

    def restore(self, state: Arrays) -> None:
        """Go on with another process's optimiser."""
        for variable, value in zip(self._model.optimizer.variables, state, strict=True):
            variable.assign(value)

    def _given(self, batch: Batch) -> tuple[Any, Any, Any]:
        if len(self._model.outputs) == 1:
            return batch.faces, batch.targets, batch.weights
        return batch.faces, (batch.targets, batch.votes), (batch.weights, np.ones_like(batch.weights))


class _Callback(keras.callbacks.Callback):
    """Steers: sets each step's learning rate, and ends the training when asked to or when the loss broke."""

    def __init__(self, steering: Steering) -> None:
        super().__init__()
        self._steering = steering
        self.logs: Mapping[str, float] = {}
        self.stopped = False

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Set the learning rate."""
        self.model.optimizer.learning_rate = self._steering.rate(batch)

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Look at the loss, the epoch's mean so far."""
        model = self.model  # on jax Keras keeps the weights elsewhere in an epoch, until a callback asks for the model
        self.logs = {name.removeprefix("logits_"): value for name, value in (logs or {}).items()} | {
            "loss": (logs or {})["loss"]
        }
        if self._steering.after(batch, float(self.logs["loss"])):
            self.stopped = model.stop_training = True


def _compile(model: keras.Model, recipe: Recipe, loss: TargetLoss) -> None:
    rate, decay = recipe.learning_rate, recipe.weight_decay or None
    if recipe.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=decay)
    else:
        optimizer = keras.optimizers.Adam(rate, weight_decay=decay)
    if decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    classes = model.outputs[0].shape[-1]
    metrics = [keras.metrics.CategoricalAccuracy(name="accuracy"), SoftmaxAUC(classes)]
    # Keras' own cross-entropy has wrong gradients where a picture's votes sum to less than 1.
    votes = TargetLoss(np.zeros(classes, np.float32), focal=False)
    several = len(model.outputs) > 1
    model.compile(
        optimizer=optimizer,
        loss=[loss, votes] if several else loss,
        loss_weights=[1.0, recipe.vote_weight] if several else None,
        metrics=[metrics, []] if several else metrics,
    )
    optimizer.build(model.trainable_variables)


def _seed_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    """Give each dropout layer the state that (seed, layer, epoch) say, whatever ran before."""
    for position, layer in enumerate(model.layers):
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            key = np.random.SeedSequence([seed, position, epoch]).generate_state(2)
            generator.state.assign(key.astype(generator.state.dtype))


def predict_logits(model: keras.Model, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return logits float32 ``(n, classes)``, the model's first output, of grey uint8 ``(n, size, size)``."""
    parts = []
    for start in range(0, len(images), _BATCH):
        faces = images[start : start + _BATCH, :, :, None].astype(np.float32)
        blank = -len(faces) % spread_over()  # pictures that are added, so that the devices share evenly
        outputs = model.predict_on_batch(np.pad(faces, ((0, blank), (0, 0), (0, 0), (0, 0))))
        logits = outputs[0] if isinstance(outputs, list | tuple) else outputs
        parts.append(np.asarray(logits)[: len(faces)])
    return np.concatenate(parts)
