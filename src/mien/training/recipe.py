"""Recipe: everything a run was told, and the values it may take."""

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import tomli_w

from mien.errors import RecipeError
from mien.training.balance import AFTER
from mien.training.balance import CHOICES as BALANCE_CHOICES

ONE_SIZE = "reference"  # this network's dense layers take pictures of one size
NETWORKS = ("reference", "compact", "slim", "resnet18", "tiny")
OPTIMIZERS = ("adam", "sgd")
SCHEDULES = ("constant", "linear", "cosine")
MONITORS = ("val_loss", "val_accuracy", "val_macro_f1", "val_balanced_accuracy")
ENGINES = ("auto", "keras", "torch")


@dataclass(frozen=True)
class Augment:
    """How training pictures are varied; every amount is drawn evenly from minus to plus the value.

    Attributes:
        flip: mirror half of the pictures.
        alternate: mirror each picture every other epoch, instead of by chance (Jordan 2024, arXiv 2404.00498).
        rotation: degrees.
        shift: share of the side, across and down.
        zoom: share of the size.
        brightness: share of the range 0-255.
        contrast: share of the contrast.
        mixup: alpha of the share in which two pictures of a batch are blended, pictures and targets alike (Zhang et al.
            2018, arXiv 1710.09412); 0 for none.
        cutout: side of a square that is greyed out, as share of the side; 0 for none (DeVries & Taylor 2017,
            arXiv 1708.04552).
    """

    flip: bool = False
    alternate: bool = False
    rotation: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    cutout: float = 0.0
    mixup: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """Everything a training run is told.

    Attributes:
        name: what the run is called.
        network: ``reference``, ``compact``, ``slim``, ``resnet18`` or ``tiny``, see ``models.py``.
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
        balance: answer to the imbalance, one of those of ``mien train --balance``.
        sharpness: radius in which each step looks for the worst weights, to end where the loss is flat (SAM, Foret et
            al. 2021, arXiv 2010.01412), such as 0.05; such a step takes twice the time. 0 for none. Torch engine only.
        sharpness_from: share of the epochs after which it does.
        patience: epochs without a better ``monitor`` after which training stops; 0 never stops early.
        monitor: what decides which epoch's weights are kept: ``val_loss``, ``val_accuracy``, ``val_macro_f1`` or
            ``val_balanced_accuracy``.
        sizes: progressive resizing: side of the training pictures in each equal part of the epochs; empty: always
            ``size``.
        validation: share of train held out where the data has no val folder.
        seed: every random draw of training derives from it.
        split_seed: which part of train is held out derives from it.
        engine: what computes: ``keras``, ``torch``, or ``auto`` for torch where it is installed and faster; the run
            fills in which.
        start: ``bundled`` or a run folder whose weights training starts from (fine-tuning); empty: from scratch.
        votes: CSV file of a crowd's votes, learned beside the labels by a second head that is dropped after; or empty.
        vote_weight: weight of the loss of the head that learns votes.
        teachers: file of what trained networks say of the training pictures (``distill.py``); or empty.
        teacher_weight: share of the target that is theirs, the rest is the label's; 0 for no teachers.
        teacher_temperature: their logits are divided by it.
        stop_after: number of epochs after which training stops although the schedule goes on; 0: all of them.
        refit: run folder whose training this repeats on all of its pictures, see ``refit.py``; or empty.
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
    sharpness: float = 0.0
    sharpness_from: float = 0.0
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
    teachers: str = ""
    teacher_weight: float = 0.0
    teacher_temperature: float = 1.0
    stop_after: int = 0
    refit: str = ""
    data: str = ""
    augment: Augment = field(default_factory=Augment)

    @property
    def last_epoch(self) -> int:
        """Number of epochs that are trained."""
        return self.stop_after or self.epochs

    def to_toml(self) -> str:
        """Return the recipe as TOML; ``read_recipe`` reads it back."""
        return tomli_w.dumps(asdict(self))


_CHOICES: dict[str, tuple[str, ...]] = {
    "network": NETWORKS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "balance": BALANCE_CHOICES,
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
    "sharpness": (0, 10),
    "sharpness_from": (0, 1),
    "patience": (0, 100_000),
    "stop_after": (0, 100_000),
    "validation": (0.01, 0.9),
    "vote_weight": (0, 10),
    "teacher_weight": (0, 1),
    "teacher_temperature": (0.1, 20),
    "seed": (0, 2**31 - 1),
    "split_seed": (0, 2**31 - 1),
}
_AMOUNTS = {item.name: (0.0, 0.9) for item in fields(Augment) if item.type is not bool} | {
    "rotation": (0.0, 180.0),
    "mixup": (0.0, 10.0),
}
_SIDES = (16, 256)


def check(recipe: Recipe, name: str) -> None:
    """Raise RecipeError where a value is out of its range; ``name`` is what the error calls the recipe."""
    for key, allowed in _CHOICES.items():
        if getattr(recipe, key) not in allowed:
            names = ", ".join(choice for choice in allowed if "+" not in choice)
            more = f", or one that trains with +{AFTER} after it" if key == "balance" else ""
            raise RecipeError(f"{name}: {key} = {getattr(recipe, key)!r}; expected one of {names}{more}")
    for key, limits in _RANGES.items():
        _check_range(key, getattr(recipe, key), limits, name)
    for key, limits in _AMOUNTS.items():
        _check_range(f"augment.{key}", getattr(recipe.augment, key), limits, name)
    if recipe.stop_after > recipe.epochs:
        message = f"{name}: stop_after = {recipe.stop_after} of epochs = {recipe.epochs}; expected at most as many"
        raise RecipeError(message)
    for side in recipe.sizes:
        _check_range("each of sizes", side, _SIDES, name)
    if recipe.sizes and recipe.network == ONE_SIZE:
        message = f"{name}: sizes with network = '{ONE_SIZE}'; its dense layers take one size only, leave sizes empty"
        raise RecipeError(message)


def check_teachers(recipe: Recipe) -> None:
    """Raise RecipeError where a recipe learns from teachers and has none, or has some and does not learn from them."""
    if recipe.teacher_weight and not recipe.teachers:
        message = (
            f"recipe {recipe.name} learns from teachers (teacher_weight = {recipe.teacher_weight:g}), none are given; "
            "add --set teachers=FILE (mien teach makes it), or take recipe compact; --set teacher_weight=0 goes without"
        )
        raise RecipeError(message)
    if recipe.teachers and not recipe.teacher_weight:
        message = (
            f"recipe {recipe.name} does not learn from teachers = {recipe.teachers!r}; add --set teacher_weight=0.8, "
            "or take recipe distilled or student"
        )
        raise RecipeError(message)
    if recipe.teachers and not Path(recipe.teachers).is_file():
        message = f"teachers = {recipe.teachers!r}: no such file; expected one that mien teach wrote"
        raise RecipeError(message)


def _check_range(key: str, value: float, limits: tuple[float, float], name: str) -> None:
    low, high = limits
    if not low <= value <= high:
        message = f"{name}: {key} = {value!r}; expected {low:g} to {high:g}"
        raise RecipeError(message)
