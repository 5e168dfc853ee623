"""The model file: an ONNX network with everything that is needed to use it, in its metadata under the key ``mien``."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from mien.errors import ModelError
from mien.model.wire import read_contents

KEY = "mien"
FORMAT = 1
INPUT, OUTPUT = "faces", "probabilities"
# What the networks of mien's recipes are made of, as tf2onnx and onnxruntime's quantiser write them.
# No control flow, no custom domain, nothing that reads or calls anything.
_OPERATORS = (
    "Add AveragePool BatchNormalization Cast Clip Concat Conv DequantizeLinear Div Dropout Elu Erf Exp Flatten "
    "Gather Gelu Gemm GlobalAveragePool GlobalMaxPool HardSigmoid HardSwish Identity LeakyRelu MatMul Max MaxPool "
    "Min Mul Neg Pad Pow QuantizeLinear ReduceMax ReduceMean ReduceSum Relu Reshape Shape Sigmoid Slice Softmax "
    "Softplus Split Sqrt Squeeze Sub Tanh Transpose Unsqueeze Constant"
)
OPERATORS = frozenset(_OPERATORS.split())
BUNDLED = {"bundled": "mien.onnx", "bundled-int8": "mien-int8.onnx"}  # names that stand for files in the package
SUMS = "SHA256SUMS"  # beside them, as sha256sum writes it


@dataclass(frozen=True)
class Metadata:
    """What a model file says of itself.

    Attributes:
        labels: class names, in the order of the output's columns.
        size: side of the network's square input in pixels.
        color: ``grey`` (the only one so far).
        margin: share of a face box added on every side before it is cropped (see ``preprocess.crop_face``).
        temperature: logits were divided by it (Guo et al. 2017, arXiv 1706.04599); already inside the graph.
        offsets: then these were added to the logits, one a class; already inside the graph.
        uncertain_below: a face whose confidence is lower is marked uncertain, 0-1.
        data: fingerprint of the training data.
        recipe: name of the recipe.
        start: what training started from, ``bundled`` or a run folder; empty where it started from scratch.
        commit: commit of mien that trained it, empty if unknown.
        licence: note on what the weights may be used for.
        figures: measured figures, e.g. ``{"test": {"accuracy": 0.66, "n": 3579}}``.
        format: version of this table.
    """

    labels: tuple[str, ...]
    size: int
    color: str = "grey"
    margin: float = 0.0
    temperature: float = 1.0
    offsets: tuple[float, ...] = ()
    uncertain_below: float = 0.0
    data: str = ""
    recipe: str = ""
    start: str = ""
    commit: str = ""
    licence: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    def to_json(self) -> str:
        """Return the metadata as it is written into the model file."""
        return json.dumps(asdict(self), sort_keys=True)


@dataclass(frozen=True)
class ModelFile:
    """A model file, checked and read: its name for messages, its bytes and its metadata."""

    name: str
    data: bytes = field(repr=False)
    metadata: Metadata


def read_model(path: str | Path | ModelFile | None = None) -> ModelFile:
    """Return a model file, checked before anything opens it; no path gives the bundled model.

    The names ``bundled`` and ``bundled-int8`` stand for those files too. A model file that was read is given back.

    Raises:
        ModelError: missing, not ONNX, without mien's metadata, with data outside the file or operators that no mien
            network has.

    Example:
        >>> read_model().metadata.labels
        ('angry', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise')
    """
    if isinstance(path, ModelFile):
        return path
    if path is None or str(path) in BUNDLED:
        return _bundled(str(path or "bundled"))
    path = Path(path)
    try:
        if path.is_dir():  # a run folder
            path = path / "model.onnx"
            if not path.is_file():
                message = f"{path.parent}: has no model.onnx; give a finished run (mien train --resume finishes one)"
                raise ModelError(message)
        data = path.read_bytes()
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror or error}); give a model.onnx or a run folder"
        raise ModelError(message) from error
    return _checked(data, str(path))


@cache
def _bundled(name: str) -> ModelFile:
    file = BUNDLED[name]
    return _checked(bundled_bytes(file), f"{name} ({file})")


def bundled_bytes(file: str) -> bytes:
    """Return a file that travels with the package, of the model's; its SHA-256 is compared with the one of its making.

    Raises:
        ModelError: missing or damaged.
    """
    folder = files("mien.model") / "bundled"
    try:
        data = (folder / file).read_bytes()
        sums = (folder / SUMS).read_text("ascii")
    except OSError as error:
        message = f"the bundled {file} is missing from this installation; install mien again"
        raise ModelError(message) from error
    if f"{hashlib.sha256(data).hexdigest()}  {file}" not in sums.splitlines():
        message = f"the bundled {file} is damaged: its SHA-256 is not the one in {SUMS}; install mien again"
        raise ModelError(message)
    return data


def _checked(data: bytes, name: str) -> ModelFile:
    contents = read_contents(data, name)
    foreign = sorted(contents.operators - OPERATORS)
    if foreign or contents.has_functions:
        what = ", ".join(foreign[:3]) or "local functions"
        message = f"{name}: holds operators that no mien network has ({what}); use a file made by mien"
        raise ModelError(message)
    if contents.has_external_data:
        message = f"{name}: keeps weights outside the file; export it again with mien export"
        raise ModelError(message)
    if KEY not in contents.metadata:
        message = f"{name}: has no mien metadata (labels, input size); export it with mien export RUN --format onnx"
        raise ModelError(message)
    return ModelFile(name, data, parse_metadata(contents.metadata[KEY], name))


def parse_metadata(text: str, name: str) -> Metadata:
    """Return the metadata that a model file carries as JSON; ``name`` is what errors call the file.

    Raises:
        ModelError: not JSON, of another version, or a value that makes no sense.
    """
    try:
        values = json.loads(text)
        if values["format"] != FORMAT:
            message = f"{name}: metadata format {values['format']}, this mien reads {FORMAT}; install a newer mien"
            raise ModelError(message)
        known = {key: values[key] for key in (item.name for item in fields(Metadata)) if key in values}
        known["labels"] = tuple(known["labels"])
        known["offsets"] = tuple(float(offset) for offset in known.get("offsets", ()))
        metadata = Metadata(**known)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        message = f"{name}: its mien metadata cannot be read ({error!r}); export it again with mien export"
        raise ModelError(message) from error
    _check_values(metadata, name)
    return metadata


def _check_values(metadata: Metadata, name: str) -> None:
    labels = metadata.labels
    checks = {
        "labels": all(isinstance(label, str) and label for label in labels) and len(set(labels)) == len(labels) >= 2,
        "size": isinstance(metadata.size, int) and 8 <= metadata.size <= 1024,
        "color": metadata.color == "grey",
        "margin": isinstance(metadata.margin, int | float) and 0 <= metadata.margin <= 2,
        "temperature": isinstance(metadata.temperature, int | float) and 0 < metadata.temperature < 1000,
        "offsets": len(metadata.offsets) in (0, len(labels)) and all(abs(value) < 1000 for value in metadata.offsets),
        "uncertain_below": isinstance(metadata.uncertain_below, int | float) and 0 <= metadata.uncertain_below <= 1,
        "figures": isinstance(metadata.figures, Mapping),
        **{key: isinstance(getattr(metadata, key), str) for key in ("data", "recipe", "start", "commit", "licence")},
    }
    wrong = [key for key, holds in checks.items() if not holds]
    if wrong:
        value = getattr(metadata, wrong[0])
        message = f"{name}: metadata {wrong[0]} = {value!r} makes no sense; export it again with mien export"
        raise ModelError(message)
