"""Model files: what is read from them and which are refused."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import external_data_helper, helper, numpy_helper

from mien.errors import ModelError
from mien.labels import LABELS
from mien.model.classify import Classifier
from mien.model.file import OPERATORS, Metadata, bundled_bytes, parse_metadata, read_model
from tests.conftest import make_model


def text(**changes: object) -> str:
    return json.dumps(asdict(Metadata(labels=("a", "b"), size=48)) | changes)


def changed(path: Path, change: Callable[[onnx.ModelProto], object]) -> Path:
    model = onnx.load(str(path))
    change(model)
    path.write_bytes(model.SerializeToString())
    return path


def test_an_empty_file_is_refused(tmp_path: Path):
    (tmp_path / "empty.onnx").touch()
    with pytest.raises(ModelError, match=r"empty\.onnx: not an ONNX model \(no graph in it\)"):
        read_model(tmp_path / "empty.onnx")


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(
        ModelError, match=r"gone\.onnx: cannot be read \(No such file.*give a model\.onnx or a run folder"
    ):
        read_model(tmp_path / "gone.onnx")


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path):
    with pytest.raises(ModelError, match=r"has no model\.onnx; give a finished run"):
        read_model(tmp_path)


def test_a_model_says_what_it_is(tmp_path: Path):
    path = make_model(tmp_path / "m.onnx", uncertain_below=0.4, margin=0.1, recipe="tiny")
    file = read_model(str(path))
    assert file.name == str(path)
    assert file.data == path.read_bytes()
    assert file.metadata == Metadata(LABELS, 48, uncertain_below=0.4, margin=0.1, recipe="tiny")


def test_a_run_folder_stands_for_its_model(tmp_path: Path):
    path = make_model(tmp_path / "model.onnx")
    assert read_model(tmp_path).name == str(path)


def test_a_unicode_path_works(tmp_path: Path):
    assert read_model(make_model(tmp_path / "笑顔.onnx")).metadata.size == 48


def test_a_model_cut_off_anywhere_is_refused(model: Path):
    data = model.read_bytes()
    for length in range(0, len(data), len(data) // 60):
        model.write_bytes(data[:length])
        with pytest.raises(ModelError, match=r"model\.onnx: "):
            read_model(model)


def test_a_model_without_metadata_is_refused(model: Path):
    changed(model, lambda m: m.ClearField("metadata_props"))
    with pytest.raises(ModelError, match=r"has no mien metadata .* export it with mien export RUN --format onnx"):
        read_model(model)


@pytest.mark.parametrize(
    ("operator", "domain"), [("If", ""), ("Loop", ""), ("Run", "com.evil"), ("FusedConv", "com.microsoft")]
)
def test_a_foreign_operator_is_refused(model: Path, operator: str, domain: str):
    changed(model, lambda m: m.graph.node.append(helper.make_node(operator, [], ["x"], domain=domain)))
    with pytest.raises(ModelError, match=f"holds operators that no mien network has .*{operator}"):
        read_model(model)


def test_local_functions_are_refused(model: Path):
    function = helper.make_function("own", "Relu", [], [], [], [helper.make_opsetid("", 15)])
    changed(model, lambda m: m.functions.append(function))
    with pytest.raises(ModelError, match=r"no mien network has \(local functions\)"):
        read_model(model)


def test_weights_outside_the_file_are_refused(model: Path, tmp_path: Path):
    def put_outside(m: onnx.ModelProto) -> None:
        external_data_helper.set_external_data(m.graph.initializer[0], "weights.bin")
        m.graph.initializer[0].ClearField("raw_data")

    changed(model, put_outside)
    (tmp_path / "weights.bin").write_bytes(b"\0" * 48 * 48 * 7 * 4)
    with pytest.raises(ModelError, match="keeps weights outside the file; export it again"):
        read_model(model)


def test_sparse_weights_are_refused(model: Path):
    values = numpy_helper.from_array(np.ones(1, np.float32), "s")
    sparse = onnx.SparseTensorProto(values=values, dims=[1])
    changed(model, lambda m: m.graph.sparse_initializer.append(sparse))
    with pytest.raises(ModelError, match=r"\(sparse tensor\)"):
        read_model(model)


def test_no_operator_on_the_list_runs_other_graphs():
    assert not OPERATORS & {"If", "Loop", "Scan", "SequenceMap"}


def test_metadata_survives_the_file():
    given = Metadata(("a", "b"), 64, offsets=(0.5, -0.5), temperature=1.5, figures={"test": {"accuracy": 0.6}})
    assert parse_metadata(given.to_json(), "x") == given


def test_keys_of_later_versions_are_ignored():
    assert parse_metadata(text(mood="good"), "x").labels == ("a", "b")


@pytest.mark.parametrize("broken", ["", "no json", "[1, 2]", "{}", "3", '{"format": 1}', "[" * 100_000])
def test_metadata_that_is_no_table_is_refused(broken: str):
    with pytest.raises(ModelError, match=r"x: its mien metadata cannot be read .*export it again"):
        parse_metadata(broken, "x")


def test_metadata_of_another_version_is_refused():
    with pytest.raises(ModelError, match="x: metadata format 99, this mien reads 1; install a newer mien"):
        parse_metadata(text(format=99), "x")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("labels", []),
        ("labels", ["a"]),
        ("labels", ["a", "a"]),
        ("labels", ["a", ""]),
        ("labels", ["a", 3]),
        ("labels", [["a"], ["b"]]),
        ("size", 0),
        ("size", 1e9),
        ("size", "48"),
        ("color", "bgr"),
        ("margin", -0.1),
        ("margin", float("nan")),
        ("temperature", 0),
        ("offsets", [float("nan"), 0.0]),
        ("offsets", [1.0]),
        ("uncertain_below", 1.5),
        ("uncertain_below", None),
        ("figures", [1]),
        ("recipe", 5),
        ("licence", None),
    ],
)
def test_a_value_that_makes_no_sense_is_named(key: str, value: object):
    with pytest.raises(ModelError, match=f"x: metadata {key} = .* makes no sense; export it again with mien export"):
        parse_metadata(text(**{key: value}), "x")


@pytest.mark.parametrize("name", ["bundled", "bundled-int8"])
def test_the_bundled_models_have_names(name: str):
    file = read_model(name)
    assert file.metadata.recipe == "distilled"
    assert file.metadata.start == ""
    assert file.name.startswith(f"{name} (")
    assert len(file.data) < 8_000_000


def test_the_bundled_models_say_nearly_the_same():
    crops = np.random.default_rng(0).integers(0, 256, (20, 6, 6), np.uint8).repeat(8, 1).repeat(8, 2)
    exact, small = (Classifier(name)(crops) for name in ("bundled", "bundled-int8"))
    assert np.abs(exact - small).mean() < 0.03


def test_a_damaged_bundled_file_is_refused(monkeypatch, tmp_path):
    (tmp_path / "bundled").mkdir()
    (tmp_path / "bundled" / "mien.onnx").write_bytes(b"other")
    (tmp_path / "bundled" / "SHA256SUMS").write_text(f"{'0' * 64}  mien.onnx\n")
    monkeypatch.setattr("mien.model.file.files", lambda _: tmp_path)
    with pytest.raises(ModelError, match=r"bundled mien.onnx is damaged: .* install mien again"):
        bundled_bytes("mien.onnx")
    with pytest.raises(ModelError, match=r"bundled other.onnx is missing"):
        bundled_bytes("other.onnx")
