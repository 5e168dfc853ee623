"""From data to a judged model file: fit, then ``finish`` (export, evaluate)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from mien.data.dataset import Dataset
from mien.data.splits import load_whole, train_and_val, write_split
from mien.data.votes import describe as describe_votes
from mien.data.votes import join, read_votes
from mien.errors import RecipeError, RunError
from mien.evaluation.judge import left_out
from mien.training import checkpoint, run
from mien.training.batches import Lessons, batch_size
from mien.training.devices import check_devices, spread
from mien.training.distill import read_teachers
from mien.training.engine import accelerator, choose
from mien.training.finish import finish
from mien.training.fit import fit, over, waited
from mien.training.graph import network_graph
from mien.training.interrupt import stop_on_interrupt
from mien.training.lock import locked
from mien.training.models import build, without_votes
from mien.training.recipe import ONE_SIZE, Recipe, check_teachers
from mien.training.recipe_file import read_recipe, with_values
from mien.training.refit import all_and_none, check_refit, keep_operating_point
from mien.training.start import read_start, seen_before, start_from
from mien.training.watching import Watcher
from mien.writing import clear_unfinished, write_file

_CHECKPOINT = "checkpoint"


@dataclass(frozen=True)
class Run:
    """A trained run.

    Attributes:
        folder: holds everything, see DESIGN: run folder.
        metrics: as in ``evaluation/val/metrics.json``; empty where nothing validates, as in a refit.
        best_epoch: counted from 1; 0 where no epoch was finished.
        data: the data set.
        interrupted: whether Ctrl-C ended it.
    """

    folder: Path
    metrics: dict[str, Any]
    best_epoch: int
    data: str
    interrupted: bool


def train(recipe: Recipe, out: Path, watcher: Watcher, devices: int = 1) -> Run:
    """Train by the recipe on ``recipe.data`` into a new run folder below ``out``; on several devices as in ``spread``.

    Raises:
        RecipeError: teachers that the recipe learns from are missing, another network than its own to start from, or a
            refit that changes its run.
        DataError: the data set is not as expected. OutputError: ``out`` cannot be written. RunError: the loss broke, or
            so many devices cannot train it.

    Example:
        >>> train(with_values(read_recipe("tiny"), data="faces"), Path("runs"), Silent()).metrics["accuracy"]
    """
    check_teachers(recipe)
    check_refit(recipe)
    recipe = _with_engine(recipe, watcher)
    _check_start(recipe)
    data = _parted(recipe, watcher)
    for part in data:
        for note in left_out(part):
            watcher.said(note)
    if note := seen_before(recipe.start, data[1]):
        watcher.said(note)
    lessons = _lessons(recipe, data[0], watcher)
    check_devices(devices, recipe.engine, batch_size(recipe, len(data[0])))
    folder = run.new_run(out, recipe.name)
    with locked(folder):
        write_file(folder / "recipe.toml", recipe.to_toml())
        _write_data(recipe, folder, data, devices)
        return _train(recipe, folder, (lessons, data[1]), watcher, devices)


def resume(folder: Path, epochs: int | None, watcher: Watcher, devices: int = 1) -> Run:
    """Go on with a run that was stopped or killed, on the same data and split; after its last finished epoch.

    Args:
        folder: the run folder.
        epochs: train up to so many in all; as the recipe says if None.
        watcher: is told of steps and epochs.
        devices: to train on from here; the run may have begun on more or fewer.

    Raises:
        RunError: not a run folder, another training is at work in it, or so many devices cannot train it.
        DataError: the data is gone or changed.
    """
    run.check_resumable(folder)
    with locked(folder):
        clear_unfinished(folder)
        return _resume(folder, epochs, watcher, devices)


def _resume(folder: Path, epochs: int | None, watcher: Watcher, devices: int) -> Run:
    recipe = _with_engine(read_recipe(folder / "recipe.toml"), watcher)
    if epochs and recipe.stop_after:
        message = f"{folder}: stops after {recipe.stop_after} epochs by its recipe; leave --epochs out"
        raise RunError(message)
    _check_epochs(folder, epochs)
    recipe = with_values(recipe, epochs=epochs)
    watcher.said(_stand(recipe, folder))
    kept, held_out = _data_again(recipe, folder, watcher, devices)
    check_devices(devices, recipe.engine, batch_size(recipe, len(kept)))
    write_file(folder / "recipe.toml", recipe.to_toml())
    if not _trained(recipe, folder):  # else it is finished here, and was trained elsewhere
        run.note_devices(folder, devices, accelerator(recipe.engine))
    return _train(recipe, folder, (_lessons(recipe, kept, watcher), held_out), watcher, devices)


def _trained(recipe: Recipe, folder: Path) -> bool:
    """Return whether no epoch of a run is left."""
    kept = folder / _CHECKPOINT
    return (kept / checkpoint.FILE).exists() and over(checkpoint.load(kept), recipe)


def _check_epochs(folder: Path, epochs: int | None) -> None:
    """Raise RunError where fewer epochs are asked for than are done."""
    if epochs is None or not (folder / _CHECKPOINT / checkpoint.FILE).exists():
        return
    done = len(checkpoint.load(folder / _CHECKPOINT).history)
    if epochs < done:
        message = f"{folder}: {done} epochs are done, --epochs {epochs} asks for fewer; give {done} or more"
        raise RunError(message)


def _stand(recipe: Recipe, folder: Path) -> str:
    """Return in a line for people where a run stands that goes on."""
    if not (folder / _CHECKPOINT / checkpoint.FILE).exists():
        return "No epoch was finished; starting over"
    state = checkpoint.load(folder / _CHECKPOINT)
    done = len(state.history)
    if waited(state, recipe):
        return (
            f"{recipe.patience} of {done} epochs went by without a better {recipe.monitor}, which ended the training; "
            "a new run with --set patience=0 goes on"
        )
    if done < recipe.last_epoch:
        return f"{done} of {recipe.last_epoch} epochs are done"
    return f"All {done} epochs are done" + ("" if recipe.stop_after else f"; train on with --epochs {2 * done}")


def _with_engine(recipe: Recipe, watcher: Watcher) -> Recipe:
    """Return the recipe with its engine chosen, and without what that engine cannot do."""
    recipe = with_values(recipe, engine=choose(recipe.engine))
    if card := accelerator(recipe.engine):
        watcher.said(f"Training on {card}")
    if recipe.engine == "keras" and recipe.sharpness:
        watcher.said("Training without sharpness-aware steps, which need the torch engine")
        return with_values(recipe, sharpness=0.0)
    return recipe


def _write_data(recipe: Recipe, folder: Path, data: tuple[Dataset, Dataset], devices: int) -> None:
    if recipe.refit:
        keep_operating_point(recipe, folder)
    write_file(
        folder / "environment.json", run.as_json(run.environment(recipe, data, devices, accelerator(recipe.engine)))
    )
    write_split(folder / "split.csv", *data)


def _parted(recipe: Recipe, watcher: Watcher) -> tuple[Dataset, Dataset]:
    """Return training and validation pictures; of a refit, all and none."""
    if recipe.refit:
        return all_and_none(recipe, watcher.read)
    share, seed = recipe.validation, recipe.split_seed
    return train_and_val(recipe.data, size=recipe.size, share=share, seed=seed, watch=watcher.read)


def _data_again(recipe: Recipe, folder: Path, watcher: Watcher, devices: int) -> tuple[Dataset, Dataset]:
    """Return the run's training and validation pictures; where it was killed before it parted them, part them now."""
    split = folder / "split.csv"
    if not split.is_file():
        data = _parted(recipe, watcher)
        _write_data(recipe, folder, data, devices)
        return data
    whole, held_out = load_whole(recipe.data, split, size=recipe.size, watch=watcher.read)
    parts = whole.parted(held_out)
    run.check_same(folder, parts)
    return parts


