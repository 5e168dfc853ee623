"""The picture of a network: a box a layer, the main path read downwards, side paths beside it. Needs no graphviz."""

import io
from typing import Any

import keras
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from mien.training.graph_blocks import Block, read_blocks
from mien.training.graph_layout import lay_out
from mien.training.graph_routes import Box, Drawing, Point, Route, draw_up

_FILL_AND_EDGE = {  # tints and shades of colors that color-blind readers tell apart (Okabe and Ito 2008)
    "convolution": ("#d9ebf9", "#2a78b0"),
    "dense": ("#cfece1", "#007a58"),
    "pool": ("#fde6c4", "#b87700"),
    "merge": ("#f5dcea", "#a9497f"),
    "gate": ("#faf6c8", "#9a8c00"),
    "other": ("#f0f0f0", "#7a7a7a"),
}
_MAIN, _SIDE = "#2b2b2b", "#7d7d7d"  # color of the main path's arrows, of the others
_MARGIN, _HEAD, _NARROWEST = 0.3, 0.55, 4.4  # inches: around, for the title, of the picture
_TURN = 0.28  # radius of an arrow's turns in inches, where there is room
_LINE = 0.185  # between two lines of text in inches
_DPI = 110


def network_graph(model: keras.Model) -> bytes:
    """Return a PNG of a functional model's graph: layers, output shapes, parameters and every connection.

    What is folded into a box: ``graph_blocks``; the order: ``graph_layout``.

    Example:
        >>> network_graph(build("tiny", size=48, classes=7, dropout=0.2))[1:4]
        b'PNG'
    """
    blocks = read_blocks(model)
    drawing = draw_up(blocks, lay_out(blocks))
    axes = _paper(drawing, f"{model.name}: {model.count_params():,} parameters")
    for route in drawing.routes:
        _draw_route(axes, route)
    for fork in drawing.forks:
        axes.add_patch(Circle(fork, 0.045, color=_MAIN, zorder=3))
    for block, box in zip(blocks, drawing.boxes, strict=True):
        _draw_box(axes, block, box)
    picture = io.BytesIO()
    axes.figure.savefig(picture, dpi=_DPI, facecolor="white")
    return picture.getvalue()


def _paper(drawing: Drawing, title: str) -> Any:
    """Axes that fill a figure, a unit an inch, with the title on top."""
    width = max(drawing.right + 2 * _MARGIN, _NARROWEST)
    height = drawing.top - drawing.bottom + 2 * _MARGIN + _HEAD
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    left = (drawing.right - width) / 2
    axes.set_xlim(left, left + width)
    axes.set_ylim(drawing.bottom - _MARGIN, drawing.bottom - _MARGIN + height)
    middle = drawing.right / 2, drawing.top + _MARGIN + _HEAD / 2
    axes.text(*middle, title, ha="center", va="center", fontsize=14, fontweight="bold")
    return axes


def _draw_box(axes: Any, block: Block, box: Box) -> None:
    fill, edge = _FILL_AND_EDGE[block.kind]
    corner = box.x - box.width / 2, box.y - box.height / 2
    style = "round,pad=0,rounding_size=0.07"
    axes.add_patch(
        FancyBboxPatch(corner, box.width, box.height, style, facecolor=fill, edgecolor=edge, linewidth=1.1, zorder=2)
    )
    lines = [(block.title, "bold", 9, "#111"), (block.note, "normal", 8, "#222"), (block.size, "normal", 7.5, "#444")]
    shown = [line for line in lines if line[0]]
    for position, (text, weight, size, color) in enumerate(shown):
        y = box.y - 0.01 + _LINE * ((len(shown) - 1) / 2 - position)
        axes.text(box.x, y, text, ha="center", va="center", fontsize=size, fontweight=weight, color=color, zorder=4)


def _draw_route(axes: Any, route: Route) -> None:
    color, width, order = (_MAIN, 1.5, 1.5) if route.main else (_SIDE, 1.2, 1)
    head = "-|>,head_length=0.45,head_width=0.2"
    axes.add_patch(
        FancyArrowPatch(
            path=_rounded(route.points),
            arrowstyle=head,
            mutation_scale=11,
            color=color,
            linewidth=width,
            capstyle="butt",
            zorder=order,
        )
    )


def _rounded(points: tuple[Point, ...]) -> Path:
    """The way along points with its turns rounded, by less than half of the shorter leg."""
    path, codes = [points[0]], [Path.MOVETO]
    for before, turn, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_TURN, _length(before, turn) / 2, _length(turn, after) / 2)
        path += [_toward(turn, before, radius), turn, _toward(turn, after, radius)]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*path, points[-1]], [*codes, Path.LINETO])


def _length(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])  # legs are level or upright


def _toward(start: Point, end: Point, distance: float) -> Point:
    share = distance / _length(start, end)
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
