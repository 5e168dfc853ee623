from functools import partial
from itertools import combinations, pairwise

import keras
import pytest

from mien.training.graph_blocks import read_blocks
from mien.training.graph_layout import lay_out
from mien.training.graph_routes import Box, Drawing, Point, draw_up
from tests.training.networks import NAMES, branching, network, pre_activated, two_in_two_out

MODELS = {
    **{name: partial(network, name) for name in NAMES},
    "compact, any size": partial(network, "compact", None),
    "pre-activated": partial(pre_activated, 20),
    "branching": branching,
    "two in, two out": two_in_two_out,
}


def drawn(model: keras.Model) -> Drawing:
    blocks = read_blocks(model)
    return draw_up(blocks, lay_out(blocks))


def overlap(a: Box, b: Box) -> bool:
    return abs(a.x - b.x) < (a.width + b.width) / 2 and abs(a.y - b.y) < (a.height + b.height) / 2


def crosses(start: Point, end: Point, box: Box) -> bool:
    """Whether a level or upright line enters a box; touching its edge is not entering."""
    (left, right), (bottom, top) = sorted((start[0], end[0])), sorted((start[1], end[1]))
    hair = 1e-9
    return (
        left < box.x + box.width / 2 - hair
        and right > box.x - box.width / 2 + hair
        and bottom < box.y + box.height / 2 - hair
        and top > box.y - box.height / 2 + hair
    )


@pytest.mark.parametrize("name", MODELS)
def test_boxes_do_not_overlap_and_arrows_do_not_cross_them(name: str) -> None:
    drawing = drawn(MODELS[name]())
    assert not any(overlap(a, b) for a, b in combinations(drawing.boxes, 2))
    for route in drawing.routes:
        for start, end in pairwise(route.points):
            assert not any(crosses(start, end, box) for box in drawing.boxes)
            assert all(0 <= x <= drawing.right and drawing.bottom <= y <= drawing.top for x, y in (start, end))


@pytest.mark.parametrize("name", MODELS)
def test_every_connection_is_an_arrow_between_the_edges_of_two_boxes(name: str) -> None:
    blocks = read_blocks(MODELS[name]())
    drawing = draw_up(blocks, lay_out(blocks))
    edges = [(source, target) for target, block in enumerate(blocks) for source in block.sources]
    for (source, target), route in zip(edges, drawing.routes, strict=True):
        assert on_edge(route.points[-1], drawing.boxes[target])
        assert on_edge(route.points[0], drawing.boxes[source]) or route.points[0] in drawing.forks


def on_edge(point: Point, box: Box) -> bool:
    x, y = abs(point[0] - box.x) - box.width / 2, abs(point[1] - box.y) - box.height / 2
    return abs(max(x, y)) < 1e-9


def test_an_arrow_to_another_column_forks_where_a_shortcut_starts_with_it() -> None:
    assert len(drawn(network("compact")).forks) == 1
    assert drawn(network("reference")).forks == ()
