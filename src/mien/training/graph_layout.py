"""Where the blocks of a network's picture stand: the main path straight down, side paths beside it, in columns."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mien.training.graph_blocks import Block

_ROWS = 16  # of a column, about
_ROOM = 0.5  # rows that a side path needs besides one a block, for its arrows
_AWKWARD = 1.5  # rows out of balance that a break after an add or a pool is worth


@dataclass(frozen=True)
class Place:
    """Where a block stands: lane 0 is the main path, -1, -2 ... left of it, 1, 2 ... right of it; row 0 is on top."""

    column: int
    lane: int
    row: float


@dataclass(frozen=True)
class Layout:
    """Where everything stands.

    Attributes:
        places: of each block.
        main: the blocks of the main path, from input to output.
        arcs: the lane of each shortcut from block to block of the main path, ``(from, to) -> lane``.
    """

    places: tuple[Place, ...]
    main: tuple[int, ...]
    arcs: dict[tuple[int, int], int]


@dataclass(frozen=True)
class _Detour:
    """What stands beside the main path from one row to another: a side path, or a shortcut, which has no blocks."""

    start: float
    end: float
    right: bool
    blocks: tuple[int, ...] = ()
    edge: tuple[int, int] | None = None


def lay_out(blocks: Sequence[Block]) -> Layout:
    """Place the blocks so that no two are in the same spot and every connection goes down or to the next column."""
    main = main_path(blocks)
    rows = {number: float(row) for row, number in enumerate(main)}
    paths = _side_paths(blocks, main)
    for path in paths:
        _place_path(blocks, path, rows)
    top = min(rows.values())
    rows = {number: row - top for number, row in rows.items()}
    detours = [_side_detour(blocks, path, rows) for path in paths]
    detours += [_Detour(rows[s], rows[t], right=False, edge=(s, t)) for s, t in _shortcuts(blocks, main)]
    lanes = _lanes(detours)
    lane = {number: lanes[detour] for detour in detours for number in detour.blocks}
    tops = _column_tops(blocks, main, rows)
    places = []
    for number in range(len(blocks)):
        column = sum(rows[number] >= first for first in tops[1:])
        places.append(Place(column, lane.get(number, 0), rows[number] - tops[column]))
    return Layout(tuple(places), main, {detour.edge: lanes[detour] for detour in detours if detour.edge})


def main_path(blocks: Sequence[Block]) -> tuple[int, ...]:
    """Return the longest way from input to output; where a tensor meets what scales it, the way of the tensor."""
    depth: list[int] = []
    for block in blocks:
        depth.append(1 + max((depth[source] for source in block.sources), default=0))
    path = [depth.index(max(depth))]
    while sources := blocks[path[-1]].sources:
        shape = blocks[path[-1]].shape
        path.append(max(sources, key=lambda source: (blocks[source].shape == shape, depth[source])))
    return tuple(reversed(path))


def _readers(blocks: Sequence[Block], number: int) -> list[int]:
    return [reader for reader, block in enumerate(blocks) if number in block.sources]


def _shortcuts(blocks: Sequence[Block], main: Sequence[int]) -> list[tuple[int, int]]:
    """The connections inside the main path that leave out blocks of it."""
    before = dict(zip(main[1:], main, strict=False))
    return [(s, t) for t in main for s in blocks[t].sources if s in main and s != before[t]]


def _side_paths(blocks: Sequence[Block], main: Sequence[int]) -> list[tuple[int, ...]]:
    """The rest of the blocks as chains; a chain reads the main path or chains before it."""
    paths = []
    left = [number for number in range(len(blocks)) if number not in main]
    while left:
        path = [left.pop(0)]
        while following := [reader for reader in _readers(blocks, path[-1]) if reader in left]:
            left.remove(following[0])
            path.append(following[0])
        paths.append(tuple(path))
    return paths


def _span(blocks: Sequence[Block], path: Sequence[int], rows: dict[int, float]) -> tuple[float, float]:
    """The rows a side path goes from and to; a row a block where it comes from nothing or goes nowhere."""
    sources = [rows[source] for source in blocks[path[0]].sources if source in rows]
    readers = [rows[reader] for reader in _readers(blocks, path[-1]) if reader in rows]
    need = len(path) + _ROOM
    if sources:
        return max(sources), min(readers, default=max(sources) + need)
    end = min(readers, default=need)
    return end - need, end


def _place_path(blocks: Sequence[Block], path: Sequence[int], rows: dict[int, float]) -> None:
    """Give the path's blocks rows in the middle of its span, and move all below down where that is too short."""
    start, end = _span(blocks, path, rows)
    missing = len(path) + _ROOM - (end - start)
    if missing > 0:
        for number, row in rows.items():
            rows[number] = row + missing if row >= end else row
        end += missing
    first = (start + end - len(path) + 1) / 2
    rows.update({number: first + position for position, number in enumerate(path)})


def _side_detour(blocks: Sequence[Block], path: tuple[int, ...], rows: dict[int, float]) -> _Detour:
    start, end = _span(blocks, path, rows)
    scales = any(blocks[reader].title == "multiply" for reader in _readers(blocks, path[-1]))
    return _Detour(start, end, right=scales, blocks=path)


def _lanes(detours: Iterable[_Detour]) -> dict[_Detour, int]:
    """Give each the nearest lane that is free for all of its rows, short ones first so that long ones go around."""
    lanes: dict[_Detour, int] = {}
    for detour in sorted(detours, key=lambda detour: (detour.end - detour.start, detour.start)):
        side = 1 if detour.right else -1
        taken = {lanes[other] for other in lanes if other.start < detour.end and detour.start < other.end}
        lanes[detour] = next(side * step for step in range(1, len(lanes) + 2) if side * step not in taken)
    return lanes


def _column_tops(blocks: Sequence[Block], main: Sequence[int], rows: dict[int, float]) -> list[float]:
    """The row each column starts with: columns of about the same height, broken where one tensor goes on."""
    height = max(rows.values()) + 1
    columns = math.ceil(height / _ROWS)
    breaks = {rows[main[i + 1]]: blocks[main[i]].kind for i in range(len(main) - 1) if _breaks(blocks, main, rows, i)}
    tops = [0.0]
    for column in range(1, columns):
        ideal = height * column / columns
        cost = {
            row: abs(row - ideal) + (0 if kind in ("merge", "pool") else _AWKWARD)
            for row, kind in breaks.items()
            if row > tops[-1]
        }
        if cost:
            tops.append(min(cost, key=cost.__getitem__))
    return tops


def _breaks(blocks: Sequence[Block], main: Sequence[int], rows: dict[int, float], position: int) -> bool:
    """Whether all that goes on below this block of the main path is what this block makes."""
    here, below = rows[main[position]], rows[main[position + 1]]
    if any(here < row < below and number not in main for number, row in rows.items()):
        return False
    return all(
        source == main[position]
        for number, block in enumerate(blocks)
        for source in block.sources
        if rows[source] <= here and rows[number] >= below
    )
