"""Train on a machine with a GPU and without TensorFlow, by a plan; the runs are finished elsewhere (mien train --resume).

Usage: KERAS_BACKEND=torch KERAS_TORCH_DEVICE=cpu python3 benchmarks/on_gpu.py DATA VOTES OUT PLAN.json

The plan is a list of steps, done in their order and read anew before each: {"run": NAME, "recipe": RECIPE, "set": [KEY=VALUE...], "half": bool}
trains, {"ask": [NAME...], "views": N, "file": NAME} asks trained teachers and writes what they say; a "set" may name
that file. {"load": NAME, "from": DIR} takes a teacher that an earlier plan left in DIR. Of every run OUT gets NAME.npz, its logits on validation and test pictures, mirrored too, and NAME/, a run folder
with the weights of its best epoch. With "half" those are float16.
"""

import gc
import json
import sys
import time
from dataclasses import replace
from multiprocessing import Process
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import torch

from mien.data.load import load
from mien.data.splits import train_and_val
from mien.evaluation.confidence import softmax
from mien.evaluation.metrics import figures
from mien.training import batches, checkpoint, cuda_engine, distill, finish, loop
from mien.training.arrays import pack_arrays, unpack_arrays
from mien.training.fit import Fitted
from mien.training.models import build
from mien.training.recipe import Recipe
from mien.training.recipe_file import read_recipe, with_settings, with_values
from mien.training.torch_engine import TorchEngine, gpu
from mien.training.watching import Silent

DEVICE = "cuda" if gpu() else "cpu"
OVERHEAD = 0.25  # seconds an epoch that do not depend on the size
LEFT = Path("/tmp/trained")
BEGAN = time.monotonic()


def note(*words: object) -> None:
    print(f"{time.monotonic() - BEGAN:6.1f}", *words, flush=True)


class Notes(Silent):
    """Prints every few epochs."""

    def __init__(self, every: int) -> None:
        self._every, self._began = every, time.monotonic()

    def said(self, note_: str) -> None:
        note(note_)

    def finished_epoch(self, row: Any, epochs: int) -> None:
        self.pace, self._began = time.monotonic() - self._began, time.monotonic()
        if row["epoch"] % self._every and row["epoch"] < epochs - 1:
            return
        names = ("loss", "accuracy", "val_loss", "val_accuracy", "val_macro_f1", "seconds")
        note(f"epoch {row['epoch']:3d}", *(f"{name} {row[name]:.3f}" for name in names))


class Views:
    """Seeded views, made by other processes while teachers train."""

    def __init__(self, images: np.ndarray, count: int, folder: Path, processes: int) -> None:
        self._folder, self._made = folder, distill.seeded_view
        folder.mkdir(exist_ok=True)
        self._images = images
        for first in range(min(processes, count)):
            Process(target=self._make, args=(range(first, count, processes),), daemon=True).start()

    def _make(self, numbers: range) -> None:
        for number in numbers:
            np.save(self._folder / f"{number}.part.npy", self._made(self._images, number))
            (self._folder / f"{number}.part.npy").rename(self._folder / f"{number}.npy")

    def __call__(self, images: np.ndarray, number: int) -> np.ndarray:
        path = self._folder / f"{number}.npy"
        while images is self._images and not path.exists():
            time.sleep(0.05)
        return np.load(path) if images is self._images else self._made(images, number)


class Trained:
    """A trained network that still lies on the GPU: a teacher."""

    def __init__(self, name: str, labels: tuple[str, ...], engine: TorchEngine, point: Any) -> None:
        self.name, self.labels, self._engine, self._point = name, labels, engine, point

    def __call__(self, crops: np.ndarray) -> np.ndarray:
        logits = self._engine.logits(crops)
        return softmax(logits / self._point.temperature + np.array(self._point.offsets or 0.0))


