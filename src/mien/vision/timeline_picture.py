"""Drawing a timeline: one lane a track, the probabilities of its expressions stacked over time."""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil

import cv2
import numpy as np

from mien.pictures import Picture
from mien.vision.draw import Color, class_color, text_width, write_text
from mien.vision.timeline import COLUMNS, Presence, Timeline

_MOST_LANES = 12
_LEFT, _RIGHT, _GAP = 150, 30, 22  # pixels
_LANE, _TITLE, _AXIS = 110, 96, 56
_TEXT, _SMALL = 22, 18  # heights
_INK: Color = (50, 50, 50)
_PALE: Color = (242, 242, 242)
_LINE: Color = (215, 215, 215)
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200)  # seconds between two ticks
_TICKS = 12  # at most


def draw_timeline(timeline: Timeline, title: str) -> Picture:
    """Return a picture of what each track of a video showed over time.

    The longest tracks have a lane each, in the order in which they came. A lane is filled where its face was there;
    the height of a colour is the probability of an expression.

    Args:
        timeline: what was gathered.
        title: the video's name.

    Returns:
        BGR uint8 ``(height, width, 3)``.

    Example:
        >>> cv2.imwrite("timeline.png", draw_timeline(timeline, "clip.mp4"))
    """
    present = timeline.presences()
    longest = sorted(present, key=lambda one: -one.frames)[:_MOST_LANES]
    lanes = [one for one in present if one in longest]
    height = _TITLE + max(1, len(lanes)) * (_LANE + _GAP) + _AXIS
    image = np.full((height, _LEFT + COLUMNS + _RIGHT, 3), 255, np.uint8)
    _write(image, _shortened(title, COLUMNS), (_LEFT, 16), _TEXT)
    _draw_legend(image, timeline.labels)
    _draw_axis(image, timeline, len(lanes))
    for number, one in enumerate(lanes):
        _draw_lane(image, timeline, one, _TITLE + number * (_LANE + _GAP))
    left_out = len(present) - len(lanes)
    note = f"and {left_out} shorter tracks" if left_out else "" if lanes else "no face found"
    _write(image, note, (_LEFT, _TITLE + _LANE // 2 if not lanes else height - _SMALL - 4), _SMALL)
    return image


def _draw_legend(image: Picture, labels: Sequence[str]) -> None:
    x = _LEFT
    for position, label in enumerate(labels):
        if x + 20 + text_width(label, _SMALL) > image.shape[1]:
            return
        image[56:70, x : x + 14] = class_color(label, position)
        _write(image, label, (x + 20, 54), _SMALL)
        x += 20 + text_width(label, _SMALL) + 24


def _draw_axis(image: Picture, timeline: Timeline, lanes: int) -> None:
    start, length = timeline.start, timeline.length + timeline.step
    bottom = _TITLE + max(1, lanes) * (_LANE + _GAP) - _GAP
    for number in range(lanes):
        top = _TITLE + number * (_LANE + _GAP)
        image[top : top + _LANE, _LEFT : _LEFT + COLUMNS] = _PALE
    step = next((step for step in _STEPS if length / step <= _TICKS), length)
    for number in range(ceil(start / step), int((start + length) / step) + 1):
        x = _LEFT + min(COLUMNS - 1, round((number * step - start) / length * COLUMNS))
        image[_TITLE : bottom + 6, x] = _LINE
        text = _clock(number * step, step)
        _write(image, text, (x - text_width(text, _SMALL) // 2, bottom + 10), _SMALL)


def _draw_lane(image: Picture, timeline: Timeline, one: Presence, top: int) -> None:
    _write(image, f"track {one.track}", (16, top + 14), _TEXT)
    best = max(one.shares, key=lambda label: one.shares[label])
    _write(image, f"{one.shares[best]:.0%} {best}", (16, top + 44), _SMALL)
    _write(image, f"{one.frames} frames", (16, top + 70), _SMALL)
    across = COLUMNS / (timeline.length / timeline.step + 1)  # pixels a column
    reach = max(1, ceil(1.5 * timeline.interval / timeline.step))  # columns that a frame fills, where frames are rare
    following = [*list(one.columns)[1:], max(one.columns) + 1]
    for (number, values), after in zip(one.columns.items(), following, strict=True):
        left = _LEFT + round(number * across)
        right = max(left + 1, _LEFT + round((after if after - number <= reach else number + 1) * across))
        edges = np.rint(np.cumsum([0.0, *values]) / max(values.sum(), 1e-9) * _LANE).astype(int)
        for position, (low, high) in enumerate(pairwise(edges)):
            color = class_color(timeline.labels[position], position)
            image[top + _LANE - high : top + _LANE - low, left : min(right, _LEFT + COLUMNS)] = color
    cv2.rectangle(image, (_LEFT, top), (_LEFT + COLUMNS - 1, top + _LANE - 1), _LINE, 1)


def _clock(seconds: float, step: float) -> str:
    """Return a time as people write it: 0.4 s, 12 s, 1:30, 1:05:00."""
    if step < 1:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60 and step < 60:
        return f"{whole} s"
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _shortened(text: str, width: int) -> str:
    while text_width(text, _TEXT) > width:
        text = f"...{text[4:]}"
    return text


def _write(image: Picture, text: str, corner: tuple[int, int], height: int) -> None:
    if text:
        write_text(image, text, corner, height, _INK)
