"""Training steps on a GPU: pictures, their variation and the network lie there, and a step is one recorded graph."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import torch

from mien.errors import RunError
from mien.training.batches import Epoch, Lessons
from mien.training.engine import Steering
from mien.training.recipe import Recipe
from mien.training.torch_augment import Shown, show
from mien.training.torch_engine import Given, TorchEngine

_WARM = 3  # passes before a step is recorded, in which libraries set themselves up
_CHUNK = 4096 * 48**2  # pixels that are varied at a time
_ROOM = 2 * 2**30  # bytes of views that stay on the GPU


class CudaEngine(TorchEngine):
    """``TorchEngine`` on a GPU. Arguments are the same."""

    _look = 16  # each look waits for the GPU

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

    def train(self, source: Iterator[Given], steering: Steering) -> dict[str, float] | None:
        """Train one epoch; return its figures, or None where it was stopped.

        Raises:
            RunError: the GPU's memory does not hold it.
        """
        try:
            return super().train(source, steering)
        except torch.cuda.OutOfMemoryError as error:
            batch, size = self._recipe.batch, self._recipe.size
            message = (
                f"the memory of {torch.cuda.get_device_name()} does not hold a step of {batch} pictures of {size} "
                f"pixels; a new run takes less with --set batch={max(1, batch // 2)}, or does without the GPU with "
                "--set engine=keras"
            )
            raise RunError(message) from error

    def _seeded_pass(self, given: Given, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
        if self._step is None or not self._step.takes(given):
            self._step = None  # frees its memory before the next one takes as much
            self._step = self._recorded(given)
        torch.manual_seed(seed)
        self._step.replay(given)
        for tensor, gradient in zip(self._network.trained, self._step.gradients, strict=True):
            tensor.grad = gradient
        return self._step.logits.clone(), self._step.loss.clone()

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
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            logits, loss = self._pass(place)
        gradients = [tensor.grad for tensor in self._network.trained]
        return RecordedStep(graph, place, logits, loss, gradients)

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
    """The training pictures on a device, in the views that were asked for; the next epoch is drawn ahead.

    Args:
        recipe: of the run.
        lessons: what to learn from.
        device: where the pictures are to lie.
    """

    def __init__(self, recipe: Recipe, lessons: Lessons, device: str) -> None:
        self.lessons = lessons
        self._recipe, self._device = recipe, device
        self._views: dict[int | None, torch.Tensor] = {}
        self._ahead: dict[int, tuple[Shown, npt.NDArray[np.uint8] | None]] = {}

    def batches(self, epoch: int) -> Generator[Given, None, None]:
        """Yield the batches of an epoch, counted from 0, on the device."""
        shown, view = self._ahead.pop(epoch) if epoch in self._ahead else self._draw(epoch)
        pictures = self._views[shown.view] if view is None else self._placed(shown.view, view)
        with ThreadPoolExecutor(1) as drawer:
            follows = epoch + 1 < self._recipe.last_epoch
            ahead = drawer.submit(self._draw, epoch + 1) if follows else None
            yield from shown.batches(pictures, _CHUNK, self._device)
            if ahead:
                self._ahead = {epoch + 1: ahead.result()}

    def _draw(self, epoch: int) -> tuple[Shown, npt.NDArray[np.uint8] | None]:
        """Return what an epoch shows, and its view of the pictures where that is not on the device."""
        whole = Epoch(self._recipe, self.lessons, epoch)
        return show(whole), None if whole.view in self._views else self.lessons.shown(whole.view)

    def _placed(self, number: int | None, view: npt.NDArray[np.uint8]) -> torch.Tensor:
        """Return a view on the device, which keeps it while there is room."""
        placed = torch.from_numpy(np.ascontiguousarray(view)).to(self._device)
        if sum(other.nbytes for other in self._views.values()) + placed.nbytes <= _ROOM:
            self._views[number] = placed
        return placed
