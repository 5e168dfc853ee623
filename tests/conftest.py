"""What several tests share: a model file in a second, the real data where MIEN_DATA is set."""

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from mien.labels import LABELS
from mien.model.file import INPUT, KEY, OUTPUT, Metadata

pytest_plugins = ["tests.ci_skips", "tests.installed"]


def make_model(
    path: Path,
    labels: Sequence[str] = LABELS,
    size: int = 48,
    seed: int = 0,
    weights: np.ndarray | None = None,
    **metadata: object,
) -> Path:
    """Write a model file (flatten, dense, softmax) that reacts to the picture; its weights are random if not given."""
    from onnx import TensorProto, helper, numpy_helper, save

    rng = np.random.default_rng(seed)
    if weights is None:
        weights = rng.normal(0, 4 / (255 * size), (size * size, len(labels))).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", [INPUT], ["flat"]),
            helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
            helper.make_node("Softmax", ["logits"], [OUTPUT]),
        ],
        "test",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", size, size, 1])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", len(labels)])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    text = Metadata(labels=tuple(labels), size=size, **metadata).to_json()  # type: ignore[arg-type]
    helper.set_model_props(model, {KEY: text})
    save(model, str(path))
    return path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_model(tmp_path / "model.onnx")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with the development data; skips where MIEN_DATA is not set."""
    if "MIEN_DATA" not in os.environ:
        pytest.skip("MIEN_DATA is not set: no real data here")
    return Path(os.environ["MIEN_DATA"])


@pytest.fixture(scope="session")
def fer2013(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FER2013 as folders."""
    folder = tmp_path_factory.mktemp("fer2013")
    with zipfile.ZipFile(real_data / "fer2013.zip") as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def yunet(real_data: Path) -> Path:
    """The file that ``mien models pull yunet`` fetches."""
    return real_data / "models" / "face_detection_yunet_2026may.onnx"
