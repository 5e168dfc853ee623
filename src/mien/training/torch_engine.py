"""Training steps by torch: on processors that multiply in bfloat16, more than twice as fast as TensorFlow's."""

import ctypes
import sys
from collections.abc import Iterator

import keras
import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from mien.evaluation.confidence import softmax
from mien.evaluation.metrics import figures
from mien.training.balance import FOCUS, in_training
from mien.training.batches import Batch
from mien.training.checkpoint import Arrays
from mien.training.engine import Steering
from mien.training.recipe import Recipe
from mien.training.torch_network import TorchNetwork
from mien.training.torch_update import Update

_BATCH = 256
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # names of glibc's mallopt
_KEPT = 2**30


def computes_in_half() -> bool:
    """Return whether this processor has instructions that multiply bfloat16; False of a torch too old to tell."""
    tests = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(test() for test in tests if test)


class TorchEngine:
    """Trains the layers of a Keras model with torch on the CPU.

    Args:
        model: takes faces, gives logits, and logits of the votes where the recipe has them.
        recipe: of the run.
        shift: added to the logits in the loss, float32 ``(classes,)``.
    """

    def __init__(self, model: keras.Model, recipe: Recipe, shift: npt.NDArray[np.float32]) -> None:
        _keep_memory()
        self._recipe, self._shift = recipe, torch.from_numpy(shift)
        self._network = TorchNetwork(model, half=computes_in_half())
        self._update = Update(recipe.optimizer, self._network.trained, self._network.kernels, recipe.weight_decay)

    def train(self, source: Iterator[Batch], steering: Steering) -> dict[str, float] | None:
        """Train one epoch; return its figures, or None where it was stopped."""
        logits, truth, losses = [], [], []
        sharp = self._recipe.sharpness > 0 and steering.epoch >= self._recipe.sharpness_from * self._recipe.epochs
        for step, batch in enumerate(source):
            seed = _seed(self._recipe.seed, steering.epoch, step)
            outputs, loss = self._pass(batch, seed)
            if sharp:
                with self._update.at_the_worst(self._recipe.sharpness), self._network.statistics_kept():
                    self._pass(batch, seed)
            self._update(steering.rate(step))
            losses.append(loss.item())
            logits.append(outputs[0].detach().numpy())
            truth.append(batch.targets.argmax(axis=1))
            if steering.after(step, float(np.mean(losses))):
                return None
        found = figures(softmax(np.concatenate(logits)), np.concatenate(truth))
        return {
            "loss": float(np.mean(losses)),
            "accuracy": found["accuracy"] or 0.0,
            "auc": np.nan if found["macro_auc"] is None else found["macro_auc"],
        }

    def _pass(self, batch: Batch, seed: int) -> tuple[list[torch.Tensor], torch.Tensor]:
        """Return outputs and loss of a batch, with the gradients in place; the seed is dropout's."""
        torch.manual_seed(seed)
        outputs = self._network(_pictures(batch.faces), training=True)
        loss = self._loss(outputs, batch)
        loss.backward()
        return outputs, loss

    def _loss(self, outputs: list[torch.Tensor], batch: Batch) -> torch.Tensor:
        """``TargetLoss``, weighted by picture, and the cross-entropy with the votes."""
        logs = functional.log_softmax(outputs[0] + self._shift, dim=1)
        terms = -torch.from_numpy(batch.targets) * logs
        if in_training(self._recipe.balance) == "focal":
            terms = terms * (1 - logs.exp()) ** FOCUS
        loss = (terms.sum(dim=1) * torch.from_numpy(batch.weights)).mean()
        if len(outputs) > 1:
            votes = functional.cross_entropy(outputs[1], torch.from_numpy(batch.votes))
            loss = loss + self._recipe.vote_weight * votes
        return loss

    def logits(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return logits float32 ``(n, classes)`` of grey uint8 ``(n, size, size)``."""
        faces = (images[start : start + _BATCH, :, :, None] for start in range(0, len(images), _BATCH))
        with torch.inference_mode():
            return np.concatenate([self._network(_pictures(part), training=False)[0].numpy() for part in faces])

    def weights(self) -> Arrays:
        """Return a copy of the weights."""
        return self._network.weights()

    def set_weights(self, weights: Arrays) -> None:
        """Go on with these weights."""
        self._network.set_weights(weights)

    def state(self) -> Arrays:
        """Return the optimiser's moments."""
        return self._update.state()

    def restore(self, state: Arrays) -> None:
        """Go on with another process's optimiser."""
        self._update.restore(state)


def _pictures(faces: npt.NDArray[np.generic]) -> torch.Tensor:
    """Return pictures ``(n, size, size, 1)`` as float32 ``(n, 1, size, size)``, channels last."""
    tensor = torch.from_numpy(faces.astype(np.float32, copy=False)).permute(0, 3, 1, 2)
    return tensor.contiguous(memory_format=torch.channels_last)


def _seed(*parts: int) -> int:
    return int(np.random.SeedSequence(parts).generate_state(1)[0])


def _keep_memory() -> None:
    """Tell glibc to keep freed memory: a step frees and takes the same gigabyte again, and fresh pages cost a tenth."""
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "mallopt"):
            library.mallopt(_MMAP_THRESHOLD, _KEPT)
            library.mallopt(_TRIM_THRESHOLD, 2**31 - 1)
