"""``mien info``: what a bug report needs."""

import json
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mien import __version__
from mien.errors import ModelError, install_command
from mien.model.file import read_model

# name on the screen -> packages that provide it, the first installed one is told
_PACKAGES = {
    "numpy": ("numpy",),
    "opencv": ("opencv-python-headless", "opencv-python", "opencv-contrib-python-headless", "opencv-contrib-python"),
    "onnxruntime": ("onnxruntime", "onnxruntime-gpu"),
    "keras": ("keras",),
    "tensorflow": ("tensorflow-cpu", "tensorflow"),
    "jax": ("jax",),
    "torch": ("torch",),
    "scikit-learn": ("scikit-learn",),
    "matplotlib": ("matplotlib",),
    "av": ("av",),
    "pygame": ("pygame-ce", "pygame"),
    "ray": ("ray",),
    "fastapi": ("fastapi",),
    "uvicorn": ("uvicorn",),
}
# extra -> modules that it brings (pyproject.toml; a test compares the names)
EXTRAS = {
    "evaluate": ("matplotlib", "sklearn"),
    "train": ("keras", "onnx", "tensorflow", "tf2onnx", "tomli_w"),
    "video": ("av",),
    "window": ("pygame",),
    "table": ("pandas", "pyarrow"),
    "ray": ("pandas", "pyarrow", "ray"),
    "web": ("fastapi", "python_multipart", "uvicorn", "websockets"),
}


def info(
    model: Path | None = typer.Argument(
        None, help="A model.onnx, a run folder, or bundled-int8. [default: the bundled model]"
    ),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object instead of the table."),
) -> None:
    """Show versions, the machine, installed extras, and what a model file says of itself.

    For example:

        mien info

        mien info runs/2025-01-31-compact-1 --json
    """
    facts = {
        "mien": __version__,
        "machine": machine(),
        "versions": versions(),
        "extras": extras(),
        "model": describe(model),
    }
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
    else:
        _print(facts)


def machine() -> dict[str, Any]:
    """Return the Python, the platform and the number of cores that this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"python": platform.python_version(), "platform": platform.platform(), "cores": usable}


def versions() -> dict[str, str | None]:
    """Return the version of each package that matters, None where it is not installed; imports none of them."""
    return {name: _first_version(packages) for name, packages in _PACKAGES.items()}


def extras() -> dict[str, list[str]]:
    """Return the modules of each extra that are missing: an empty list where the extra is complete."""
    return {name: [module for module in modules if find_spec(module) is None] for name, modules in EXTRAS.items()}


def describe(model: Path | None) -> dict[str, Any]:
    """Return what a model file says of itself, with its name and size in bytes.

    A bundled model that is missing is told, not raised: everything else is still worth knowing.

    Raises:
        ModelError: a file that was named is not a model made by mien.
    """
    try:
        file = read_model(model)
    except ModelError as error:
        if model is not None:
            raise
        return {"error": str(error)}
    return {"file": file.name, "bytes": len(file.data), **asdict(file.metadata)}


def _first_version(packages: tuple[str, ...]) -> str | None:
    for package in packages:
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return None


def _print(facts: Mapping[str, Any]) -> None:
    rows = [("mien", facts["mien"]), *facts["machine"].items()]
    rows += [(name, found or "not installed") for name, found in facts["versions"].items()]
    for name, missing in facts["extras"].items():
        repair = f"missing {', '.join(missing)}: {install_command(name)}"
        rows.append((f"extra {name}", repair if missing else "installed"))
    rows += [("", ""), *_model_rows(facts["model"])]
    if not sys.stdout.isatty():  # whole lines for a pipe or a bug report
        typer.echo("\n".join(f"{key:<16} {value}".rstrip() for key, value in rows))
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for key, value in rows:
        table.add_row(key, Text(str(value)))
    Console(highlight=False).print(table)


def _model_rows(model: Mapping[str, Any]) -> list[tuple[str, str]]:
    if "error" in model:
        return [("model", model["error"])]
    rows = [
        ("model", f"{model['file']}, {model['bytes'] / 1e6:.2f} MB"),
        ("labels", " ".join(model["labels"])),
        ("input", f"{model['size']} x {model['size']} {model['color']}, margin {model['margin']:g}"),
        ("recipe", model["recipe"] or "unknown"),
        ("started from", model["start"] or "scratch"),
        ("commit", model["commit"] or "unknown"),
        ("training data", model["data"] or "unknown"),
        ("temperature", f"{model['temperature']:g}"),
        ("uncertain below", f"{model['uncertain_below']:g}"),
        ("licence", model["licence"] or "no note"),
    ]
    return rows + [(f"figures {split}", _figures(values)) for split, values in model["figures"].items()]


def _figures(values: object) -> str:
    if not isinstance(values, Mapping):
        return str(values)
    return ", ".join(
        f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}" for key, value in values.items()
    )
