"""The engine for GPUs: on a processor all of it but the recorded graph, on a GPU that too."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from mien.errors import RunError
from mien.training import checkpoint
from mien.training.engine import accelerator, choose
from mien.training.models import build
from mien.training.recipe import Recipe
from tests.training.test_fit import Counting, fitted

torch = pytest.importorskip("torch", reason="torch is not installed")

from mien.training import torch_engine  # noqa: E402
from mien.training.cuda_engine import CudaEngine, RecordedStep  # noqa: E402
from mien.training.torch_engine import Given, TorchEngine  # noqa: E402


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
                step.logits, step.loss = engine._pass(place)
                step.gradients = [tensor.grad for tensor in engine._network.trained]

        step = RecordedStep(Pass(), place, torch.empty(0), torch.empty(0), [])
        return step


ON_A_GPU = bool(torch_engine.gpu())


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    if not ON_A_GPU:
        monkeypatch.setattr(torch_engine, "open_torch", Unrecorded)


@pytest.fixture
def recipe(recipe: Recipe) -> Recipe:
    """The small recipe on the torch engine."""
    return replace(recipe, engine="torch")


def losses(recipe: Recipe, folder: Path) -> np.ndarray:
    """Losses of a training: of train and of validation, epoch by epoch."""
    watcher = Counting()
    fitted(recipe, folder, watcher)
    return np.array([[row["loss"], row["val_loss"]] for row in watcher.rows])


def test_a_gpu_trains_as_the_processor_does(recipe: Recipe, tmp_path: Path, gpu: None) -> None:
    recipe = replace(recipe, epochs=2, sizes=(32, 48))
    on_gpu = losses(recipe, tmp_path / "gpu")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch_engine, "open_torch", TorchEngine)
        on_processor = losses(recipe, tmp_path / "cpu")
    assert np.allclose(on_gpu, on_processor, rtol=0.1)


@pytest.mark.parametrize("more", [{}, {"sharpness": 0.5}, {"votes": "given"}], ids=["plain", "sharp", "votes"])
def test_of_the_same_pictures_its_steps_are_the_processor_s(recipe: Recipe, more: dict, tmp_path: Path) -> None:
    class SamePictures(Unrecorded):
        batches = TorchEngine.batches

    found = {}
    for engine in (SamePictures, TorchEngine):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(torch_engine, "open_torch", engine)
            found[engine] = losses(replace(recipe, epochs=2, **more), tmp_path / engine.__name__)
            plain = losses(replace(recipe, epochs=2), tmp_path / f"{engine.__name__}-plain")
    assert np.allclose(found[SamePictures], found[TorchEngine], atol=1e-6)
    assert np.allclose(found[SamePictures], plain, atol=1e-6) == (not more)


def test_a_run_on_a_gpu_goes_on_where_it_was_stopped(recipe: Recipe, tmp_path: Path, gpu: None) -> None:
    recipe = replace(recipe, average=0.99, epochs=3)
    whole = fitted(recipe, tmp_path / "whole", Counting())
    assert fitted(recipe, tmp_path / "parts", Counting(last=9)).interrupted
    assert len(checkpoint.load(tmp_path / "parts").history) == 1
    resumed = fitted(recipe, tmp_path / "parts", Counting())
    for one, other in zip(whole.weights, resumed.weights, strict=True):
        assert np.allclose(one, other, atol=0.1 if ON_A_GPU else 0)  # a GPU may add in another order


@pytest.mark.parametrize("batch", [1000, 3])
def test_a_gpu_takes_batches_of_any_size(recipe: Recipe, batch: int, tmp_path: Path, gpu: None) -> None:
    assert np.isfinite(losses(replace(recipe, batch=batch, epochs=1), tmp_path)).all()


def test_a_full_gpu_is_told_with_the_repair(monkeypatch: pytest.MonkeyPatch, recipe: Recipe) -> None:
    def full(*_: object) -> None:
        raise torch.cuda.OutOfMemoryError

    monkeypatch.setattr(TorchEngine, "train", full)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "A Card")
    engine = Unrecorded(build("tiny", size=48, classes=7, dropout=0.0), recipe, np.zeros(7, np.float32))
    with pytest.raises(
        RunError, match=r"the memory of A Card does not hold .* --set batch=16, or does without the GPU"
    ):
        engine.train(iter(()), None)


def test_weights_come_back_from_their_average_whatever_happens(recipe: Recipe) -> None:
    engine = Unrecorded(build("tiny", size=48, classes=7, dropout=0.0), recipe, np.zeros(7, np.float32))
    before = engine.weights()
    engine.begin_average([array + 1 for array in before])
    with pytest.raises(KeyboardInterrupt), engine.averaged():
        assert np.allclose(engine.weights()[0], before[0] + 1)
        raise KeyboardInterrupt
    assert all(np.array_equal(a, b) for a, b in zip(before, engine.weights(), strict=True))
    engine.follow(0.5)
    assert np.allclose(engine.average()[0], before[0] + 0.5)


def test_auto_takes_torch_where_there_is_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_engine, "computes_in_half", lambda: False)
    monkeypatch.setattr(torch_engine, "gpu", lambda: "A Card")
    assert choose("auto") == "torch"
    assert accelerator("torch") == "A Card"
    assert not accelerator("keras")


def test_a_gpu_that_torch_cannot_use_is_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        message = "CUDA error: no kernel image is available for execution on the device"
        raise RuntimeError(message)

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch, "zeros", broken)
    assert torch_engine.gpu.__wrapped__() == ""


def test_keras_weights_come_back_from_their_average_too(recipe: Recipe) -> None:
    from mien.training.keras_engine import KerasEngine

    keras.utils.set_random_seed(0)
    engine = KerasEngine(build("tiny", size=48, classes=7, dropout=0.0), recipe, np.zeros(7, np.float32))
    before = engine.weights()
    engine.begin_average([array + 1 for array in before])
    with pytest.raises(KeyboardInterrupt), engine.averaged():
        raise KeyboardInterrupt
    assert all(np.array_equal(a, b) for a, b in zip(before, engine.weights(), strict=True))
