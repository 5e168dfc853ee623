"""Table of what a recipe can say, from the docstrings that describe it."""

import re
from dataclasses import MISSING, Field, fields
from inspect import cleandoc
from typing import Any

from markdown import table
from mien.training.recipe import Augment, Recipe

# What options of mien train fill in, and the table augment, which has rows of its own.
_INNER = {"name", "augment", "start", "refit", "data", "votes"}


def keys() -> str:
    """Every key of a recipe, and of its table ``augment``, with what holds where it is left out."""
    rows = [
        [f"`{prefix}{one.name}`", _default(one), _meaning(kind)[one.name]]
        for kind, prefix in ((Recipe, ""), (Augment, "augment."))
        for one in fields(kind)
        if kind is Augment or one.name not in _INNER
    ]
    return table(["key", "if left out", "what it is"], rows)


def _default(one: "Field[Any]") -> str:
    if one.default is MISSING and one.default_factory is MISSING:
        return "must be given"
    value = one.default if one.default_factory is MISSING else one.default_factory()
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "none" if value in ("", ()) else f"`{value!r}`".replace("'", '"')


def _meaning(kind: type) -> dict[str, str]:
    """Return what the attributes of a dataclass are, by name, as its docstring tells."""
    told = cleandoc(kind.__doc__ or "").partition("Attributes:\n")[2]
    found = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", told, re.MULTILINE)
    return {name: re.sub(r"\s+", " ", text).replace("``", "`").rstrip(".") for name, text in found}
