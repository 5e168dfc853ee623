"""Train teachers and their students in one process on a GPU, by a plan; what ships comes from ``on_gpu.json``.

Usage: KERAS_BACKEND=torch uv run python benchmarks/on_gpu.py FER2013_FOLDER VOTES_CSV OUT [PLAN.json]

The plan is a list of steps: {"run": NAME, "recipe": RECIPE, "set": [KEY=VALUE...]} trains, {"ask": [NAME...],
"views": N, "file": NAME} has trained networks say what later runs learn from ("set": ["teachers=FILE"]), {"merge":
{PATH: VOICES...}, "file": NAME} waits for such files and joins them, so that a second process can go on where one ends.
OUT gets FILE, its first eight views as first-FILE, and NAME, a run folder with the checkpoint of its best epoch and
logits.npz, those of validation and test pictures and of their mirror images. It needs torch, but not TensorFlow;
``mien train --resume OUT/NAME`` finishes a run on a machine that has it.
"""

import gc
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from multiprocessing import Process
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mien.data.load import load
from mien.data.splits import train_and_val
from mien.evaluation.confidence import fit_calibration, softmax
from mien.evaluation.metrics import figures
from mien.training import checkpoint, distill, loop
from mien.training.arrays import pack_arrays
from mien.training.balance import shifts_shares
from mien.training.checkpoint import Checkpoint
from mien.training.fit import Fitted
from mien.training.recipe import Recipe
from mien.training.recipe_file import read_recipe, with_settings, with_values
from mien.training.torch_engine import TorchEngine, gpu
from mien.training.watching import Silent
from mien.writing import write_file

Faces = npt.NDArray[np.uint8]
BEGAN = time.monotonic()
DEVICE = "cuda" if gpu() else "cpu"
MAKERS = 8  # processes that make views
TOLD = ("loss", "accuracy", "val_loss", "val_accuracy", "val_macro_f1", "seconds")


def note(*words: str) -> None:
    print(f"{time.monotonic() - BEGAN:6.1f}", *words, flush=True)


class Notes(Silent):
    """Prints every tenth epoch."""

    def said(self, note_: str) -> None:
        """Print it."""
        note(note_)

    def finished_epoch(self, row: Mapping[str, float], epochs: int) -> None:
        """Print every tenth and the last."""
        if row["epoch"] % 10 == 0 or row["epoch"] == epochs:
            note(f"epoch {row['epoch']:3.0f}", *(f"{name} {row[name]:.3f}" for name in TOLD))


class Views:
    """Seeded views of the training pictures, made by other processes while teachers train."""

    def __init__(self, images: Faces, count: int, folder: Path) -> None:
        self._images, self._folder, self._made = images, folder, distill.seeded_view
        for first in range(min(MAKERS, count)):
            Process(target=self._make, args=(range(first, count, MAKERS),), daemon=True).start()

    def _make(self, numbers: range) -> None:
        for number in numbers:
            unfinished = self._folder / f"{number}.part.npy"
            np.save(unfinished, self._made(self._images, number))
            unfinished.rename(self._folder / f"{number}.npy")

    def __call__(self, images: Faces, number: int) -> Faces:
        """Return a view, once it is made."""
        if images is not self._images:
            return self._made(images, number)
        path = self._folder / f"{number}.npy"
        while not path.exists():
            time.sleep(0.05)
        return np.load(path)


class Trained:
    """A trained network that still lies on the GPU, calibrated as a model file is: a teacher."""

    def __init__(self, name: str, labels: tuple[str, ...], engine: TorchEngine) -> None:
        self.name, self.labels, self._engine = name, labels, engine
        self._point: tuple[float, tuple[float, ...]] = (1.0, ())

    def calibrate(self, logits: npt.NDArray[np.float32], labels: npt.NDArray[np.int64], *, shift: bool) -> None:
        """Fit temperature and offsets on validation pictures."""
        self._point = fit_calibration(logits, labels, shift=shift)

    def __call__(self, crops: Faces) -> npt.NDArray[np.float32]:
        """Return probabilities of pictures ``(n, size, size)``."""
        temperature, offsets = self._point
        return softmax(self._engine.logits(crops) / temperature + np.array(offsets or 0.0))


