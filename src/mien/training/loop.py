"""From data to a judged model file: fit, export, evaluate. The one place that joins the three."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mien.data.dataset import Dataset
from mien.data.splits import load_split, train_and_val, write_split
from mien.data.votes import join, read_votes
from mien.errors import RecipeError, RunError
from mien.evaluation.confidence import fit_adjustment, fit_calibration, softmax, uncertain_below
from mien.evaluation.evaluate import describe
from mien.evaluation.judge import judge, left_out
from mien.evaluation.metrics import figures
from mien.evaluation.plots import history_plot
from mien.evaluation.predict import predict
from mien.evaluation.report import write as write_evaluation
from mien.model.classify import Classifier
from mien.model.file import Metadata
from mien.training import checkpoint, run
from mien.training.balance import KEEPS_SHARES
from mien.training.batches import Lessons, batch_size
from mien.training.devices import check_devices, spread
from mien.training.distill import read_teachers
from mien.training.engine import choose
from mien.training.export import convert, inference_model
from mien.training.fit import Fitted, fit
from mien.training.graph import network_graph
from mien.training.interrupt import stop_on_interrupt
from mien.training.keras_engine import predict_logits
from mien.training.lock import locked
from mien.training.models import build, without_votes
from mien.training.recipe import Recipe, check_teachers
from mien.training.recipe_file import read_recipe, with_values
from mien.training.refit import all_and_none, operating_point
from mien.training.start import read_start, start_from
from mien.training.watching import Watcher
from mien.writing import UNFINISHED, clear_unfinished, write_file

_CHECKPOINT = "checkpoint"
_HISTORY_PLOTS = ("loss", "accuracy", "auc")
_LICENCE = "not stated; depends on the training pictures"


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
        RecipeError: teachers that the recipe learns from are missing, or another network than its own to start from.
        DataError: the data set is not as expected. OutputError: ``out`` cannot be written. RunError: the loss broke, or
            so many devices cannot train it.

    Example:
        >>> train(with_values(read_recipe("tiny"), data="faces"), Path("runs"), Silent()).metrics["accuracy"]
    """
    check_teachers(recipe)
    recipe = _with_engine(recipe, watcher)
    _check_start(recipe)
    data = _parted(recipe, watcher)
    for part in data:
        for note in left_out(part):
            watcher.said(note)
    lessons = _lessons(recipe, data[0])
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
    recipe = _with_engine(read_recipe(folder), watcher)
    if epochs and recipe.stop_after:
        message = f"{folder}: stops after {recipe.stop_after} epochs by its recipe; leave --epochs out"
        raise RunError(message)
    recipe = with_values(recipe, epochs=epochs)
    begun = (folder / _CHECKPOINT / checkpoint.FILE).exists()
    done = len(checkpoint.load(folder / _CHECKPOINT).history) if begun else 0
    if not done:
        watcher.said("No epoch was finished; starting over")
    elif done >= recipe.last_epoch and recipe.stop_after:
        watcher.said(f"All {done} epochs are done")
    elif done >= recipe.last_epoch:
        watcher.said(f"All {done} epochs are done; train on with --epochs {2 * done}")
    kept, held_out = _data_again(recipe, folder, watcher, devices)
    check_devices(devices, recipe.engine, batch_size(recipe, len(kept)))
    write_file(folder / "recipe.toml", recipe.to_toml())
    run.note_devices(folder, devices)
    return _train(recipe, folder, (_lessons(recipe, kept), held_out), watcher, devices)


def _with_engine(recipe: Recipe, watcher: Watcher) -> Recipe:
    """Return the recipe with its engine chosen, and without what that engine cannot do."""
    recipe = with_values(recipe, engine=choose(recipe.engine))
    if recipe.engine == "keras" and recipe.sharpness:
        watcher.said("Training without sharpness-aware steps, which need the torch engine")
        return with_values(recipe, sharpness=0.0)
    return recipe


def _write_data(recipe: Recipe, folder: Path, data: tuple[Dataset, Dataset], devices: int) -> None:
    write_file(folder / "environment.json", run.as_json(run.environment(recipe, *data, devices)))
    write_split(folder / "split.csv", *data)


def _parted(recipe: Recipe, watcher: Watcher) -> tuple[Dataset, Dataset]:
    """Return training and validation pictures; of a refit, all and none."""
    if recipe.refit:
        return all_and_none(recipe, watcher.read)
    share, seed = recipe.validation, recipe.split_seed
    return train_and_val(recipe.data, size=recipe.size, share=share, seed=seed, watch=watcher.read)


