"""Reads what must be known of an ONNX file before it may be opened: operators, external data, metadata.

The light core has no onnx package, so this walks the protocol-buffer wire format itself (field numbers of
``onnx.proto3``). It allocates nothing by declared sizes and follows no path.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from mien.errors import ModelError

_MODEL_GRAPH, _MODEL_METADATA, _MODEL_FUNCTIONS = 7, 14, 25
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_SPARSE = 1, 5, 15
_NODE_OP, _NODE_ATTRIBUTE, _NODE_DOMAIN = 4, 5, 7
_ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH, _ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS = 5, 6, 10, 11
_ATTRIBUTE_SPARSE, _ATTRIBUTE_SPARSES = 22, 23
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_SPARSE = "sparse tensor"  # no operator, but refused like one: no mien network has any
_LARGEST_KEY = 0xFFFFFFFF
_DEEPEST = 8  # graphs within graphs; mien's own files have one


@dataclass
class Contents:
    """What an ONNX file holds: operator names, whether data lies outside the file, metadata strings."""

    operators: set[str] = field(default_factory=set)
    has_external_data: bool = False
    has_functions: bool = False
    metadata: dict[str, str] = field(default_factory=dict)


def read_contents(data: bytes, name: str) -> Contents:
    """Return the contents of an ONNX file given as bytes; ``name`` is what errors call it.

    Operators of other domains than ONNX's own appear as ``domain::operator``.

    Raises:
        ModelError: the bytes are not a well-formed ONNX model.
    """
    contents = Contents()
    try:
        graphs = 0
        for number, value in _fields(memoryview(data)):
            if number == _MODEL_GRAPH:
                graphs += 1
                _read_graph(_message(value), contents, 1)
            elif number == _MODEL_METADATA:
                entry = {key: _text(text) for key, text in _fields(_message(value))}
                contents.metadata[entry.get(1, "")] = entry.get(2, "")
            elif number == _MODEL_FUNCTIONS:
                contents.has_functions = True
    except (ValueError, IndexError) as error:
        message = f"{name}: not an ONNX model ({error}); give a model.onnx made by mien train or mien export"
        raise ModelError(message) from error
    if graphs != 1:
        message = f"{name}: not an ONNX model (no graph in it); give a model.onnx made by mien train or mien export"
        raise ModelError(message)
    return contents


def _read_graph(view: memoryview, contents: Contents, depth: int) -> None:
    if depth > _DEEPEST:
        message = f"graphs nested deeper than {_DEEPEST}"
        raise ValueError(message)
    for number, value in _fields(view):
        if number == _GRAPH_NODE:
            _read_node(_message(value), contents, depth)
        elif number == _GRAPH_INITIALIZER:
            _read_tensor(_message(value), contents)
        elif number == _GRAPH_SPARSE:
            contents.operators.add(_SPARSE)


def _read_node(view: memoryview, contents: Contents, depth: int) -> None:
    operator, domain = "", ""
    for number, value in _fields(view):
        if number == _NODE_OP:
            operator = _text(value)
        elif number == _NODE_DOMAIN:
            domain = _text(value)
        elif number == _NODE_ATTRIBUTE:
            for inner, part in _fields(_message(value)):
                if inner in (_ATTRIBUTE_GRAPH, _ATTRIBUTE_GRAPHS):
                    _read_graph(_message(part), contents, depth + 1)
                elif inner in (_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS):
                    _read_tensor(_message(part), contents)
                elif inner in (_ATTRIBUTE_SPARSE, _ATTRIBUTE_SPARSES):
                    contents.operators.add(_SPARSE)
    contents.operators.add(operator if domain in ("", "ai.onnx") else f"{domain}::{operator}")


def _read_tensor(view: memoryview, contents: Contents) -> None:
    for number, value in _fields(view):
        if number == _TENSOR_EXTERNAL or (number == _TENSOR_LOCATION and value != 0):
            contents.has_external_data = True


def _fields(view: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield (field number, value) of one message: an int for numbers, a view of the bytes for everything else."""
    position = 0
    while position < len(view):
        key, position = _varint(view, position)
        if not 8 <= key <= _LARGEST_KEY:  # other readers cut larger ones to 32 bits and would see another field
            message = "a field number out of range"
            raise ValueError(message)
        kind = key & 7
        if kind == _VARINT:
            value, position = _varint(view, position)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            length, position = _varint(view, position)
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
        else:
            message = f"unknown wire type {kind}"
            raise ValueError(message)
        if position + length > len(view):
            message = "the file ends too early"
            raise ValueError(message)
        yield key >> 3, view[position : position + length]
        position += length


def _varint(view: memoryview, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = view[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    message = "a number is too long"
    raise ValueError(message)


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        message = "a number where a message was expected"
        raise ValueError(message)
    return value


def _text(value: int | memoryview) -> str:
    return bytes(_message(value)).decode("utf-8")
