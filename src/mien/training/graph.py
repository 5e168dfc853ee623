"""The picture of a network: a box a layer, shortcuts drawn beside, in columns read downwards. Needs no graphviz."""

import io
from dataclasses import dataclass, field
from typing import Any

import keras
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

_ROWS = 16  # boxes a column
_WIDTH, _HEIGHT, _GAP_X, _GAP_Y = 3.0, 0.62, 1.15, 0.34
_FOLDED = {"BatchNormalization": "batch norm", "ReLU": "ReLU", "Dropout": "dropout", "Activation": "activation"}
_COLORS = {
    "Conv2D": "#cfe3f5",
    "Dense": "#d9ead3",
    "MaxPooling2D": "#fce5cd",
    "GlobalAveragePooling2D": "#fce5cd",
    "Add": "#ead7ee",
    "Multiply": "#ead7ee",
}
_PLAIN = "#f1f1f1"


@dataclass
class _Block:
    """A box: a layer and the normalisation, activation and dropout that follow it."""

    lines: list[str]
    color: str
    shape: tuple[Any, ...]
    parameters: int
    inputs: list[int] = field(default_factory=list)


def network_graph(model: keras.Model) -> bytes:
    """Return a PNG of the network's graph: layer, output shape, parameters, and every connection."""
    blocks = _blocks(model)
    columns = -(-len(blocks) // _ROWS)
    rows = min(len(blocks), _ROWS)
    figure = Figure(figsize=(columns * (_WIDTH + _GAP_X) + 0.6, rows * (_HEIGHT + _GAP_Y) + 1.0), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_title(f"{model.name}: {model.count_params():,} parameters", fontsize=13, fontweight="bold")
    for position, block in enumerate(blocks):
        _draw_block(axes, position, block)
        for source in block.inputs:
            _draw_arrow(axes, source, position)
    axes.set_xlim(-0.6, columns * (_WIDTH + _GAP_X))
    axes.set_ylim(-rows * (_HEIGHT + _GAP_Y), 0.2)
    picture = io.BytesIO()
    figure.savefig(picture, dpi=110, facecolor="white")
    return picture.getvalue()


def _blocks(model: keras.Model) -> list[_Block]:
    blocks: list[_Block] = []
    home: dict[int, int] = {}  # tensor -> number of the block that makes it
    uses = _uses(model)
    for layer in model.layers:
        tensors = [] if isinstance(layer, keras.layers.InputLayer) else _listed(layer.input)
        kind = type(layer).__name__
        source = home.get(id(tensors[0])) if tensors else None
        if kind in _FOLDED and source == len(blocks) - 1 and uses[id(tensors[0])] == 1:
            block = blocks[-1]
            block.lines[0] += f" + {_FOLDED[kind]}"
            block.parameters += layer.count_params()
        else:
            inputs = [home[id(tensor)] for tensor in tensors]
            shape = tuple(layer.output.shape)[1:]
            blocks.append(_Block([_title(layer)], _COLORS.get(kind, _PLAIN), shape, layer.count_params(), inputs))
        home[id(layer.output)] = len(blocks) - 1
    return blocks


def _uses(model: keras.Model) -> dict[int, int]:
    uses: dict[int, int] = {}
    for layer in model.layers:
        if not isinstance(layer, keras.layers.InputLayer):
            for tensor in _listed(layer.input):
                uses[id(tensor)] = uses.get(id(tensor), 0) + 1
    return uses


def _listed(tensors: Any) -> list[Any]:
    return list(tensors) if isinstance(tensors, list | tuple) else [tensors]


def _title(layer: keras.Layer) -> str:
    kind = type(layer).__name__
    if kind == "Conv2D":
        height, width = layer.kernel_size
        stride = f" / {layer.strides[0]}" if layer.strides[0] > 1 else ""
        return f"conv {height}×{width}{stride}"
    names = {
        "InputLayer": "faces (pixel values 0-255)",
        "GlobalAveragePooling2D": "global average",
        "MaxPooling2D": "max pool 2×2",
        "Dense": "logits" if layer.name == "logits" else "dense",
    }
    return names.get(kind, _FOLDED.get(kind, kind.lower()))


def _corner(position: int) -> tuple[float, float]:
    column, row = divmod(position, _ROWS)
    return column * (_WIDTH + _GAP_X), -(row + 1) * (_HEIGHT + _GAP_Y) + _GAP_Y


def _draw_block(axes: Any, position: int, block: _Block) -> None:
    x, y = _corner(position)
    style = "round,pad=0,rounding_size=0.08"
    axes.add_patch(
        FancyBboxPatch((x, y), _WIDTH, _HEIGHT, style, facecolor=block.color, edgecolor="#555", linewidth=0.8)
    )
    axes.text(x + _WIDTH / 2, y + _HEIGHT * 0.66, block.lines[0], ha="center", va="center", fontsize=8.5)
    below = "×".join(str(side) for side in block.shape)
    if block.parameters:
        below += f"   ·   {block.parameters:,} parameters"
    axes.text(x + _WIDTH / 2, y + _HEIGHT * 0.27, below, ha="center", va="center", fontsize=7.5, color="#444")


def _draw_arrow(axes: Any, source: int, target: int) -> None:
    (x0, y0), (x1, y1) = _corner(source), _corner(target)
    if target == source + 1 and x0 == x1:
        start, end, bend = (x0 + _WIDTH / 2, y0), (x1 + _WIDTH / 2, y1 + _HEIGHT), "arc3"
    elif x0 == x1:  # a shortcut, beside its column
        start, end, bend = (x0 + _WIDTH, y0 + _HEIGHT / 2), (x1 + _WIDTH, y1 + _HEIGHT / 2), "arc3,rad=-0.35"
    else:  # on to the next column
        start, end, bend = (x0 + _WIDTH, y0 + _HEIGHT / 2), (x1, y1 + _HEIGHT / 2), "arc3,rad=0.05"
    arrow = FancyArrowPatch(
        start, end, arrowstyle="-|>", mutation_scale=9, connectionstyle=bend, color="#666", linewidth=0.9
    )
    axes.add_patch(arrow)
