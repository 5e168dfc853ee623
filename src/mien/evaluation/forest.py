"""A forest plot: differences with their intervals, one below the other, beside a line at zero."""

from collections.abc import Sequence
from dataclasses import dataclass

from mien.evaluation.charts import ticks
from mien.html import Html, text

_WIDTH, _SIDE = 340, 14
_TOP, _ROW, _BOTTOM = 30, 40, 26
_LONGEST = 21  # letters of a model's name that fit into half the width
_ROOM = 1.08  # of the axis over the widest interval


@dataclass(frozen=True)
class Effect:
    """A difference: its name, value and interval; positive speaks for the model on the right."""

    name: str
    value: float
    low: float
    high: float

    @property
    def kind(self) -> str:
        """Colour: ``cool`` clearly right of zero, ``warm`` clearly left of it, ``class`` neither."""
        return "cool" if self.low > 0 else "warm" if self.high < 0 else "class"


def forest_chart(effects: Sequence[Effect], left: str, right: str) -> Html:
    """Return the drawing; ``left`` and ``right`` are the models that each side of zero speaks for.

    Example:
        >>> forest_chart([Effect("accuracy", 0.02, 0.005, 0.035)], "a", "b")
        '<svg ...
    """
    widest = max((abs(end) for each in effects for end in (each.low, each.value, each.high)), default=0.0)
    reach = _ROOM * widest or 0.01
    bottom = _TOP + _ROW * len(effects)
    content = [
        _side(_SIDE, "start", f"← {_short(left)}"),
        _side(_WIDTH - _SIDE, "end", f"{_short(right)} →"),
        *(_tick(value, reach, bottom) for value in ticks(-reach, reach, 4)),
        f'<line class="guide" x1="{_x(0, reach):.1f}" x2="{_x(0, reach):.1f}" y1="{_TOP - 6}" y2="{bottom}"/>',
        *(_effect(each, reach, _TOP + _ROW * row) for row, each in enumerate(effects)),
    ]
    label = text(f"differences with 95 % intervals, left of zero {left} is better, right of it {right}")
    height = bottom + _BOTTOM
    return Html(f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{label}">{"".join(content)}</svg>')


def _x(value: float, reach: float) -> float:
    return _WIDTH / 2 + value / reach * (_WIDTH / 2 - _SIDE)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"…{name[1 - _LONGEST :]}"


def _side(x: float, anchor: str, words: str) -> str:
    return f'<text x="{x}" y="12" text-anchor="{anchor}">{text(words)}</text>'


def _tick(value: float, reach: float, bottom: float) -> str:
    x = _x(value, reach)
    return (
        f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6}" y2="{bottom}"/>'
        f'<text x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{f"{100 * value:+g}" if value else "0"}</text>'
    )


def _effect(effect: Effect, reach: float, top: float) -> str:
    """A name, and below it the interval as a line with the value as a dot."""
    low, value, high = (_x(end, reach) for end in (effect.low, effect.value, effect.high))
    told = f"{effect.name}: {100 * effect.value:+z.1f} ({100 * effect.low:+z.1f} to {100 * effect.high:+z.1f}) points"
    return (
        f"<g><title>{text(told)}</title>"
        f'<text x="{_SIDE}" y="{top + 12}">{text(effect.name)}</text>'
        f'<line class="{effect.kind}" x1="{low:.1f}" x2="{high:.1f}" y1="{top + 26}" y2="{top + 26}"/>'
        f'<circle class="{effect.kind}-dot" cx="{value:.1f}" cy="{top + 26}" r="4.5"/></g>'
    )
