"""The run folder: its name, and the files that say what was trained, on what and with what."""

import csv
import io
import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from mien.data.dataset import Dataset
from mien.errors import DataError, OutputError, RunError
from mien.training.recipe import Recipe
from mien.writing import KEEP_BYTES, write_file

_PACKAGES = (
    "mien",
    "keras",
    "tensorflow",
    "tensorflow-cpu",
    "jax",
    "torch",
    "numpy",
    "opencv-python-headless",
    "onnxruntime",
)


def new_run(out: Path, recipe: str) -> Path:
    """Make and return ``out/<date>-<recipe>-<n>``, the first free n.

    Raises:
        OutputError: the folder cannot be made.
    """
    day = datetime.now().astimezone().strftime("%Y-%m-%d")
    number, folder = 0, out
    try:
        out.mkdir(parents=True, exist_ok=True)
        while True:
            number += 1
            folder = out / f"{day}-{recipe}-{number}"
            with suppress(FileExistsError):
                folder.mkdir()
                return folder
    except OSError as error:
        message = f"{folder}: cannot be made ({error.strerror}); choose another place with --out"
        raise OutputError(message) from error


def check_resumable(folder: Path) -> None:
    """Raise RunError unless ``folder`` is a run folder that can go on."""
    if not (folder / "recipe.toml").is_file():
        message = f"{folder}: not a run folder (no recipe.toml); give one of those that mien train makes"
        raise RunError(message)


def check_finished(folder: Path) -> None:
    """Raise RunError unless ``folder`` is the folder of a finished run."""
    if not (folder / "model.keras").is_file() or not (folder / "model.onnx").is_file():
        message = f"{folder}: no model.keras and model.onnx in it; give the folder of a finished mien train"
        raise RunError(message)


def check_same(folder: Path, parts: tuple[Dataset, Dataset]) -> None:
    """Raise DataError where pictures or labels are not those that a run began with, so far as it tells.

    ``parts`` are those of train and those of val.
    """
    try:
        told = json.loads((folder / "environment.json").read_text("utf-8", KEEP_BYTES))["data"]
        began = {part: told[part]["fingerprint"] for part in ("train", "val")}
    except (OSError, ValueError, KeyError, TypeError):
        return
    for part, dataset in zip(("train", "val"), parts, strict=True):
        if (now := dataset.fingerprint()) != began[part]:
            message = (
                f"the pictures or labels of {part} changed since {folder} was begun (fingerprint {now}, then "
                f"{began[part]}); give the data as they were, or train anew"
            )
            raise DataError(message)


def environment(recipe: Recipe, data: tuple[Dataset, Dataset], devices: int, accelerator: str) -> dict[str, Any]:
    """Return what the run was made with: versions, commit, hardware and the fingerprint of the data, train and val."""
    import keras  # here, so that asking for the commit does not load TensorFlow

    train, val = data
    return {
        "versions": {"python": platform.python_version()} | {name: v for name in _PACKAGES if (v := _version(name))},
        "backend": keras.backend.backend(),
        "commit": commit(),
        "platform": platform.platform(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "accelerator": accelerator,
        "devices": devices,
        "data": {
            "source": recipe.data,
            "train": {"n": len(train), "fingerprint": train.fingerprint(), "classes": _counts(train)},
            "val": {"n": len(val), "fingerprint": val.fingerprint(), "classes": _counts(val)},
            "unreadable": [*train.unreadable, *val.unreadable],
        },
    }


def note_devices(folder: Path, devices: int, accelerator: str) -> None:
    """Write into a run's environment.json on how many devices and which GPU it goes on."""
    path = folder / "environment.json"
    try:
        told = json.loads(path.read_text("utf-8", KEEP_BYTES))
    except (OSError, ValueError):  # a run goes on without it too
        return
    write_file(path, as_json(told | {"devices": devices, "accelerator": accelerator}))


def commit() -> str:
    """Return the commit of the checkout that mien runs from, with ``+`` where files were changed; empty elsewhere."""
    here = Path(__file__).parent
    try:
        root = _git(here, "rev-parse", "--show-toplevel")
        if not (Path(root) / "src" / "mien").samefile(here.parent):
            return ""
        changed = _git(here, "status", "--porcelain", "--untracked-files=no")
        return _git(here, "rev-parse", "--short=12", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def commit_of(folder: Path) -> str:
    """Return the commit that a run was started with, empty if unknown."""
    try:
        return str(json.loads((folder / "environment.json").read_text("utf-8", KEEP_BYTES))["commit"])
    except (OSError, ValueError, KeyError):
        return ""


def history_csv(rows: Sequence[Mapping[str, float]]) -> str:
    """Return the history as CSV, one row an epoch."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if rows:
        writer.writerow(rows[0])
        writer.writerows([f"{value:.6g}" for value in row.values()] for row in rows)
    return text.getvalue()


def as_json(values: Mapping[str, Any]) -> str:
    """Return values as JSON that people can read."""
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def _counts(dataset: Dataset) -> dict[str, int]:
    return {name: int(count) for name, count in zip(dataset.classes, dataset.counts(), strict=True)}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def processor() -> str:
    """Return the processor's name, empty where the system does not tell."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()
