"""Training steps by torch: on processors that multiply in bfloat16, more than twice as fast as TensorFlow's.

On a GPU it is ``cuda_engine``, which trains the same way.
"""

import ctypes
import sys
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from mien.evaluation.confidence import softmax
from mien.evaluation.metrics import figures
from mien.training.balance import FOCUS, in_training
from mien.training.batches import Batch, Lessons, batches
from mien.training.checkpoint import Arrays
from mien.training.engine import Steering
from mien.training.recipe import Recipe
from mien.training.torch_network import TorchNetwork, from_keras, to_keras
from mien.training.torch_update import Update

_BATCH = 256
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # names of glibc's mallopt
_KEPT = 2**30
_HAS_HALF = (8, 0)  # compute capability of the first NVIDIA GPUs with units for bfloat16


def computes_in_half() -> bool:
    """Return whether this processor has instructions that multiply bfloat16; False of a torch too old to tell."""
    tests = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(test() for test in tests if test)


@cache
def gpu() -> str:
    """Return the name of the GPU that torch computes on; empty where there is none, or none that this torch can use."""
    try:
        if torch.cuda.is_available():
            torch.zeros(1, device="cuda").add_(1).item()
            return str(torch.cuda.get_device_name())
    except RuntimeError:  # busy, broken, or too old for the kernels in this torch
        pass
    return ""


def pays() -> bool:
    """Return whether torch is faster here than Keras on TensorFlow."""
    return bool(gpu()) or computes_in_half()


def open_torch(model: keras.Model, recipe: Recipe, shift: npt.NDArray[np.float32]) -> "TorchEngine":
    """Return the engine for the GPU, or for the processor where there is none; arguments as of ``TorchEngine``."""
    if not gpu():
        return TorchEngine(model, recipe, shift)
    from mien.training.cuda_engine import CudaEngine

    return CudaEngine(model, recipe, shift)


@dataclass(frozen=True, eq=False)
class Given:
    """A batch as torch has it: ``batches.Batch`` in tensors, faces ``(n, 1, size, size)`` with channels last."""

    faces: torch.Tensor
    targets: torch.Tensor
    weights: torch.Tensor
    votes: torch.Tensor


