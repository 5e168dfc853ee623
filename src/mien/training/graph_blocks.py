"""What the picture of a network shows: blocks, each a layer and the normalisation, activation and dropout after it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras

from mien.training.models import INPUT, LOGITS

_TITLES = {
    "GlobalAveragePooling2D": "global average",
    "Flatten": "flatten",
    "Dense": "dense",
    "Add": "add",
    "Multiply": "multiply",
    "Concatenate": "concatenate",
    "Rescaling": "rescaling",
    "BatchNormalization": "batch norm",
    "ReLU": "ReLU",
}
_CONVOLUTIONS = {"Conv2D": "conv", "DepthwiseConv2D": "depthwise conv", "SeparableConv2D": "separable conv"}
_POOLS = {"MaxPooling2D": "max pool", "AveragePooling2D": "average pool"}
_FOLDED = {"BatchNormalization", "ReLU", "Activation", "Dropout", "SpatialDropout2D"}
_KINDS = {
    **dict.fromkeys(_CONVOLUTIONS, "convolution"),
    **dict.fromkeys([*_POOLS, "GlobalAveragePooling2D", "GlobalMaxPooling2D"], "pool"),
    **dict.fromkeys(["Add", "Multiply", "Concatenate", "Average", "Maximum"], "merge"),
    "Dense": "dense",
}


@dataclass(frozen=True)
class Block:
    """A box of the picture.

    Attributes:
        title: what it is, such as ``conv 3×3, stride 2``.
        note: what is folded in, such as ``+ batch norm + ReLU``; may be empty.
        kind: ``convolution``, ``dense``, ``pool``, ``merge``, ``gate`` or ``other``; decides the color.
        shape: of its output, without the batch; None is any.
        parameters: how many it holds, those folded in included.
        sources: numbers of the blocks it reads, all smaller than its own.
    """

    title: str
    note: str
    kind: str
    shape: tuple[int | None, ...]
    parameters: int
    sources: tuple[int, ...]

    @property
    def size(self) -> str:
        """Output shape and parameters, such as ``24×24×48 · 14,016 parameters``."""
        shape = _times("?" if side is None else side for side in self.shape)
        if len(self.shape) > 1 and set(self.shape[:-1]) == {None}:  # pictures of any size
            shape = "1 channel" if self.shape[-1] == 1 else f"{self.shape[-1]} channels"
        return f"{shape}  ·  {self.parameters:,} parameters" if self.parameters else shape


def read_blocks(model: keras.Model) -> tuple[Block, ...]:
    """Return the blocks of a functional or sequential model, each after those it reads.

    Normalisation, activation and dropout join the block before them if nothing else reads it; so does a
    squeeze-excite's average and two small layers become one block.

    Example:
        >>> [block.title for block in read_blocks(build("tiny", size=48, classes=7, dropout=0.2))][:3]
        ['faces', 'rescaling', 'conv 3×3, stride 2']
    """
    home: dict[int, int] = {}  # tensor -> number of the group that makes it
    groups: list[list[Any]] = []
    operations = keras.Function(model.inputs, model.outputs).operations
    uses = Counter(id(tensor) for operation in operations for tensor in _inputs(operation))
    uses.update(id(tensor) for tensor in model.outputs)
    for operation in operations:
        inputs = _inputs(operation)
        if type(operation).__name__ in _FOLDED and uses[id(inputs[0])] == 1:
            number = home[id(inputs[0])]
            groups[number].append(operation)
        else:
            number = len(groups)
            groups.append([operation])
        home.update({id(tensor): number for tensor in _tensors(operation.output)})
    return _fold_gates([_block(group, [home[id(tensor)] for tensor in _inputs(group[0])]) for group in groups])


def _tensors(nested: Any) -> list[Any]:
    return list(keras.tree.flatten(nested))


def _inputs(operation: Any) -> list[Any]:
    return [] if isinstance(operation, keras.layers.InputLayer) else _tensors(operation.input)


def _block(group: Sequence[Any], sources: Iterable[int]) -> Block:
    first, *folded = group
    words = [word for word in (_activation(first), *map(_title, folded)) if word]
    note = " ".join([_detail(first), *(f"+ {word}" for word in words)]).strip()
    kind = _KINDS.get(type(first).__name__, "other")
    shape = tuple(_tensors(group[-1].output)[0].shape)[1:]
    parameters = sum(layer.count_params() for layer in group if isinstance(layer, keras.layers.Layer))
    return Block(_title(first), note, kind, shape, parameters, tuple(dict.fromkeys(sources)))


def _title(layer: Any) -> str:
    kind = type(layer).__name__
    if kind in _CONVOLUTIONS:
        stride = f", stride {layer.strides[0]}" if max(layer.strides) > 1 else ""
        return f"{_CONVOLUTIONS[kind]} {_times(layer.kernel_size)}{stride}"
    if kind in _POOLS:
        stride = "" if layer.strides == layer.pool_size else f", stride {layer.strides[0]}"
        return f"{_POOLS[kind]} {_times(layer.pool_size)}{stride}"
    if kind == "Activation":
        return _activation(layer) or "linear"
    if kind in ("Dropout", "SpatialDropout2D"):
        return f"dropout {layer.rate:g}"
    return str(layer.name) if kind == "InputLayer" else _TITLES.get(kind, kind)


def _detail(layer: Any) -> str:
    """What a title leaves out."""
    kind = type(layer).__name__
    if kind == "InputLayer" and layer.name == INPUT:
        return "pixel values 0-255" + (", any size" if layer.output.shape[1] is None else "")
    if kind == "Rescaling" and isinstance(layer.scale, float) and 0 < layer.scale < 1:
        sign = "−" if layer.offset < 0 else "+"
        return f"x ÷ {1 / layer.scale:g}" + (f" {sign} {abs(layer.offset):g}" if layer.offset else "")
    return "logits" if layer.name == LOGITS else ""


def _activation(layer: Any) -> str:
    name = getattr(getattr(layer, "activation", None), "__name__", "linear")
    return {"linear": "", "relu": "ReLU"}.get(name, name)


def _times(sides: Iterable[Any]) -> str:
    return "×".join(map(str, sides))


def _fold_gates(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Make one block of each squeeze-excite: what is between a tensor and the product with its own channel averages."""
    readers = Counter(source for block in blocks for source in block.sources)
    gone: dict[int, Block] = {}  # last block of a gate -> what takes its place
    dropped: set[int] = set()
    for block in blocks:
        if block.title != "multiply" or len(block.sources) != 2:
            continue
        for gated, last in (block.sources, block.sources[::-1]):
            chain = _gate(blocks, readers, last)
            if len(chain) > 1 and blocks[chain[0]].sources == (gated,):
                gone[last] = _folded_gate([blocks[number] for number in chain])
                dropped.update(chain[:-1])
    kept = [number for number in range(len(blocks)) if number not in dropped]
    new = {number: position for position, number in enumerate(kept)}
    chosen = [gone.get(number, blocks[number]) for number in kept]
    return tuple(replace(block, sources=tuple(new[source] for source in block.sources)) for block in chosen)


def _gate(blocks: Sequence[Block], readers: Counter[int], last: int) -> list[int]:
    """The blocks from a global average down to ``last`` that only each other read; none if there is no average."""
    chain = [last]
    while blocks[chain[0]].title != "global average":
        sources = blocks[chain[0]].sources
        if len(sources) != 1 or readers[chain[0]] != 1:
            return []
        chain.insert(0, sources[0])
    return chain if readers[chain[0]] == 1 else []


def _folded_gate(chain: Sequence[Block]) -> Block:
    steps = [f"{block.shape[-1]} {block.note.removeprefix('+ ')}".strip() for block in chain[1:]]
    parameters = sum(block.parameters for block in chain)
    note = " → ".join(["average", *steps])
    return Block("squeeze-excite", note, "gate", chain[-1].shape, parameters, chain[0].sources)
