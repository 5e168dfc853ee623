"""The engine for GPUs, on the processor: all of it but the recorded graph. On a GPU also that."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.training import torch_engine
from mien.training.recipe import Recipe
from tests.training.test_fit import Counting, fitted, same

torch = pytest.importorskip("torch", reason="torch is not installed")

from mien.training.cuda_engine import CudaEngine, RecordedStep  # noqa: E402
from mien.training.torch_engine import Given  # noqa: E402


class Unrecorded(CudaEngine):
    """Passes run as they come."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments, device="cpu")

    def _recorded(self, given: Given) -> RecordedStep:
        place = Given(*(torch.clone(tensor) for tensor in vars(given).values()))
        engine = self

        class Pass:
            def replay(self) -> None:
                engine._clear_gradients()
                outputs, loss = engine._pass(place)
                step.logits, step.loss = outputs[0].detach(), loss.detach()
                step.gradients = [tensor.grad for tensor in engine._network.trained]

        step = RecordedStep(Pass(), place, torch.empty(0), torch.empty(0), [])
        return step


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    if not torch_engine.gpu():
        monkeypatch.setattr(torch_engine, "open_torch", Unrecorded)


def rows(recipe: Recipe, folder: Path) -> np.ndarray:
    """Losses and accuracies of a training."""
    watcher = Counting()
    fitted(recipe, folder, watcher)
    return np.array([[row[name] for name in ("loss", "val_loss", "accuracy")] for row in watcher.rows])


@pytest.mark.parametrize("sharpness", [0.0, 0.05])
def test_a_gpu_trains_as_the_processor_does(recipe: Recipe, sharpness: float, tmp_path: Path, gpu: None) -> None:
    recipe = replace(recipe, engine="torch", sharpness=sharpness, sizes=(32, 48))
    on_gpu = rows(recipe, tmp_path / "gpu")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch_engine, "open_torch", torch_engine.TorchEngine)
        on_cpu = rows(recipe, tmp_path / "cpu")
    assert np.allclose(on_gpu[:, 0], on_cpu[:, 0], rtol=0.1)


def test_a_run_on_a_gpu_goes_on_where_it_was_stopped(recipe: Recipe, tmp_path: Path, gpu: None) -> None:
    recipe = replace(recipe, engine="torch", average=0.99, epochs=2)
    whole = fitted(recipe, tmp_path / "whole", Counting())
    stopped = fitted(recipe, tmp_path / "parts", Counting(last=len(whole.history) and 5))
    resumed = fitted(recipe, tmp_path / "parts", Counting())
    assert stopped.interrupted
    assert not resumed.interrupted
    assert same(whole, resumed)


def test_auto_takes_torch_where_there_is_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    from mien.training.engine import accelerator, choose

    monkeypatch.setattr(torch_engine, "computes_in_half", lambda: False)
    monkeypatch.setattr(torch_engine, "gpu", lambda: "A Card")
    assert choose("auto") == "torch"
    assert accelerator("torch") == "A Card"
    assert not accelerator("keras")
