"""Keras to ONNX and LiteRT: the same function, checked, with everything that is needed to use it.

``python -m mien.training.export FORMAT MODEL.keras METADATA.json OUT`` does it in a process of its own; that is how
runs on another Keras backend than TensorFlow are exported.
"""

import json
import os
import subprocess
import sys
import warnings
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
import numpy.typing as npt

from mien.errors import ModelError, first_line, need
from mien.model.classify import Classifier
from mien.model.file import INPUT, KEY, OUTPUT, Metadata, parse_metadata
from mien.training.models import LOGITS
from mien.training.run import check_finished
from mien.writing import write_file

FORMATS = {"onnx": ".onnx", "litert": ".tflite"}
TOLERANCE = 1e-4
_OPSET = 15
_BATCHES = (1, 5, 64)


def inference_model(network: keras.Model, temperature: float, offsets: tuple[float, ...] = ()) -> keras.Model:
    """Return the network with its calibration and softmax: faces ``(n, size, size, 1)`` to probabilities."""
    offset = list(offsets) if any(offsets) else 0.0
    scaled = keras.layers.Rescaling(1 / temperature, offset=offset, name="calibration")(network.output)
    return keras.Model(network.input, keras.layers.Softmax(name=OUTPUT)(scaled), name=network.name)


def open_keras(path: Path) -> keras.Model:
    """Return one of mien's own ``model.keras`` files; code inside a file is never run.

    Raises:
        ModelError: missing, not a Keras file, or not one of mien's.
    """
    if path.suffix != ".keras":
        message = f"{path}: expected a model.keras of a mien run; other Keras files (.h5 above all) can run code"
        raise ModelError(message)
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
        model.get_layer(LOGITS)
    except (OSError, ValueError, TypeError, KeyError) as error:
        message = f"{path}: cannot be opened as a mien model ({first_line(error)}); give the model.keras of a mien run"
        raise ModelError(message) from error
    return model


def export_run(run: Path, kind: str, out: Path | None = None) -> Path:
    """Write the model of a finished run in another format and return where.

    Args:
        run: run folder, with ``model.keras`` and ``model.onnx``.
        kind: ``onnx`` or ``litert``; the latter's metadata is written beside it as JSON.
        out: the file; ``model.onnx`` or ``model.tflite`` in the run folder if not given.

    Raises:
        RunError: the run is not finished. ModelError: the exported file does not give the same probabilities.
    """
    check_finished(run)
    metadata = Classifier(run).metadata
    out = out or run / f"model{FORMATS[kind]}"
    convert(run / "model.keras", metadata, kind, out)
    return out


def convert(model: Path, metadata: Metadata, kind: str, out: Path) -> None:
    """Convert ``model.keras`` to ``out`` and check that it gives the same probabilities.

    Raises:
        ModelError: a probability differs by more than 1e-4 for a batch of 1, 5 or 64.
    """
    need("train", "tensorflow", "onnx", "tf2onnx", purpose=f"exporting to {kind}")
    if keras.backend.backend() != "tensorflow":
        _convert_elsewhere(model, metadata, kind, out)
        return
    network = open_keras(model)
    with TemporaryDirectory() as folder:
        made = Path(folder) / f"model{FORMATS[kind]}"
        _WRITERS[kind](network, metadata, made)
        _check_parity(network, _READERS[kind](made), metadata, out)
        write_file(out, made.read_bytes())
    if kind != "onnx":
        write_file(out.with_name(out.name + ".json"), json.dumps(asdict(metadata), indent=2) + "\n")


def _convert_elsewhere(model: Path, metadata: Metadata, kind: str, out: Path) -> None:
    with TemporaryDirectory() as folder:
        text = Path(folder) / "metadata.json"
        text.write_text(metadata.to_json(), "utf-8")
        command = [sys.executable, "-m", "mien.training.export", kind, str(model), str(text), str(out)]
        environment = os.environ | {"KERAS_BACKEND": "tensorflow"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        message = f"{model}: export to {kind} failed ({reason}); see all of it with KERAS_BACKEND=tensorflow"
        raise ModelError(message)


def _write_onnx(network: keras.Model, metadata: Metadata, path: Path) -> None:
    import onnx

    _export(network, metadata, path, format="onnx", opset_version=_OPSET)
    proto = onnx.load(path)
    _rename(proto, proto.graph.input[0].name, INPUT)
    _rename(proto, proto.graph.output[0].name, OUTPUT)
    proto.graph.name, proto.producer_name, proto.doc_string = "mien", "mien", ""
    for node in proto.graph.node:
        node.doc_string = ""
    onnx.helper.set_model_props(proto, {KEY: metadata.to_json()})
    onnx.checker.check_model(proto)
    path.write_bytes(proto.SerializeToString())


def _write_litert(network: keras.Model, metadata: Metadata, path: Path) -> None:
    _export(network, metadata, path, format="litert")


def _export(network: keras.Model, metadata: Metadata, path: Path, **settings: object) -> None:
    shape = (None, metadata.size, metadata.size, 1)
    given = [keras.layers.InputSpec(shape=shape, dtype="float32", name=INPUT)]
    signature = None if settings["format"] == "litert" else given  # litert takes the network's own shape and no other
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside the converters, not the user's business
        network.export(path, verbose=False, input_signature=signature, **settings)


def _rename(proto: object, old: str, new: str) -> None:
    graph = proto.graph  # type: ignore[attr-defined]
    for value in (*graph.input, *graph.output):
        value.name = new if value.name == old else value.name
    for node in graph.node:
        for names in (node.input, node.output):
            for position, name in enumerate(names):
                names[position] = new if name == old else name


def _run_onnx(path: Path) -> object:
    return Classifier(path)


def _run_litert(path: Path) -> object:
    import tensorflow

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its interpreter moved to another package; the files are the same
        interpreter = tensorflow.lite.Interpreter(model_path=str(path))

    def classify(crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        given = interpreter.get_input_details()[0]["index"]
        interpreter.resize_tensor_input(given, (*crops.shape, 1))
        interpreter.allocate_tensors()
        interpreter.set_tensor(given, crops[..., None].astype(np.float32))
        interpreter.invoke()
        return np.array(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))

    return classify


def _check_parity(network: keras.Model, classify: object, metadata: Metadata, out: Path) -> None:
    for count in _BATCHES:
        crops = np.random.default_rng(count).integers(0, 256, (count, metadata.size, metadata.size), np.uint8)
        expected = keras.ops.convert_to_numpy(network(crops[..., None].astype(np.float32), training=False))
        difference = float(np.abs(expected - classify(crops)).max())  # type: ignore[operator]
        if not difference <= TOLERANCE:
            message = (
                f"{out}: not written, it would differ from Keras by {difference:.1e} for {count} faces, expected at "
                f"most {TOLERANCE:.0e}; try with other versions: pip install -U keras tf2onnx"
            )
            raise ModelError(message)


_WRITERS = {"onnx": _write_onnx, "litert": _write_litert}
_READERS = {"onnx": _run_onnx, "litert": _run_litert}

if __name__ == "__main__":
    kind, model, text, out = sys.argv[1:]
    convert(Path(model), parse_metadata(Path(text).read_text("utf-8"), text), kind, Path(out))
