"""Recipe: everything a run was told, as a TOML file that can be run again.

A name is a file: ``mien train --recipe compact`` reads ``recipes/compact.toml`` beside this module.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, get_type_hints

import tomli_w

from mien.errors import RecipeError

NETWORKS = ("reference", "compact", "tiny")
OPTIMIZERS = ("adam", "sgd")
SCHEDULES = ("constant", "linear", "cosine")
MONITORS = ("val_loss", "val_accuracy", "val_macro_f1", "val_balanced_accuracy")
BALANCES = ("none", "class-weights")
ENGINES = ("auto", "keras", "torch")


@dataclass(frozen=True)
class Augment:
    """How training pictures are varied; every amount is drawn evenly from minus to plus the value.

    Attributes:
        flip: mirror half of the pictures.
        rotation: degrees.
        shift: share of the side, across and down.
        zoom: share of the size.
        brightness: share of the range 0-255.
        contrast: share of the contrast.
        cutout: side of a square that is greyed out, as share of the side; 0 for none (DeVries & Taylor 2017,
            arXiv 1708.04552).
    """

    flip: bool = False
    rotation: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    cutout: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """Everything a training run is told.

    Attributes:
        name: what the run is called.
        network: which network of ``models.py``.
        size: side of the network's input in pixels.
        epochs: at most so many passes over the training pictures.
        batch: pictures a step.
        optimizer: ``adam`` or ``sgd`` (Nesterov momentum 0.9).
        learning_rate: the highest one.
        schedule: how the learning rate goes after the warm-up: ``constant``, or to zero ``linear`` or by ``cosine``.
        warmup: share of all steps in which the learning rate rises from zero.
        weight_decay: decoupled, multiplied by the learning rate; kernels only.
        label_smoothing: share of the target spread over all classes (Szegedy et al. 2016, arXiv 1512.00567).
        average: share of the running average of the weights that is kept a step, such as 0.999; that average is
            validated and kept. 0 for none.
        dropout: share of features dropped.
        balance: answer to the imbalance, ``none`` or ``class-weights``.
        patience: epochs without a better ``monitor`` after which training stops; 0 never stops early.
        monitor: what decides which epoch's weights are kept.
        sizes: progressive resizing: side of the training pictures in each equal part of the epochs; empty: always
            ``size``.
        validation: share of train held out where the data has no val folder.
        seed: every random draw of training derives from it.
        split_seed: which part of train is held out derives from it.
        engine: what computes: ``keras``, ``torch``, or ``auto`` for torch where it is installed and faster; the run
            fills in which.
        start: ``bundled`` or a run folder whose weights training starts from (fine-tuning); empty: from scratch.
        votes: CSV file of a crowd's votes, learned beside the labels by a second head that is dropped after; or empty.
        vote_weight: weight of that head's loss.
        data: the data set; filled in by the run.
        augment: how pictures are varied.
    """

    name: str
    network: str
    size: int = 48
    epochs: int = 100
    batch: int = 32
    optimizer: str = "adam"
    learning_rate: float = 0.001
    schedule: str = "constant"
    warmup: float = 0.0
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    average: float = 0.0
    dropout: float = 0.25
    balance: str = "class-weights"
    patience: int = 15
    monitor: str = "val_loss"
    sizes: tuple[int, ...] = ()
    validation: float = 0.1
    seed: int = 0
    split_seed: int = 0
    engine: str = "auto"
    start: str = ""
    votes: str = ""
    vote_weight: float = 0.25
    data: str = ""
    augment: Augment = field(default_factory=Augment)

    def to_toml(self) -> str:
        """Return the recipe as TOML; ``read_recipe`` reads it back."""
        return tomli_w.dumps(asdict(self))


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
            text, name = path.read_text("utf-8"), str(path)
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "no text"
            message = f"{path}: cannot be read ({reason}); give a recipe in TOML"
            raise RecipeError(message) from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{name}: not TOML ({error})"
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
    _check(recipe, name)
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
    _check(changed, recipe.name)
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


_CHOICES: dict[str, tuple[str, ...]] = {
    "network": NETWORKS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "balance": BALANCES,
    "monitor": MONITORS,
    "engine": ENGINES,
}
_RANGES: dict[str, tuple[float, float]] = {
    "size": (32, 256),
    "epochs": (1, 100_000),
    "batch": (1, 65_536),
    "learning_rate": (1e-9, 100),
    "warmup": (0, 0.9),
    "weight_decay": (0, 1),
    "label_smoothing": (0, 0.9),
    "average": (0, 0.99999),
    "dropout": (0, 0.95),
    "patience": (0, 100_000),
    "validation": (0.01, 0.9),
    "vote_weight": (0, 10),
    "seed": (0, 2**31 - 1),
    "split_seed": (0, 2**31 - 1),
}
_AMOUNTS = {item.name: (0.0, 0.9) for item in fields(Augment) if item.name != "flip"} | {"rotation": (0.0, 180.0)}
_SIDES = (16, 256)


def _check(recipe: Recipe, name: str) -> None:
    for key, allowed in _CHOICES.items():
        if getattr(recipe, key) not in allowed:
            message = f"{name}: {key} = {getattr(recipe, key)!r}; expected one of {', '.join(allowed)}"
            raise RecipeError(message)
    for key, limits in _RANGES.items():
        _check_range(key, getattr(recipe, key), limits, name)
    for key, limits in _AMOUNTS.items():
        _check_range(f"augment.{key}", getattr(recipe.augment, key), limits, name)
    for side in recipe.sizes:
        _check_range("each of sizes", side, _SIDES, name)
    if recipe.sizes and recipe.network == "reference":
        message = f"{name}: sizes with network = 'reference'; its dense layers take one size only, leave sizes empty"
        raise RecipeError(message)


def _check_range(key: str, value: float, limits: tuple[float, float], name: str) -> None:
    low, high = limits
    if not low <= value <= high:
        message = f"{name}: {key} = {value!r}; expected {low:g} to {high:g}"
        raise RecipeError(message)
