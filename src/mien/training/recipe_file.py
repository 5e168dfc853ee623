"""Recipes as TOML files: shipped ones by name, own ones by path, single values by ``--set``.

A name is a file: ``mien train --recipe compact`` reads ``recipes/compact.toml`` beside this module.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, get_type_hints

from mien.errors import RecipeError
from mien.training.recipe import NETWORKS, Augment, Recipe, check
from mien.writing import KEEP_BYTES


def shipped() -> tuple[str, ...]:
    """Return the names of the recipes that come with mien."""
    folder = files("mien.training") / "recipes"
    return tuple(sorted(Path(item.name).stem for item in folder.iterdir() if item.name.endswith(".toml")))


def read_recipe(recipe: str | Path) -> Recipe:
    """Return a shipped recipe by its name, or one from a TOML file or a run folder.

    Raises:
        RecipeError: no such recipe, not TOML, an unknown key or a value out of range.

    Example:
        >>> read_recipe("reference").batch
        32
    """
    if str(recipe) in shipped():
        text, name = (files("mien.training") / "recipes" / f"{recipe}.toml").read_text("utf-8"), str(recipe)
    else:
        path = Path(recipe)
        path = path / "recipe.toml" if path.is_dir() else path
        if path.suffix != ".toml":
            message = f"recipe {recipe}: no such recipe; expected {', '.join(shipped())}, or the path of a .toml file"
            raise RecipeError(message)
        try:
            text, name = path.read_text("utf-8", KEEP_BYTES), str(path)
        except OSError as error:
            message = f"{path}: cannot be read ({error.strerror}); give a recipe in TOML"
            raise RecipeError(message) from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{name}: not TOML ({error}); expected lines such as batch = 64, with texts in quotes"
        raise RecipeError(message) from error
    return parse_recipe({"name": Path(name).stem, **values}, name)


def parse_recipe(values: Mapping[str, Any], name: str) -> Recipe:
    """Return a recipe from plain values; ``name`` is what errors call it.

    Raises:
        RecipeError: an unknown or missing key, a wrong type, a value out of range.
    """
    if "network" not in values:
        message = f"{name}: has no network; expected network = one of {', '.join(NETWORKS)}"
        raise RecipeError(message)
    augment = values.get("augment", {})
    if not isinstance(augment, Mapping):
        message = f"{name}: augment = {augment!r}; expected a table of amounts"
        raise RecipeError(message)
    plain = _typed(Recipe, {key: value for key, value in values.items() if key != "augment"}, name)
    recipe = Recipe(**plain, augment=Augment(**_typed(Augment, augment, f"{name}: augment")))
    check(recipe, name)
    return recipe


def with_settings(recipe: Recipe, settings: Sequence[str]) -> Recipe:
    """Return the recipe with ``key=value`` settings applied, as given by ``--set``.

    Example:
        >>> with_settings(read_recipe("reference"), ["batch=64", "augment.rotation=10"]).batch
        64
    """
    values = asdict(recipe)
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            message = f"--set {setting}: expected key=value, such as --set batch=64 or --set augment.rotation=10"
            raise RecipeError(message)
        table = values
        *path, last = key.strip().split(".")
        for part in path:
            table = table.get(part, {}) if isinstance(table.get(part, {}), dict) else {}
        if last not in table:
            raise RecipeError(_unknown(f"--set {setting}", last, list(table or values)))
        table[last] = _value(text.strip())
    return parse_recipe(values, f"--set {' '.join(settings)}")


def with_values(recipe: Recipe, **values: Any) -> Recipe:
    """Return the recipe with the given values that are not None, checked.

    Example:
        >>> with_values(read_recipe("reference"), epochs=2, seed=None).epochs
        2
    """
    changed = replace(recipe, **{key: value for key, value in values.items() if value is not None})
    check(changed, recipe.name)
    return changed


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _unknown(name: str, key: str, known: Sequence[str]) -> str:
    return f"{name}: unknown key {key!r}; expected one of {', '.join(known)}"


def _typed(kind: type, values: Mapping[str, Any], name: str) -> dict[str, Any]:
    hints = get_type_hints(kind)
    known = [item.name for item in fields(kind)]
    typed = {}
    for key, value in values.items():
        if key not in known:
            raise RecipeError(_unknown(name, key, known))
        wanted = hints[key]
        if wanted is float and type(value) is int:
            value = float(value)
        if key == "sizes" and isinstance(value, list | tuple) and all(type(item) is int for item in value):
            value = tuple(value)
        elif is_dataclass(wanted) or type(value) is not wanted:
            message = f"{name}: {key} = {value!r}; expected {getattr(wanted, '__name__', wanted)}"
            raise RecipeError(message)
        typed[key] = value
    return typed