def _train(recipe: Recipe, folder: Path, data: tuple[Lessons, Dataset], watcher: Watcher, devices: int) -> Run:
    keras.utils.set_random_seed(recipe.seed)
    lessons, held_out = data
    if recipe.votes and len(held_out):
        join(read_votes(recipe.votes), held_out)  # what does not fit is to show now, not after training
    train, classes = lessons.train, lessons.train.classes
    network = build(recipe.network, size=recipe.size, classes=len(classes), dropout=recipe.dropout)
    write_file(folder / "model.png", network_graph(network))
    if recipe.start and not (folder / _CHECKPOINT / checkpoint.FILE).exists():
        watcher.said(f"Starting from {recipe.start}: {start_from(read_start(recipe.start), network, classes)}")
    size, voted = None if recipe.sizes else recipe.size, lessons.votes is not None
    with spread(devices), stop_on_interrupt(watcher.said) as stop:
        trained = build(recipe.network, size=size, classes=len(classes), dropout=recipe.dropout, votes=voted)
        without_votes(trained).set_weights(network.get_weights())
        watcher.started(str(folder), network.count_params(), len(train), len(held_out))
        fitted = fit(trained, recipe, data, folder / _CHECKPOINT, watcher, stop)
    trained.set_weights(fitted.weights)
    network.set_weights(without_votes(trained).get_weights())
    metrics = finish(recipe, folder, network, fitted, (train, held_out))
    return Run(folder, metrics, fitted.best_epoch, recipe.data, fitted.interrupted)


def _check_start(recipe: Recipe) -> None:
    """Raise RecipeError where the network to start from is another one than the recipe's, or takes another size."""
    if not recipe.start:
        return
    start = read_start(recipe.start)
    if start.network != recipe.network:
        message = (
            f"{recipe.start} is a {start.network} network, the recipe's a {recipe.network}; add "
            f"--set network={start.network}"
        )
        raise RecipeError(message)
    if recipe.network == ONE_SIZE and start.size != recipe.size:
        message = (
            f"{recipe.start} takes pictures of {start.size} pixels, the recipe's {recipe.size}; add "
            f"--set size={start.size}"
        )
        raise RecipeError(message)


def _lessons(recipe: Recipe, train: Dataset, watcher: Watcher) -> Lessons:
    votes = None
    if recipe.votes:
        shares = join(read_votes(recipe.votes), train)
        watcher.said(describe_votes(shares, train))
        votes = np.nan_to_num(shares)
    teachers = read_teachers(recipe.teachers, train) if recipe.teachers else None
    return Lessons(train, votes, teachers)