def _data_again(recipe: Recipe, folder: Path, watcher: Watcher, devices: int) -> tuple[Dataset, Dataset]:
    """Return the run's training and validation pictures; of a run killed before it parted them, part them now."""
    split = folder / "split.csv"
    if split.is_file() and not recipe.refit:
        kept, held_out = (
            load_split(recipe.data, split, name, size=recipe.size, watch=watcher.read) for name in ("train", "val")
        )
        return kept, held_out
    data = _parted(recipe, watcher)
    _write_data(recipe, folder, data, devices)
    return data


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
    return _finish(recipe, folder, network, fitted, (train, held_out))


def _check_start(recipe: Recipe) -> None:
    """Raise RecipeError where the network to start from is another one than the recipe's."""
    if recipe.start and (network := read_start(recipe.start).network) != recipe.network:
        message = f"{recipe.start} is a {network} network, the recipe's a {recipe.network}; add --set network={network}"
        raise RecipeError(message)


def _lessons(recipe: Recipe, train: Dataset) -> Lessons:
    votes = np.nan_to_num(join(read_votes(recipe.votes), train)) if recipe.votes else None
    teachers = read_teachers(recipe.teachers, train) if recipe.teachers else None
    return Lessons(train, votes, teachers)


def _finish(recipe: Recipe, folder: Path, network: keras.Model, fitted: Fitted, data: tuple[Dataset, Dataset]) -> Run:
    """Write everything of the run that is made after training, the verdict on validation included."""
    kept, held_out = data
    write_file(folder / "history.csv", run.history_csv(fitted.history))
    if fitted.history:
        for figure in _HISTORY_PLOTS:
            write_file(folder / f"history-{figure}.png", history_plot(fitted.history, figure))
    metadata = (
        operating_point(recipe, kept, run.commit_of(folder))
        if recipe.refit
        else _metadata(recipe, folder, predict_logits(network, held_out.images), data)
    )
    _save_keras(inference_model(network, metadata.temperature, metadata.offsets), folder / "model.keras")
    convert(folder / "model.keras", metadata, "onnx", folder / "model.onnx")
    metrics = _judged(recipe, folder, network.count_params(), fitted, data) if len(held_out) else {}
    return Run(folder, metrics, fitted.best_epoch, recipe.data, fitted.interrupted)


def _judged(
    recipe: Recipe, folder: Path, parameters: int, fitted: Fitted, data: tuple[Dataset, Dataset]
) -> dict[str, Any]:
    """Write the verdict on the validation pictures; return its figures."""
    kept, held_out = data
    classifier = Classifier(folder / "model.onnx")
    about = {**describe(classifier), "parameters": parameters}
    crowd = read_votes(recipe.votes) if recipe.votes else None
    evaluation = judge(predict(classifier, held_out), held_out, split="val", model=about, train=kept, votes=crowd)
    write_evaluation(evaluation, folder / "evaluation" / "val", history=fitted.history)
    return evaluation.metrics


def _metadata(recipe: Recipe, folder: Path, logits: npt.NDArray[np.float32], data: tuple[Dataset, Dataset]) -> Metadata:
    """Calibrate the logits of the validation pictures, float32 ``(n, classes)``; return what the model file says.

    An answer to the imbalance that changed how frequent the classes seem is not undone by offsets: it was asked for.
    """
    kept, held_out = data
    temperature, offsets = fit_calibration(logits, held_out.labels, shift=recipe.balance in KEEPS_SHARES)
    if recipe.balance == "logit-adjustment":
        rarer = fit_adjustment(softmax(logits / temperature + np.array(offsets)), held_out.labels, kept.counts())
        offsets = tuple(float(value) for value in (np.array(offsets) + rarer).round(4))
    probabilities = softmax(logits / temperature + np.array(offsets))
    return Metadata(
        labels=kept.classes,
        size=recipe.size,
        temperature=temperature,
        offsets=offsets,
        uncertain_below=uncertain_below(probabilities, held_out.labels),
        data=kept.fingerprint(),
        recipe=recipe.name,
        start=recipe.start,
        commit=run.commit_of(folder),
        licence=_LICENCE,
        figures={"val": figures(probabilities, held_out.labels)},
    )


def _save_keras(model: keras.Model, path: Path) -> None:
    """Write a Keras file under a temporary name, then rename it."""
    temporary = path.with_name(f".{path.stem}{UNFINISHED}.keras")
    try:
        model.save(temporary)
        temporary.replace(path)
    except OSError as error:
        message = (
            f"{path}: cannot be written ({error}); free some room and go on with mien train --resume {path.parent}"
        )
        raise RunError(message) from error
    finally:
        temporary.unlink(missing_ok=True)
