"""Pieces of Markdown that the tables of the docs are made of."""

from collections.abc import Sequence
from typing import Any


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines)


def interval(interval: Sequence[float], digits: int = 3) -> str:
    low, high = interval
    return f"{low:.{digits}f}-{high:.{digits}f}"


def measured(found: dict[str, Any]) -> str:
    return f"Measured on {found['date']} at `{found['commit'].rstrip('+')[:8]}`."
