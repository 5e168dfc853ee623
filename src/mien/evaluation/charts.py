"""Drawings for the report's page: SVG that takes its colours from the page, so that it follows light and dark."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mien.evaluation.calibration import Bin
from mien.evaluation.curves import POINTS, Curve
from mien.evaluation.history import History, best_row, curve
from mien.html import CARDS, Html, text

_WIDTH, _HEIGHT = 340, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 20, 26, 42
_CONTRAST = 3.0  # of a line with what is behind it, at least: WCAG 2.1, 1.4.11
_STRIP = 44  # height of the strip that counts pictures
_STEPS = (1, 2, 2.5, 5, 10)
_NAMES = {"loss": "Loss", "accuracy": "Accuracy", "auc": "AUC"}


@dataclass(frozen=True)
class _Axes:
    """Data coordinates to drawing coordinates."""

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    height: int = _HEIGHT

    def x(self, value: float) -> float:
        low, high = self.x_range
        return _LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        low, high = self.y_range
        return self.height - _BOTTOM - (value - low) / (high - low) * (self.height - _BOTTOM - _TOP)

    def frame(self, x_name: str, x_ticks: Sequence[float], number: str) -> str:
        """Grid lines, numbers (in the format ``number``) and the name of the horizontal axis."""
        lines = [
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{self.y(tick):.1f}" y2="{self.y(tick):.1f}"/>'
            f'<text x="{_LEFT - 8}" y="{self.y(tick) + 4:.1f}" text-anchor="end">{tick:{number}}</text>'
            for tick in ticks(*self.y_range)
        ]
        bottom = self.height - _BOTTOM + 18
        numbers = [
            f'<text x="{self.x(tick):.1f}" y="{bottom}" text-anchor="middle">{tick:{number}}</text>' for tick in x_ticks
        ]
        middle = (_LEFT + _WIDTH - _RIGHT) / 2
        name = f'<text x="{middle:.1f}" y="{self.height - 6}" text-anchor="middle">{text(x_name)}</text>'
        return "".join([*lines, *numbers, name])

    def line(self, xs: Sequence[float], ys: Sequence[float], kind: str) -> str:
        """A curve; a dot where there is a single point."""
        if len(xs) == 1:
            return f'<circle class="{kind}-dot" cx="{self.x(xs[0]):.1f}" cy="{self.y(ys[0]):.1f}" r="4"/>'
        points = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in zip(xs, ys, strict=True))
        return f'<polyline class="{kind}" points="{points}" stroke-linejoin="round"/>'


def ticks(low: float, high: float, count: int = 6) -> list[float]:
    """Return about ``count`` round numbers from low to high.

    Example:
        >>> ticks(0, 1)
        [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in _STEPS if power * factor >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


def history_chart(history: History, figure: str) -> Html:
    """Return the curves of a figure (``loss``, ``accuracy``, ``auc``) over the epochs, training and validation.

    The epoch whose weights were kept is marked.
    """
    curves = [(name, kind, curve(history, key)) for name, kind, key in _pairs(figure)]
    values = [value for _, _, (_, ys) in curves for value in ys]
    epochs = [epoch for _, _, (xs, _) in curves for epoch in xs]
    if not values:
        return _svg(f"{_NAMES[figure]} was not recorded", "")
    pad = (max(values) - min(values)) * 0.08 or 0.05
    first, last = min(epochs), max(epochs)
    wide = 0.0 if first < last else 1.0  # a single epoch stands in the middle
    axes = _Axes((first - wide, last + wide), (min(values) - pad, max(values) + pad))
    whole = [tick for tick in ticks(first, last) if tick == round(tick)] if first < last else [first]
    best = best_row(history)
    mark = _vertical(axes, best["epoch"], f"kept: epoch {best['epoch']:g}") if best is not None else ""
    lines = "".join(axes.line(xs, ys, kind) for _, kind, (xs, ys) in curves if xs)
    content = _title(_NAMES[figure]) + axes.frame("epoch", whole, "g") + mark + lines
    return _svg(f"{_NAMES[figure]} over epochs, training and validation", content)


def reliability_chart(bins: Sequence[Bin]) -> Html:
    """Return a reliability diagram: the share that is right for each confidence, and below it how many pictures.

    Guo et al. 2017, arXiv 1706.04599, figure 1; what lies off the diagonal is drawn as a gap.
    """
    axes = _Axes((0, 1), (0, 1))
    most = max((item.count for item in bins), default=1)
    bars = "".join(_reliability_bar(axes, item, most) for item in bins)
    diagonal = axes.line([0, 1], [0, 1], "guide")
    side = (
        f'<text x="{_LEFT}" y="{axes.height + 12}">pictures</text>'
        f'<text x="{_WIDTH - _RIGHT}" y="{axes.height + 12}" text-anchor="end">most in a bar: {most:,}</text>'
    )
    frame = axes.frame("confidence", ticks(0, 1), ".0%")
    description = "share of right predictions for each confidence"
    return _svg(description, frame + bars + diagonal + side, axes.height + 20 + _STRIP)


def curves_chart(curves: Sequence[Curve], title: str, x_name: str, *, guide: bool = False) -> Html:
    """Return the curves of all classes over each other, in their colours; ``guide`` adds the line of guessing.

    ``title`` names the vertical axis; both axes go from 0 to 1.
    """
    axes = _Axes((0, 1), (0, 1))
    lines = [
        f"<g {_drawn(curve.color)}><title>{text(curve.name)}: {curve.area:.3f}</title>"
        f"{axes.line(curve.x, curve.y, 'class')}</g>"
        for curve in curves
    ]
    diagonal = axes.line([0, 1], [0, 1], "guide") if guide else ""
    content = [_title(title), axes.frame(x_name, ticks(0, 1), ".0%"), diagonal, *lines]
    return _svg(f"{title} against {x_name}, one line a class", "".join(content))


def coverage_chart(accuracies: npt.NDArray[np.float64], certain: float | None) -> Html:
    """Return accuracy against the share of pictures that is answered, the most confident first.

    Args:
        accuracies: float64 ``(n,)``, 0-1, on the k most confident pictures, k from 1 to n.
        certain: share that is not marked uncertain, 0-1, marked by a line; None for no line.
    """
    n = len(accuracies)
    if n == 0:
        return _svg("no pictures", "")
    # Under a twentieth of the pictures, single ones make the line jump.
    answered = np.unique(np.linspace(max(1, n // 20), n, min(n, POINTS)).round().astype(int))
    values = accuracies[answered - 1]
    axes = _Axes((0, 1), (min(math.floor(values.min() * 10 - 1e-9) / 10, 0.9), 1))
    line = axes.line((answered / n).tolist(), values.tolist(), "cool")
    mark = "" if certain is None else _vertical(axes, certain, f"certain: {certain:.0%}")
    frame = axes.frame("share of the pictures that is answered", ticks(0, 1), ".0%")
    return _svg("accuracy against the share that is answered", _title("Accuracy") + frame + mark + line)


def keys(title: object, items: Sequence[tuple[tuple[int, int, int], object, object]]) -> Html:
    """Return what a chart's colours mean: (red, green, blue), name and figure of each line, ``title`` over them."""
    rows = "".join(
        f"<li><i {_drawn(color)}></i>{text(name)} <b>{text(figure)}</b></li>" for color, name, figure in items
    )
    return Html(f'<p class="key">{text(title)}</p><ul class="keys">{rows}</ul>')


def legend() -> Html:
    """Return the words that explain the two curves' colours."""
    return Html(
        '<span style="color:var(--accent)">━ training</span> &nbsp; <span style="color:var(--warm)">━ validation</span>'
    )


def _pairs(figure: str) -> tuple[tuple[str, str, str], ...]:
    return ("training", "cool", figure), ("validation", "warm", f"val_{figure}")


def _reliability_bar(axes: _Axes, item: Bin, most: int) -> str:
    """The share that is right, the gap to the confidence, and on the strip below how many pictures there are."""
    place = f'x="{axes.x(item.low) + 1:.1f}" width="{axes.x(item.high) - axes.x(item.low) - 2:.1f}"'
    right, said = axes.y(item.accuracy), axes.y(item.confidence)
    title = f"{item.count:,} pictures, confidence {item.confidence:.0%}, right {item.accuracy:.0%}"
    count = max(_STRIP * item.count / most, 1.0)
    kind = "gap" if item.confidence > item.accuracy else "spare"
    return (
        f"<g><title>{title}</title>"
        f'<rect class="area" {place} y="{max(right, said):.1f}" height="{axes.y(0) - max(right, said):.1f}"/>'
        f'<rect class="{kind}" {place} y="{min(right, said):.1f}" height="{abs(right - said):.1f}"/>'
        f'<rect class="count" {place} y="{axes.height + 20 + _STRIP - count:.1f}" height="{count:.1f}"/></g>'
    )


def _title(name: str) -> str:
    return f'<text class="title" x="2" y="12">{text(name)}</text>'


def _vertical(axes: _Axes, value: float, words: str) -> str:
    """A dashed line at a value, with words above it."""
    x = axes.x(value)
    right = x > _WIDTH / 2
    anchor, place = ("end", x + 4) if right else ("start", max(x - 4, _LEFT + 24.0))  # clear of the title
    return (
        f'<line class="guide" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 8}" y2="{axes.height - _BOTTOM}"/>'
        f'<text x="{place:.1f}" y="12" text-anchor="{anchor}">{text(words)}</text>'
    )


def _drawn(color: tuple[int, int, int]) -> str:
    """Attributes that colour a line: darker on light pages, lighter on dark ones, until it can be seen."""
    light, dark = (_readable(color, end, behind) for end, behind in zip((0, 255), CARDS, strict=True))
    return f'class="drawn" style="--light:rgb{light};--dark:rgb{dark}"'


def _readable(color: tuple[int, ...], end: int, behind: tuple[int, ...]) -> tuple[int, ...]:
    """Mix a colour with black (0) or white (255) until it stands out from what is behind it."""
    mixes = (tuple(round(part + (end - part) * step / 20) for part in color) for step in range(20))
    return next((mix for mix in mixes if _contrast(mix, behind) >= _CONTRAST), (end, end, end))


def _contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Contrast of two colours, 1-21 (WCAG 2.1, "contrast ratio" and "relative luminance")."""
    shares = ([part / 255 for part in color] for color in (one, other))
    linear = [[part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in row] for row in shares]
    low, high = sorted(0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in linear)
    return (high + 0.05) / (low + 0.05)


def _svg(description: str, content: str, height: int = _HEIGHT) -> Html:
    label = text(description)
    body = content or f'<text x="{_WIDTH / 2}" y="{height / 2}" text-anchor="middle">{label}</text>'
    return Html(f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{label}">{body}</svg>')
