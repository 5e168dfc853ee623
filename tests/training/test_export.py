import json
import subprocess
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from mien.errors import ModelError, RunError
from mien.model.classify import Classifier
from mien.model.file import Metadata
from mien.training import export
from mien.training.export import convert, export_run, inference_model, open_keras
from mien.training.loop import Run
from mien.training.models import build
from mien.training.recipe import NETWORKS

METADATA = Metadata(labels=("a", "b", "c"), size=48, temperature=1.5, offsets=(0.1, 0.0, -0.2))


@pytest.fixture(scope="module")
def keras_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keras") / "model.keras"
    network = build("tiny", size=48, classes=3, dropout=0.1)
    inference_model(network, METADATA.temperature, METADATA.offsets).save(path)
    return path


def test_onnx_gives_the_probabilities_of_keras_with_temperature_and_offsets(keras_file: Path, tmp_path: Path) -> None:
    convert(keras_file, METADATA, "onnx", tmp_path / "model.onnx")
    classify = Classifier(tmp_path / "model.onnx")
    assert classify.metadata == METADATA
    network = open_keras(keras_file)
    crops = np.random.default_rng(0).integers(0, 256, (6, 48, 48), np.uint8)
    logits = keras.Model(network.input, network.get_layer("logits").output)(crops[..., None].astype(np.float32))
    expected = np.exp(np.asarray(logits) / 1.5 + np.array([0.1, 0, -0.2]))
    assert np.allclose(classify(crops), expected / expected.sum(1, keepdims=True), atol=1e-4)


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_can_be_exported(network: str, tmp_path: Path) -> None:
    model = build(network, size=48, classes=3, dropout=0.1)
    inference_model(model, 1.0).save(tmp_path / "model.keras")
    convert(tmp_path / "model.keras", METADATA, "onnx", tmp_path / "model.onnx")
    assert Classifier(tmp_path / "model.onnx")(np.zeros((3, 48, 48), np.uint8)).shape == (3, 3)


def test_litert_is_written_with_its_metadata_beside_it(keras_file: Path, tmp_path: Path) -> None:
    convert(keras_file, METADATA, "litert", tmp_path / "model.tflite")
    assert json.loads((tmp_path / "model.tflite.json").read_text())["labels"] == ["a", "b", "c"]
    assert (tmp_path / "model.tflite").read_bytes()[4:8] == b"TFL3"


def test_an_export_that_differs_is_refused_and_leaves_nothing(
    keras_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "TOLERANCE", -1.0)
    with pytest.raises(
        ModelError, match=r"model\.onnx: not written, it would differ from Keras by .* pip install -U keras tf2onnx"
    ):
        convert(keras_file, METADATA, "onnx", tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_fails_in_its_own_process_names_the_file_and_how_to_see_why(
    keras_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "Traceback\nValueError: no such layer\n")
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    monkeypatch.setattr(export.subprocess, "run", lambda *_, **__: failed)
    told = r"model\.keras: export to onnx failed \(ValueError: no such layer\); see all of it with KERAS_BACKEND="
    with pytest.raises(ModelError, match=told):
        convert(keras_file, METADATA, "onnx", tmp_path / "model.onnx")


def test_only_a_mien_keras_file_is_opened(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.h5: expected a model\.keras of a mien run"):
        open_keras(tmp_path / "model.h5")
    (tmp_path / "broken.keras").write_bytes(b"not a zip")
    with pytest.raises(
        ModelError, match=r"broken\.keras: cannot be opened as a mien model \(.*\); give the model.keras of"
    ):
        open_keras(tmp_path / "broken.keras")
    other = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    other.save(tmp_path / "other.keras")
    with pytest.raises(ModelError, match=r"other\.keras: cannot be opened as a mien model"):
        open_keras(tmp_path / "other.keras")


def test_a_keras_file_with_code_inside_is_refused(tmp_path: Path) -> None:
    faces = keras.Input((48, 48, 1))
    lambda_model = keras.Model(faces, keras.layers.Lambda(lambda x: x, name="logits")(faces))
    lambda_model.save(tmp_path / "lambda.keras")
    with pytest.raises(ModelError, match=r"lambda\.keras: cannot be opened as a mien model"):
        open_keras(tmp_path / "lambda.keras")


def test_a_run_is_exported_where_asked(run: Run, tmp_path: Path) -> None:
    made = export_run(run.folder, "onnx", tmp_path / "face.onnx")
    assert Classifier(made).metadata == replace(Classifier(run.folder).metadata)
    with pytest.raises(RunError, match=r"no model\.keras and model\.onnx in it; give the folder of a finished"):
        export_run(tmp_path, "onnx")
