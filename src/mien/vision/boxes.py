"""Boxes ``(x, y, width, height)`` in pixels: how far they cover each other, which to keep, where they end."""

from collections.abc import Sequence

from mien.results import Box

_SAME = 0.5  # of the smaller box, inside the other: both show one face


def overlap(one: Box, other: Box) -> float:
    """Return intersection over union of two boxes, 0-1.

    Example:
        >>> overlap((0, 0, 10, 10), (0, 5, 10, 10))
        0.3333333333333333
    """
    both = pixels_shared(one, other)
    return both / (one[2] * one[3] + other[2] * other[3] - both)


def apart(boxes: Sequence[Box]) -> list[Box]:
    """Return the boxes without those that lie at least half in (or around) an earlier one: give the best first.

    Example:
        >>> apart([(0, 0, 20, 20), (2, 2, 10, 10), (50, 0, 20, 20)])
        [(0, 0, 20, 20), (50, 0, 20, 20)]
    """
    kept: list[Box] = []
    for box in boxes:
        if all(pixels_shared(box, other) < _SAME * min(box[2] * box[3], other[2] * other[3]) for other in kept):
            kept.append(box)
    return kept


def scaled(box: Box, factor: float) -> Box:
    """Return a box in a picture ``factor`` times as large, in whole pixels."""
    x, y, width, height = (round(value * factor) for value in box)
    return x, y, width, height


def largest_first(boxes: Sequence[Box], width: int, height: int) -> list[Box]:
    """Return the boxes cut at the edges of a picture, largest first, without those of which nothing is left."""
    inside = []
    for x, y, w, h in boxes:
        left, top, right, bottom = max(0, x), max(0, y), min(x + w, width), min(y + h, height)
        if left < right and top < bottom:
            inside.append((left, top, right - left, bottom - top))
    return sorted(inside, key=lambda box: (-box[2] * box[3], box))


def pixels_shared(one: Box, other: Box) -> int:
    """Return how many pixels both boxes cover.

    Example:
        >>> pixels_shared((0, 0, 10, 10), (5, 5, 10, 10))
        25
    """
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0, width) * max(0, height)
