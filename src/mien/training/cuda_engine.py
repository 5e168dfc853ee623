"""Training steps on a GPU: pictures, their variation and the network lie there, and a step is one recorded graph."""

from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import torch

from mien.training.batches import Epoch, Lessons
from mien.training.distill import seeded_view
from mien.training.engine import Steering
from mien.training.recipe import Recipe
from mien.training.torch_augment import Shown, shown
from mien.training.torch_engine import Given, TorchEngine, seed_of, told

Drawn = tuple[Shown, npt.NDArray[np.uint8] | None]
_LOOK = 16  # steps between two looks at the loss, each of which waits for the GPU
_WARM = 3  # passes before a step is recorded, in which libraries set themselves up
_CHUNK = 4096  # pictures that are varied at a time


class CudaEngine(TorchEngine):
    """``TorchEngine`` on a GPU. Arguments are the same."""

    def __init__(
        self, model: keras.Model, recipe: Recipe, shift: npt.NDArray[np.float32], device: str = "cuda"
    ) -> None:
        super().__init__(model, recipe, shift, device)
        self._gallery: Gallery | None = None
        self._step: RecordedStep | None = None

    def batches(self, lessons: Lessons, epoch: int) -> Generator[Any, None, None]:
        """Yield the batches of an epoch, each a ``Given``; the pictures go to the GPU once."""
        if self._gallery is None or self._gallery.lessons is not lessons:
            self._gallery = Gallery(self._recipe, lessons, self._device)
        return self._gallery.batches(epoch)

    def train(self, source: Iterator[Any], steering: Steering) -> dict[str, float] | None:
        """Train one epoch; return its figures, or None where it was stopped."""
        logits, truth, losses = [], [], []
        mean, sharp = 0.0, self._sharp(steering.epoch)
        for step, given in enumerate(source):
            seed = seed_of(self._recipe.seed, steering.epoch, step)
            said, loss = self._replayed(given, seed)
            logits.append(said.clone())
            losses.append(loss.clone())
            truth.append(given.targets.argmax(dim=1))
            if sharp:
                with self._update.at_the_worst(self._recipe.sharpness), self._network.statistics_kept():
                    self._replayed(given, seed)
                self._hold_gradients()
            self._update(steering.rate(step))
            if step % _LOOK == 0 or step + 1 == steering.steps:
                mean = torch.stack(losses).mean().item()
            if steering.after(step, mean):
                return None
        return told(logits, truth, mean)

    def _replayed(self, given: Given, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits and loss of a batch, with the gradients in place; both change with the next call."""
        if self._step is None or not self._step.takes(given):
            self._step = None  # frees its memory before the next one takes as much
            self._step = self._recorded(given)
        torch.manual_seed(seed)
        self._step.replay(given)
        self._hold_gradients()
        return self._step.logits, self._step.loss

    def _recorded(self, given: Given) -> "RecordedStep":
        """Record a pass for batches of this shape: thousands of calls become one."""
        place = Given(*(torch.clone(tensor) for tensor in vars(given).values()))
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside), self._network.statistics_kept():
            for _ in range(_WARM):
                self._pass(place)
                self._clear_gradients()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):  # another thread may draw the next epoch
            outputs, loss = self._pass(place)
        gradients = [tensor.grad for tensor in self._network.trained]
        return RecordedStep(graph, place, outputs[0].detach(), loss.detach(), gradients)

    def _hold_gradients(self) -> None:
        assert self._step is not None  # noqa: S101
        for tensor, gradient in zip(self._network.trained, self._step.gradients, strict=True):
            tensor.grad = gradient

    def _clear_gradients(self) -> None:
        for tensor in self._network.trained:
            tensor.grad = None


class RecordedStep:
    """A pass through the network as one graph; what goes in and what comes out always lie at the same places.

    Args:
        graph: the recording.
        place: where a batch is put.
        logits: where its logits are found.
        loss: where its loss is found.
        gradients: where those of the trained tensors are found, in their order.
    """

    def __init__(
        self,
        graph: torch.cuda.CUDAGraph,
        place: Given,
        logits: torch.Tensor,
        loss: torch.Tensor,
        gradients: list[torch.Tensor],
    ) -> None:
        self._graph, self._place = graph, place
        self.logits, self.loss, self.gradients = logits, loss, gradients

    def takes(self, given: Given) -> bool:
        """Return whether a batch has the recorded shape."""
        return bool(given.faces.shape == self._place.faces.shape)

    def replay(self, given: Given) -> None:
        """Run the graph on a batch."""
        for there, here in zip(vars(self._place).values(), vars(given).values(), strict=True):
            there.copy_(here)
        self._graph.replay()


class Gallery:
    """The training pictures on a device, in every view that was asked for; the next epoch is drawn ahead.

    Args:
        recipe: of the run.
        lessons: what to learn from.
        device: where the pictures are to lie.
    """

    def __init__(self, recipe: Recipe, lessons: Lessons, device: str) -> None:
        self.lessons = lessons
        self._recipe, self._device = recipe, device
        self._views: dict[int | None, torch.Tensor] = {}
        self._drawer = ThreadPoolExecutor(1)
        self._ahead: tuple[int, Future[Drawn]] | None = None

    def batches(self, epoch: int) -> Generator[Given, None, None]:
        """Yield the batches of an epoch, counted from 0, on the device."""
        drawn = self._ahead[1] if self._ahead and self._ahead[0] == epoch else self._drawer.submit(self._draw, epoch)
        what, view = drawn.result()
        if what.view not in self._views:
            self._views[what.view] = torch.from_numpy(np.ascontiguousarray(view)).to(self._device)
        if epoch + 1 < self._recipe.last_epoch:
            self._ahead = epoch + 1, self._drawer.submit(self._draw, epoch + 1)
        yield from what.batches(self._views[what.view], _CHUNK, self._device)

    def _draw(self, epoch: int) -> Drawn:
        """Return what an epoch shows, and its view of the pictures where that is not yet on the device."""
        drawn, images = Epoch(self._recipe, self.lessons, epoch), self.lessons.train.images
        if drawn.view in self._views:
            return shown(drawn), None
        return shown(drawn), images if drawn.view is None else seeded_view(images, drawn.view)