class TorchEngine:
    """Trains the layers of a Keras model with torch on the processor; ``CudaEngine`` is the same on a GPU.

    Args:
        model: takes faces, gives logits, and logits of the votes where the recipe has them.
        recipe: of the run.
        shift: added to the logits in the loss, float32 ``(classes,)``.
        device: ``cpu``; or ``cuda``, where this class itself only gives ``logits``.
    """

    _look = 1  # steps between two looks at the loss

    def __init__(self, model: keras.Model, recipe: Recipe, shift: npt.NDArray[np.float32], device: str = "cpu") -> None:
        _keep_memory()
        self._recipe, self._device = recipe, device
        self._shift = torch.from_numpy(shift).to(device)
        half = computes_in_half() if device == "cpu" else torch.cuda.get_device_capability() >= _HAS_HALF
        self._network = TorchNetwork(model, half=half, device=device)
        self._update = Update(recipe.optimizer, self._network.trained, self._network.kernels, recipe.weight_decay)
        self._average: list[torch.Tensor] = []

    def batches(self, lessons: Lessons, epoch: int) -> Generator[Any, None, None]:
        """Yield the batches of an epoch, each a ``Given``."""
        with closing(batches(self._recipe, lessons, epoch)) as source:
            yield from map(_given, source)

    def train(self, source: Iterator[Given], steering: Steering) -> dict[str, float] | None:
        """Train one epoch; return its figures, or None where it was stopped."""
        logits, truth = [], []
        total, mean = torch.zeros((), dtype=torch.float64, device=self._device), 0.0
        sharp = self._recipe.sharpness > 0 and steering.epoch >= self._recipe.sharpness_from * self._recipe.epochs
        for step, given in enumerate(source):
            seed = _seed(self._recipe.seed, steering.epoch, step)
            said, loss = self._seeded_pass(given, seed)
            if sharp:
                with self._update.at_the_worst(self._recipe.sharpness), self._network.statistics_kept():
                    self._seeded_pass(given, seed)
            self._update(steering.rate(step))
            total += loss
            logits.append(said)
            truth.append(given.targets.argmax(dim=1))
            if step % self._look == 0 or step + 1 == steering.steps:
                mean = total.item() / (step + 1)
            if steering.after(step, mean):
                return None
        found = figures(softmax(np.asarray(torch.cat(logits).cpu())), np.asarray(torch.cat(truth).cpu()))
        auc = found["macro_auc"]
        return {"loss": mean, "accuracy": found["accuracy"] or 0.0, "auc": np.nan if auc is None else auc}

    def _seeded_pass(self, given: Given, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits and loss of a batch, with the gradients in place; the seed is dropout's."""
        torch.manual_seed(seed)
        return self._pass(given)

    def _pass(self, given: Given) -> tuple[torch.Tensor, torch.Tensor]:
        outputs = self._network(given.faces, training=True)
        loss = self._loss(outputs, given)
        loss.backward()
        return outputs[0].detach(), loss.detach()

    def _loss(self, outputs: list[torch.Tensor], given: Given) -> torch.Tensor:
        """``TargetLoss``, weighted by picture, and the cross-entropy with the votes."""
        logs = functional.log_softmax(outputs[0] + self._shift, dim=1)
        terms = -given.targets * logs
        if in_training(self._recipe.balance) == "focal":
            terms = terms * (1 - logs.exp()) ** FOCUS
        loss = (terms.sum(dim=1) * given.weights).mean()
        if len(outputs) > 1:
            votes = functional.cross_entropy(outputs[1], given.votes)
            loss = loss + self._recipe.vote_weight * votes
        return loss

    def logits(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return logits float32 ``(n, classes)`` of grey uint8 ``(n, size, size)``."""
        parts = (images[start : start + _BATCH, :, :, None] for start in range(0, len(images), _BATCH))
        with torch.inference_mode():
            said = [self._network(_pictures(part, self._device), training=False)[0] for part in parts]
            return np.asarray(torch.cat(said).cpu())

    def begin_average(self, weights: Arrays) -> None:
        """Keep a running average of the weights."""
        self._average = [from_keras(array, self._device) for array in weights]

    def follow(self, share: float) -> None:
        """Move the average towards the weights."""
        with torch.no_grad():
            torch._foreach_lerp_(self._average, self._network.all, share)

    def average(self) -> Arrays:
        """Return a copy of the average."""
        return [to_keras(tensor) for tensor in self._average]

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Set the weights to their average, and back."""
        if not self._average:
            yield
            return
        kept = [tensor.detach().clone() for tensor in self._network.all]
        try:
            with torch.no_grad():
                torch._foreach_copy_(self._network.all, self._average)
            yield
        finally:
            with torch.no_grad():
                torch._foreach_copy_(self._network.all, kept)

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


def _given(batch: Batch) -> Given:
    rest = (torch.from_numpy(array) for array in (batch.targets, batch.weights, batch.votes))
    return Given(_pictures(batch.faces, "cpu"), *rest)


def _seed(*parts: int) -> int:
    return int(np.random.SeedSequence(parts).generate_state(1)[0])


def _pictures(faces: npt.NDArray[np.generic], device: str) -> torch.Tensor:
    """Return pictures ``(n, size, size, 1)`` as float32 ``(n, 1, size, size)``, channels last."""
    tensor = torch.from_numpy(np.ascontiguousarray(faces)).to(device).float().permute(0, 3, 1, 2)
    return tensor.contiguous(memory_format=torch.channels_last)


def _keep_memory() -> None:
    """Tell glibc to keep freed memory: a step frees and takes the same gigabyte again, and fresh pages cost a tenth."""
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "mallopt"):
            library.mallopt(_MMAP_THRESHOLD, _KEPT)
            library.mallopt(_TRIM_THRESHOLD, 2**31 - 1)
