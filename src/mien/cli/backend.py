"""What Keras takes to train and to export, checked before it is loaded: by itself it ends in a traceback, or late."""

import json
import os
from importlib.util import find_spec
from pathlib import Path

from mien.errors import MissingExtra, RecipeError, need

_BACKENDS = ("tensorflow", "jax", "torch")
_MODULES = ("keras", "tensorflow", "onnx", "tf2onnx", "tomli_w", "sklearn", "matplotlib")


def need_keras(purpose: str) -> None:
    """Raise unless Keras, its backend and what writes model files are installed; TensorFlow is needed on any backend.

    Args:
        purpose: the verb, for the message.

    Raises:
        MissingExtra: a package is not installed. RecipeError: Keras is told to compute with an unknown one.

    Example:
        >>> need_keras("mien train")
    """
    need("train", *_MODULES, purpose=purpose)
    backend, told = _backend()
    if backend not in _BACKENDS:
        message = f"{told}; expected one of {', '.join(_BACKENDS)}"
        raise RecipeError(message)
    if find_spec(backend) is None:
        message = f"{told} needs {backend}, not installed. Install with: pip install {backend}"
        raise MissingExtra(message)


def _backend() -> tuple[object, str]:
    """Return Keras' backend and how it was told: by the environment or in keras.json, as Keras itself reads them."""
    if backend := os.environ.get("KERAS_BACKEND"):
        return backend, f"KERAS_BACKEND={backend}"
    file = _keras_folder() / "keras.json"
    try:
        told = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        told = {}
    found = told.get("backend", "tensorflow") if isinstance(told, dict) else "tensorflow"
    return found, f"{file}: backend = {found!r}"


def _keras_folder() -> Path:
    if "KERAS_HOME" in os.environ:
        return Path(os.environ["KERAS_HOME"])
    home = os.path.expanduser("~")  # noqa: PTH111 - Path's own raises where there is no home
    return Path(home if os.access(home, os.W_OK) else "/tmp") / ".keras"