class Campaign:
    def __init__(self, data: str, votes: str, out: Path, views: int) -> None:
        self._out, self._votes, self._data = out, votes, data
        self._parts = train_and_val(data, size=48, share=0.1, seed=0)
        self._test = load(data, "test", size=48)
        note("read", len(self._parts[0]), len(self._parts[1]), len(self._test))
        view = Views(self._parts[0].images, views, Path("/dev/shm/views"), 10)
        distill.seeded_view = batches.seeded_view = cuda_engine.seeded_view = view
        loop.train_and_val = lambda *_, **__: self._parts
        loop.network_graph = lambda _: b""
        loop.finish = self._finish
        self._trained: dict[str, Trained] = {}
        self._pace: dict[str, float] = {}
        self._step: dict[str, Any] = {}

    def run(self, step: dict[str, Any]) -> None:
        self._step = step
        gc.collect()
        torch.backends.cudnn.benchmark = bool(step.get("search", False))
        recipe = with_settings(read_recipe(step["recipe"]), [item.replace("OUT", str(self._out)) for item in step["set"]])
        if "seconds" in step:
            recipe = with_values(recipe, epochs=self._epochs(recipe, step["seconds"]))
        votes = self._votes if recipe.vote_weight and step.get("votes", True) else None
        began = time.monotonic()
        notes = Notes(step.get("every", 10))
        loop.train(with_values(recipe, data=self._data, votes=votes), self._out / "runs", notes)
        if "seconds" not in step:
            self._pace[recipe.network] = notes.pace
        note(step["run"], f"{time.monotonic() - began:.1f} s in all")

    def _epochs(self, recipe: Recipe, seconds: float) -> int:
        """Return the epochs that fit, from the pace of this network's last run, which is to be one of two at 48 px."""
        twice = (1 - recipe.sharpness_from) if recipe.sharpness else 0
        share = sum((size / 48) ** 2 for size in recipe.sizes) / len(recipe.sizes)
        epochs = int(seconds / (OVERHEAD + max(0, self._pace[recipe.network] - OVERHEAD) * share * (1 + twice)))
        note("pace", f"{self._pace[recipe.network]:.2f}", "epochs", epochs)
        return epochs

    def load(self, step: dict[str, Any]) -> None:
        about, arrays = unpack_arrays((Path(step["from"]) / f"{step['load']}.npz").read_bytes())
        recipe, point = read_recipe("teacher"), SimpleNamespace(**about)
        network = build(about["network"], size=48, classes=7, dropout=recipe.dropout)
        network.set_weights([arrays[str(number)] for number in range(len(arrays))])
        engine = TorchEngine(network, recipe, np.zeros(7, np.float32), DEVICE)
        self._trained[step["load"]] = Trained(step["load"], self._parts[0].classes, engine, point)
        note("loaded", step["load"])

    def ask(self, step: dict[str, Any]) -> None:
        teachers = [self._trained[name] for name in step["ask"]]
        said = distill.ask(teachers, self._parts[0], lambda done, total: None, step["views"])
        (self._out / step["file"]).write_bytes(distill.pack(said))
        first = replace(said, logits=said.logits[: distill.VIEWS])
        (self._out / f"first-{step['file']}").write_bytes(distill.pack(first))
        right = said.targets(0, 1.0).argmax(1) == self._parts[0].labels
        entropy = -(said.targets(0, 1.0) * np.log(said.targets(0, 1.0) + 1e-9)).sum(1).mean()
        note("asked", step["file"], f"right on train {right.mean():.3f}, entropy {entropy:.3f}")
        val = np.mean([teacher(self._parts[1].images) for teacher in teachers], axis=0)
        self._told("ensemble", val)

    def _told(self, name: str, probabilities: np.ndarray) -> None:
        found = figures(probabilities, self._parts[1].labels)
        names = ("accuracy", "macro_f1", "macro_auc", "log_loss")
        note(name, "val", *(f"{key} {found[key]:.4f}" for key in names))

    def _finish(self, recipe: Recipe, folder: Path, network: keras.Model, fitted: Fitted, data: Any) -> dict[str, Any]:
        engine = TorchEngine(network, recipe, np.zeros(7, np.float32), DEVICE)
        logits = {
            f"{name}{kind}": engine.logits(part.images[:, :, ::turn])
            for name, part in (("val", self._parts[1]), ("test", self._test))
            for kind, turn in (("", 1), ("-flip", -1))
        }
        point = finish._metadata(recipe, folder, logits["val"], self._parts)
        name = self._step["run"]
        self._trained[name] = Trained(name, self._parts[0].classes, engine, point)
        self._told(name, softmax(logits["val"] / point.temperature + np.array(point.offsets or 0.0)))
        about = {"temperature": point.temperature, "offsets": point.offsets, "recipe": recipe.to_toml()}
        (self._out / f"{name}.npz").write_bytes(pack_arrays(about, logits, compressed=True))
        weights = {str(number): array for number, array in enumerate(network.get_weights())}
        LEFT.mkdir(exist_ok=True)
        (LEFT / f"{name}.npz").write_bytes(pack_arrays(about | {"network": recipe.network}, weights))
        self._keep(folder, fitted, np.float16 if self._step.get("half") else np.float32)
        folder.rename(self._out / "runs" / name)
        return {}

    def _keep(self, folder: Path, fitted: Fitted, kind: Any) -> None:
        """Write the checkpoint so that only the best weights take room."""
        empty = [np.zeros_like(array) for array in fitted.weights]
        best = [array.astype(kind) for array in fitted.weights]
        state = checkpoint.load(folder / "checkpoint")
        state = replace(state, weights=empty, best_weights=best, average=empty if state.average else ())
        state = replace(state, optimizer=[np.zeros_like(array) for array in state.optimizer])
        about = {"history": state.history, "best_epoch": state.best_epoch}
        arrays = {f"{k}/{n}": array for k in checkpoint._KINDS for n, array in enumerate(getattr(state, k))}
        (folder / "checkpoint" / checkpoint.FILE).write_bytes(pack_arrays(about, arrays, compressed=True))


def next_step(plan: Path, done: int) -> dict[str, Any] | None:
    """Return the step after ``done`` ones; the plan may have changed meanwhile."""
    for _ in range(50):
        try:
            steps = json.loads(plan.read_text())
        except (OSError, ValueError):  # being replaced
            time.sleep(0.2)
            continue
        return steps[done] if done < len(steps) else None
    return None


if __name__ == "__main__":
    data, votes, out, plan = sys.argv[1:]
    views = max(step.get("views", 0) for step in json.loads(Path(plan).read_text()))
    campaign, done = Campaign(data, votes, Path(out).resolve(), views), 0
    while step := next_step(Path(plan), done):
        {"run": campaign.run, "ask": campaign.ask, "load": campaign.load}[next(iter(step))](step)
        done += 1
    note("done")