class Campaign:
    """Goes through the steps of a plan; the pictures are read once."""

    def __init__(self, data: str, votes: str, out: Path, views: tuple[int, Path]) -> None:
        self._data, self._votes, self._out = data, votes, out
        self._parts, self._test = train_and_val(data), load(data, "test", size=48)
        view = Views(self._parts[0].images, *views)
        distill.seeded_view = view
        loop.train_and_val = lambda *_, **__: self._parts
        loop.finish = self._finish
        self._trained: dict[str, Trained] = {}
        self._name = ""

    def run(self, step: dict[str, Any]) -> None:
        """Train."""
        self._name, began = step["run"], time.monotonic()
        gc.collect()  # what the last training held on the GPU
        settings = [item.replace("teachers=", f"teachers={self._out}/") for item in step["set"]]
        recipe = with_settings(read_recipe(step["recipe"]), settings)
        loop.train(with_values(recipe, data=self._data, votes=self._votes), self._out, Notes())
        note(self._name, f"took {time.monotonic() - began:.1f} s in all")

    def ask(self, step: dict[str, Any]) -> None:
        """Have trained networks say what they see."""
        teachers = [self._trained[name] for name in step["ask"]]
        said = distill.ask(teachers, self._parts[0], lambda done, total: None, step["views"])
        self._write(step["file"], said)
        self._tell("together", np.mean([teacher(self._parts[1].images) for teacher in teachers], axis=0))

    def merge(self, step: dict[str, Any]) -> None:
        """Join what teachers of several files say, each file with its voices; wait for files that are not there yet."""
        paths, voices = [self._out / path for path in step["merge"]], list(step["merge"].values())
        while not all(path.exists() for path in paths):
            time.sleep(0.1)
        files = [distill.read_teachers(path, self._parts[0]) for path in paths]
        shared = min(file.views for file in files)
        views = [np.average([file.targets(view, 1) for file in files], 0, voices) for view in range(shared)]
        runs = tuple(run for file in files for run in file.runs)
        self._write(step["file"], distill.Teachers(distill.logarithms(np.array(views)), files[0].fingerprint, runs))
        note(f"{shared} views by", *runs)

    def _write(self, name: str, said: distill.Teachers) -> None:
        first = replace(said, logits=said.logits[: distill.VIEWS])
        for path, some in ((self._out / f"first-{name}", first), (self._out / name, said)):
            write_file(path, distill.pack(some))

    def _tell(self, name: str, probabilities: npt.NDArray[np.float32]) -> None:
        found = figures(probabilities, self._parts[1].labels)
        note(name, *(f"val {key} {found[key]:.4f}" for key in ("accuracy", "macro_f1", "macro_auc", "log_loss")))

    def _finish(self, recipe: Recipe, folder: Path, network: keras.Model, fitted: Fitted, data: Any) -> dict[str, Any]:
        """Stand in for ``finish.finish``, which needs TensorFlow."""
        val = self._parts[1]
        engine = TorchEngine(network, recipe, np.zeros(len(val.classes), np.float32), DEVICE)
        logits = {
            f"{part}{kind}": engine.logits(images[:, :, ::turn])
            for part, images in (("val", val.images), ("test", self._test.images))
            for kind, turn in (("", 1), ("-flip", -1))
        }
        trained = self._trained[self._name] = Trained(self._name, val.classes, engine)
        trained.calibrate(logits["val"], val.labels, shift=not shifts_shares(recipe.balance))
        self._tell(self._name, trained(val.images))
        (folder / "logits.npz").write_bytes(pack_arrays({}, logits, compressed=True))
        checkpoint.save(_best_alone(checkpoint.load(folder / "checkpoint")), folder / "checkpoint")
        folder.rename(self._out / self._name)
        return {}


def _best_alone(state: Checkpoint) -> Checkpoint:
    """Return a checkpoint of which only the best weights take room once it is packed."""
    kinds = ("weights", "optimizer", "average")
    return replace(state, **{kind: [np.zeros_like(array) for array in getattr(state, kind)] for kind in kinds})


if __name__ == "__main__":
    data, votes, out, *plan = sys.argv[1:]
    steps = json.loads(Path(plan[0] if plan else Path(__file__).with_suffix(".json")).read_text("utf-8"))
    Path(out).mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        views = max((step.get("views", 0) for step in steps), default=0)
        campaign = Campaign(data, votes, Path(out).resolve(), (views, Path(folder)))
        for step in steps:
            next(getattr(campaign, kind) for kind in ("run", "ask", "merge") if kind in step)(step)
