"""The lines of a network's picture: where its boxes and arrows are, in inches, x to the right and y up."""

from collections.abc import Sequence
from dataclasses import dataclass

from mien.training.graph_blocks import Block
from mien.training.graph_layout import Layout

_HEIGHT, _PITCH = 0.72, 1.06  # of a box; from row to row
_BESIDE = 0.5  # between the main path and a side path
_ARC = 0.36  # from a box to the shortcut around it
_BETWEEN = 0.8  # between two columns
_AROUND = 0.32  # between a column and the arrow below and above it
_LETTER, _INSET = 0.073, 0.24  # width of a letter; of a box's margins
_NARROWEST = 1.9

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle around ``x, y``; side arrows end in its upper half and start in its lower."""

    x: float
    y: float
    width: float
    height: float

    @property
    def top(self) -> Point:
        """Where arrows from above end."""
        return self.x, self.y + self.height / 2

    @property
    def bottom(self) -> Point:
        """Where arrows downwards start."""
        return self.x, self.y - self.height / 2

    def end(self, toward: float) -> Point:
        """Where arrows that come from the side of x = ``toward`` end."""
        return self._edge(toward), self.y + self.height * 0.22

    def start(self, toward: float) -> Point:
        """Where arrows to the side of x = ``toward`` start."""
        return self._edge(toward), self.y - self.height * 0.22

    def _edge(self, toward: float) -> float:
        return self.x + self.width / 2 * (1 if toward > self.x else -1)


@dataclass(frozen=True)
class Route:
    """An arrow along points; ``main`` if it is a step of the main path."""

    points: tuple[Point, ...]
    main: bool


@dataclass(frozen=True)
class Drawing:
    """Everything to draw: a box a block, arrows, dots where an arrow to a column forks; x goes from 0 to ``right``."""

    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]
    forks: tuple[Point, ...]
    right: float
    bottom: float
    top: float


@dataclass(frozen=True)
class _Column:
    """Where a column's lanes are: x of the middle of its boxes and of its shortcuts, by lane."""

    right: float
    boxes: dict[int, float]
    arcs: dict[int, float]


def draw_up(blocks: Sequence[Block], layout: Layout) -> Drawing:
    """Turn places into boxes and arrows."""
    width = _box_width(blocks)
    columns = _columns(layout, width)
    boxes = tuple(
        Box(columns[place.column].boxes[place.lane], -place.row * _PITCH, width, _HEIGHT) for place in layout.places
    )
    forks = _forks(blocks, layout, columns)
    steps = set(zip(layout.main, layout.main[1:], strict=False))
    routes = []
    for edge in [(source, target) for target, block in enumerate(blocks) for source in block.sources]:
        start, end = (boxes[number] for number in edge)
        here, there = (layout.places[number].column for number in edge)
        if here == there or edge not in steps:
            column = columns[there]
            points = _points(start if here == there else forks[there], end, column, layout.arcs.get(edge))
        else:
            below = min(box.bottom[1] for box, place in zip(boxes, layout.places, strict=True) if place.column == here)
            points = _onward(start, end, (columns[here].right, below), forks=there in forks)
        routes.append(Route(points, edge in steps))
    dots = tuple(fork.top for fork in forks.values())
    heights = [y for route in routes for _, y in route.points] + [
        y for box in boxes for y in (box.top[1], box.bottom[1])
    ]
    return Drawing(boxes, tuple(routes), dots, columns[-1].right, min(heights), max(heights))


def _box_width(blocks: Sequence[Block]) -> float:
    """The width that holds the longest line of text."""
    letters = max(max(len(block.title) * 1.15, len(block.note), len(block.size) * 0.95) for block in blocks)
    return max(_NARROWEST, letters * _LETTER + _INSET)


def _columns(layout: Layout, width: float) -> list[_Column]:
    columns: list[_Column] = []
    left = 0.0
    for number in range(1 + max(place.column for place in layout.places)):
        lanes = {place.lane for place in layout.places if place.column == number}
        arcs = {lane for (_, target), lane in layout.arcs.items() if layout.places[target].column == number}
        reach = {side: _reach(lanes, arcs, width, side) for side in (-1, 1)}
        middle = left + reach[-1].right
        boxes = {lane: middle + x for side in (-1, 1) for lane, x in reach[side].boxes.items()}
        bends = {lane: middle + x for side in (-1, 1) for lane, x in reach[side].arcs.items()}
        columns.append(_Column(middle + reach[1].right, boxes, bends))
        left = columns[-1].right + _BETWEEN
    return columns


def _reach(lanes: set[int], arcs: set[int], width: float, side: int) -> _Column:
    """The lanes on one side of a main path at x = 0; ``right`` is how far they reach."""
    edge = width / 2
    boxes, bends = {0: 0.0}, {}
    for step in range(1, 1 + max((side * lane for lane in lanes | arcs), default=0)):
        bends[side * step] = side * (edge + _ARC)
        if side * step in lanes:
            boxes[side * step] = side * (edge + _BESIDE + width / 2)
            edge += _BESIDE + width
        else:
            edge += _ARC
    return _Column(edge, boxes, bends)


def _forks(blocks: Sequence[Block], layout: Layout, columns: Sequence[_Column]) -> dict[int, Box]:
    """By column, the point above it where what comes from the column before forks, if more than one block reads it."""
    places = layout.places
    entering = [
        places[target].column
        for target, block in enumerate(blocks)
        for source in block.sources
        if places[source].column < places[target].column
    ]
    height = _HEIGHT / 2 + _AROUND
    return {column: Box(columns[column].boxes[0], height, 0, 0) for column in entering if entering.count(column) > 1}


def _points(start: Box, end: Box, column: _Column, lane: int | None) -> tuple[Point, ...]:
    """The way inside a column: around by a shortcut's lane, straight down, out to a side path, or back in from one."""
    if lane is not None:
        bend = column.arcs[lane]
        first, last = start.start(bend), end.end(bend)
        return first, (bend, first[1]), (bend, last[1]), last
    if start.x == end.x:
        return start.bottom, end.top
    middle = column.boxes[0]
    if abs(end.x - middle) > abs(start.x - middle):
        first = start.start(end.x)
        return first, (end.x, first[1]), end.top
    last = end.end(start.x)
    return start.bottom, (start.x, last[1]), last


def _onward(start: Box, end: Box, corner: Point, *, forks: bool) -> tuple[Point, ...]:
    """The way to the next column: below all of this one, whose lower right is ``corner``, and up between the two."""
    x, below, above = corner[0] + _BETWEEN / 2, corner[1] - _AROUND, end.top[1] + _AROUND * (2 if forks else 1)
    return start.bottom, (start.x, below), (x, below), (x, above), (end.x, above), end.top
