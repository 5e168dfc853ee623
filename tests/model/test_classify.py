"""Crops to probabilities, with any model file of mien's."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from mien import Classifier
from mien.errors import ModelError, PictureError
from mien.labels import LABELS
from tests.conftest import make_model


@pytest.fixture
def crops() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 48, 48), dtype=np.uint8)


def test_no_crops_give_no_rows(model: Path):
    rows = Classifier(model)([])
    assert (rows.shape, rows.dtype) == ((0, 7), np.float32)


def test_every_row_sums_to_one(model: Path, crops: np.ndarray):
    rows = Classifier(model)(crops)
    assert (rows.shape, rows.dtype) == ((5, 7), np.float32)
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)


def test_columns_are_the_models_labels(tmp_path: Path):
    classify = Classifier(make_model(tmp_path / "m.onnx", labels=("calm", "agitated", "zoned out")))
    assert classify.labels == ("calm", "agitated", "zoned out")
    assert classify(np.zeros((1, 48, 48), np.uint8)).shape == (1, 3)


def test_another_input_size_is_followed(tmp_path: Path, crops: np.ndarray):
    assert Classifier(make_model(tmp_path / "m.onnx", size=32))(crops).shape == (5, 7)


def test_one_crop_gives_what_it_gives_among_many(model: Path):
    many = np.random.default_rng(0).integers(0, 256, (300, 48, 48), dtype=np.uint8)  # more than one batch
    classify = Classifier(model)
    rows = classify(many)
    assert rows.shape == (300, 7)
    for place in (0, 255, 256, 299):
        np.testing.assert_allclose(classify(many[place : place + 1])[0], rows[place], atol=1e-6)


def test_grey_and_the_same_in_bgr_give_the_same(model: Path, crops: np.ndarray):
    classify = Classifier(model)
    np.testing.assert_allclose(classify(crops), classify(np.repeat(crops[..., None], 3, axis=3)), atol=1e-5)


def test_crops_of_different_sizes_come_as_a_list(model: Path):
    assert Classifier(model)([np.zeros((10, 12), np.uint8), np.zeros((90, 80, 3), np.uint8)]).shape == (2, 7)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            np.zeros((5, 48, 48), np.float32),
            r"crops: expected uint8 \(n, .*; got float32 \(5, 48, 48\); pixel values are",
        ),
        (np.zeros((5, 48, 48), np.uint16), r"got uint16 \(5, 48, 48\)"),
        (np.zeros((60, 50, 3), np.uint8), r"got uint8 \(60, 50, 3\); give one crop as \[crop\]"),
        (np.zeros((60, 60), np.uint8), r"got uint8 \(60, 60\); give one crop as \[crop\]"),
        (np.zeros((5, 48, 48, 1), np.uint8), r"got uint8 \(5, 48, 48, 1\); .* grey ones have no axis"),
        (np.zeros((5, 0, 48), np.uint8), r"at least a pixel; got uint8 \(5, 0, 48\)"),
        (np.zeros(5, np.uint8), r"got uint8 \(5,\)"),
        (
            [np.zeros((9, 9), np.uint8), np.zeros((9, 0), np.uint8)],
            r"crop 1: expected uint8 \(height, .*; got uint8 \(9, 0",
        ),
        ([np.zeros((9, 9, 4), np.uint8)], r"crop 0: .*got uint8 \(9, 9, 4\)"),
        (["a.jpg"], "crop 0: .*got str"),
    ],
)
def test_what_is_no_crop_is_a_clear_error(model: Path, given: Any, told: str):
    with pytest.raises(PictureError, match=told):
        Classifier(model)(given)


def test_threads_may_share_a_classifier(model: Path, crops: np.ndarray):
    classify = Classifier(model)
    expected = classify(crops)
    with ThreadPoolExecutor(4) as pool:
        for rows in pool.map(classify, [crops] * 16):
            np.testing.assert_array_equal(rows, expected)


def test_the_metadata_is_at_hand(tmp_path: Path):
    classify = Classifier(make_model(tmp_path / "m.onnx", uncertain_below=0.3))
    assert (classify.metadata.uncertain_below, classify.labels) == (0.3, LABELS)


def test_labels_that_do_not_fit_the_network_are_refused(model: Path):
    graph = onnx.load(str(model))
    graph.metadata_props[0].value = graph.metadata_props[0].value.replace('"angry", ', "")
    model.write_bytes(graph.SerializeToString())
    with pytest.raises(ModelError, match=r"expected input faces \(n, 48, 48, 1\) and output probabilities \(n, 6\)"):
        Classifier(model)


def test_another_input_size_than_told_is_refused(model: Path):
    graph = onnx.load(str(model))
    graph.metadata_props[0].value = graph.metadata_props[0].value.replace('"size": 48', '"size": 64')
    model.write_bytes(graph.SerializeToString())
    with pytest.raises(ModelError, match=r"expected input faces \(n, 64, 64, 1\)"):
        Classifier(model)


def test_a_network_that_onnxruntime_cannot_load_is_a_clear_error(model: Path):
    graph = onnx.load(str(model))
    graph.graph.node[1].input[1] = "nowhere"
    model.write_bytes(graph.SerializeToString())
    with pytest.raises(ModelError, match=r"model\.onnx: onnxruntime cannot load it \(.*export it again"):
        Classifier(model)


def put_before(graph: onnx.GraphProto, nodes: list[onnx.NodeProto], **weights: np.ndarray) -> None:
    """Have the network start with nodes whose largest value, ``most``, is added to the faces."""
    added = [
        helper.make_node("ReduceMax", ["most"], ["one"], keepdims=0),
        helper.make_node("Add", ["faces", "one"], ["x"]),
    ]
    graph.node[0].input[0] = "x"
    old = list(graph.node)
    del graph.node[:]
    graph.node.extend([*nodes, *added, *old])
    graph.initializer.extend(numpy_helper.from_array(values, name) for name, values in weights.items())


def pad_without_end(graph: onnx.GraphProto) -> None:
    put_before(
        graph, [helper.make_node("Pad", ["faces", "by"], ["most"])], by=np.array([0, 0, 0, 0, 0, 60_000, 60_000, 0])
    )


def multiply_without_end(graph: onnx.GraphProto) -> None:
    line = np.ones((60_000, 1), np.float32)
    put_before(graph, [helper.make_node("MatMul", ["a", "b"], ["most"])], a=line, b=line.T)


def weigh_too_much(graph: onnx.GraphProto) -> None:
    graph.initializer.append(onnx.TensorProto(name="most", data_type=onnx.TensorProto.FLOAT, dims=[2_500_000_000]))
    put_before(graph, [])


def divide_by_nothing(graph: onnx.GraphProto) -> None:
    put_before(graph, [helper.make_node("Div", ["a", "a"], ["most"])], a=np.zeros(1, np.float32))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (pad_without_end, r"cannot be computed \(.*memory"),
        (multiply_without_end, r"cannot be computed \(.*memory"),
        (weigh_too_much, r"onnxruntime cannot load it \(.*10000000000 bytes"),
    ],
)
def test_a_hostile_network_is_one_clear_line(
    model: Path,
    crops: np.ndarray,
    capfd: pytest.CaptureFixture[str],
    change: Callable[[onnx.GraphProto], None],
    told: str,
) -> None:
    network = onnx.load(str(model))
    change(network.graph)
    model.write_bytes(network.SerializeToString())
    with pytest.raises(ModelError, match=rf"model\.onnx: {told}.*; export it again with mien export$"):
        Classifier(model)(crops)
    assert capfd.readouterr() == ("", "")


def test_answers_that_are_no_numbers_are_one_clear_line(model: Path, crops: np.ndarray) -> None:
    network = onnx.load(str(model))
    divide_by_nothing(network.graph)
    model.write_bytes(network.SerializeToString())
    with pytest.raises(ModelError, match=r"model\.onnx: answers with NaN or infinity; .*diverged: train it again with"):
        Classifier(model)(crops)


@pytest.mark.parametrize("model", ["bundled", "bundled-int8"])
def test_the_same_crops_give_the_same_probabilities_whatever_goes_with_them(model: str) -> None:
    crops = np.random.default_rng(0).integers(0, 256, (40, 48, 48), np.uint8)
    classify, alone = Classifier(model), Classifier(model, threads=1)
    assert np.array_equal(classify(crops), classify(crops))
    one_by_one = np.concatenate([classify(crop[None]) for crop in crops])
    assert np.abs(classify(crops) - one_by_one).max() < 1e-5
    assert np.abs(classify(crops) - alone(crops)).max() < 1e-5


def test_onnx_runtime_reports_nothing_to_its_makers(tmp_path: Path) -> None:
    code = "from mien import Classifier; Classifier()"
    subprocess.run([sys.executable, "-c", code], env={"HOME": str(tmp_path)}, check=True)
    assert not list(tmp_path.iterdir())  # no number for this machine, no reports that wait to be sent
