"""The reader of ONNX files: what it sees, and that no bytes make it do anything but refuse."""

import random
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from mien.errors import ModelError
from mien.model.wire import read_contents


def varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def chunk(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def graph_of(*nodes: onnx.NodeProto, **parts: object) -> bytes:
    graph = helper.make_graph(list(nodes), "g", [], [], **parts)  # type: ignore[arg-type]
    return helper.make_model(graph).SerializeToString()


def test_no_bytes_are_no_model():
    with pytest.raises(ModelError, match=r"x: not an ONNX model \(no graph in it\); give a model\.onnx made by mien"):
        read_contents(b"", "x")


def test_operators_and_metadata_are_seen(model: Path):
    contents = read_contents(model.read_bytes(), "x")
    assert contents.operators == {"Flatten", "MatMul", "Softmax"}
    assert list(contents.metadata) == ["mien"]
    assert not contents.has_external_data
    assert not contents.has_functions


def test_operators_of_other_domains_carry_their_domain():
    assert read_contents(graph_of(helper.make_node("Run", [], [], domain="evil")), "x").operators == {"evil::Run"}


def test_operators_inside_branches_are_seen():
    inner = helper.make_graph([helper.make_node("Hidden", [], [])], "inner", [], [])
    data = graph_of(helper.make_node("If", ["c"], [], then_branch=inner, else_branch=inner))
    assert read_contents(data, "x").operators == {"If", "Hidden"}


def test_graphs_nested_without_end_are_refused():
    graph = helper.make_graph([], "deepest", [], [])
    for _ in range(12):
        graph = helper.make_graph([helper.make_node("If", ["c"], [], then_branch=graph)], "g", [], [])
    with pytest.raises(ModelError, match="nested deeper than 8"):
        read_contents(helper.make_model(graph).SerializeToString(), "x")


def external() -> onnx.TensorProto:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="/etc/passwd")
    return tensor


def test_external_data_of_an_initialiser_is_seen():
    assert read_contents(graph_of(initializer=[external()]), "x").has_external_data


def test_external_data_of_a_constant_is_seen():
    assert read_contents(graph_of(helper.make_node("Constant", [], ["c"], value=external())), "x").has_external_data


def test_sparse_tensors_are_seen_like_an_operator():
    sparse = onnx.SparseTensorProto(values=external(), dims=[1])
    assert "sparse tensor" in read_contents(graph_of(sparse_initializer=[sparse]), "x").operators
    node = helper.make_node("Constant", [], ["c"], sparse_value=sparse)
    assert "sparse tensor" in read_contents(graph_of(node), "x").operators


def test_local_functions_are_seen():
    function = helper.make_function("own", "f", [], [], [], [helper.make_opsetid("", 15)])
    data = helper.make_model(helper.make_graph([], "g", [], []), functions=[function]).SerializeToString()
    assert read_contents(data, "x").has_functions


def test_two_graphs_which_other_readers_would_merge_are_refused():
    with pytest.raises(ModelError, match="not an ONNX model"):
        read_contents(chunk(7, b"") + chunk(7, b""), "x")


@pytest.mark.parametrize("key", [7 << 3 | 2 | 1 << 32, 2, 1 << 40])
def test_a_field_number_that_other_readers_would_cut_is_refused(key: int):
    with pytest.raises(ModelError, match="a field number out of range"):
        read_contents(chunk(7, b"") + varint(key) + varint(0), "x")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (varint(7 << 3 | 2) + varint(100) + b"short", "the file ends too early"),
        (varint(7 << 3 | 3), "unknown wire type 3"),
        (b"\xff" * 20, "a number is too long"),
        (varint(7 << 3) + varint(5), "a number where a message was expected"),
        (chunk(7, b"") + chunk(14, chunk(1, b"\xff\xfe")), "utf-8"),
    ],
)
def test_malformed_files_say_what_is_wrong(data: bytes, reason: str):
    with pytest.raises(ModelError, match=reason):
        read_contents(data, "x")


def test_random_bytes_only_ever_raise_model_errors():
    draw = random.Random(0)
    for _ in range(2000):
        data = draw.randbytes(draw.randrange(64))
        with pytest.raises(ModelError, match="not an ONNX model"):
            read_contents(data, "x")


def test_a_model_with_flipped_bytes_is_read_or_refused(model: Path):
    original, draw = model.read_bytes(), random.Random(1)
    for _ in range(500):
        data = bytearray(original)
        for _ in range(3):
            place = draw.choice([draw.randrange(400), len(data) - 1 - draw.randrange(700)])
            data[place] = draw.randrange(256)
        try:
            read_contents(bytes(data), "x")
        except ModelError as error:
            assert str(error).startswith("x: not an ONNX model")
