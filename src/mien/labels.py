"""The one table of expressions: names, accepted spellings, colours and the order of FER2013's numbers."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Label:
    """An expression: its name, other spellings that are accepted on input, and its colour (red, green, blue, 0-255)."""

    name: str
    aliases: tuple[str, ...]
    color: tuple[int, int, int]


# Colours: distinguishable with red-green colour blindness (after Okabe and Ito, 2008, "Color Universal Design").
TABLE = (
    Label("angry", ("anger",), (213, 94, 0)),
    Label("disgust", ("disgusted",), (122, 140, 0)),
    Label("fear", ("fearful", "afraid", "scared"), (136, 86, 167)),
    Label("happy", ("happiness", "joy"), (230, 159, 0)),
    Label("neutral", ("neutrality",), (150, 165, 180)),
    Label("sad", ("sadness", "unhappy"), (0, 114, 178)),
    Label("surprise", ("surprised",), (0, 158, 115)),
)
LABELS = tuple(label.name for label in TABLE)

# The column `emotion` of fer2013.csv counts in this order (Goodfellow et al. 2013, arXiv 1307.0414).
FER_ORDER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")

_NAMES = {spelling: label.name for label in TABLE for spelling in (label.name, *label.aliases)}
_COLORS = {label.name: label.color for label in TABLE}
# Colours of classes that are not in the table, by position.
_OTHER_COLORS = (
    (0, 114, 178),
    (230, 159, 0),
    (0, 158, 115),
    (213, 94, 0),
    (136, 86, 167),
    (122, 140, 0),
    (120, 130, 140),
)


def canonical(name: str) -> str | None:
    """Return the table's name of an expression in any accepted spelling, or None if it is not in the table.

    Example:
        >>> canonical("Happiness")
        'happy'
    """
    return _NAMES.get(name.strip().lower())


def canonical_classes(names: Iterable[str]) -> tuple[str, ...]:
    """Return class names in mien's words where all of them are expressions, else as they are.

    Example:
        >>> canonical_classes(["Anger", "happiness"]), canonical_classes(["calm", "agitated"])
        (('angry', 'happy'), ('calm', 'agitated'))
    """
    given = tuple(names)
    found = [canonical(name) for name in given]
    known = tuple(name for name in found if name is not None)
    return known if len(known) == len(given) and len(set(known)) == len(given) else given


def color_of(name: str, position: int = 0) -> tuple[int, int, int]:
    """Return a class's colour (red, green, blue, 0-255); classes outside the table get one by their position."""
    return _COLORS.get(name, _OTHER_COLORS[position % len(_OTHER_COLORS)])
