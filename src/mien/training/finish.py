"""What a run holds when its epochs are done: plots, a calibrated model file, and the verdict on validation."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mien.data.dataset import Dataset
from mien.data.votes import read_votes
from mien.errors import RunError
from mien.evaluation.confidence import fit_adjustment, fit_calibration, softmax, uncertain_below
from mien.evaluation.evaluate import describe
from mien.evaluation.judge import judge
from mien.evaluation.metrics import figures
from mien.evaluation.occlusion import mean_maps
from mien.evaluation.plots import history_plot
from mien.evaluation.predict import predict
from mien.evaluation.report import write as write_evaluation
from mien.model.classify import Classifier
from mien.model.file import Metadata
from mien.training import run
from mien.training.balance import adjusts_after, shifts_shares
from mien.training.export import convert, inference_model
from mien.training.fit import Fitted
from mien.training.keras_engine import predict_logits
from mien.training.recipe import Recipe
from mien.training.refit import operating_point
from mien.writing import UNFINISHED, write_file

_HISTORY_PLOTS = ("loss", "accuracy", "auc")
_LICENCE = "not stated; depends on the training pictures"


def finish(
    recipe: Recipe, folder: Path, network: keras.Model, fitted: Fitted, data: tuple[Dataset, Dataset]
) -> dict[str, Any]:
    """Write everything of the run that is made after its epochs; return the figures of validation.

    Args:
        recipe: of the run.
        folder: its folder.
        network: gives logits; holds the weights that are kept.
        fitted: what the epochs gave.
        data: what was trained on, and validation pictures; where there are none, as in a refit, figures are empty.

    Raises:
        RunError: something cannot be written.

    Example:
        >>> finish(recipe, folder, network, fitted, (train, val))["accuracy"]
        0.7
    """
    kept, held_out = data
    write_file(folder / "history.csv", run.history_csv(fitted.history))
    if fitted.history:
        for figure in _HISTORY_PLOTS:
            write_file(folder / f"history-{figure}.png", history_plot(fitted.history, figure))
    if recipe.refit:
        metadata = operating_point(folder, kept, run.commit_of(folder))
    else:
        metadata = _metadata(recipe, folder, predict_logits(network, held_out.images), data)
    _save_keras(inference_model(network, metadata.temperature, metadata.offsets), folder / "model.keras")
    convert(folder / "model.keras", metadata, "onnx", folder / "model.onnx")
    return _judged(recipe, folder, network.count_params(), fitted, data) if len(held_out) else {}


def _judged(
    recipe: Recipe, folder: Path, parameters: int, fitted: Fitted, data: tuple[Dataset, Dataset]
) -> dict[str, Any]:
    """Write the verdict on the validation pictures; return its figures."""
    kept, held_out = data
    classifier = Classifier(folder / "model.onnx")
    about = {**describe(classifier), "parameters": parameters}
    crowd = read_votes(recipe.votes) if recipe.votes else None
    predictions = predict(classifier, held_out)
    evaluation = judge(predictions, held_out, split="val", model=about, train=kept, votes=crowd)
    evaluation = replace(evaluation, maps=mean_maps(classifier, held_out, predictions))
    write_evaluation(evaluation, folder / "evaluation" / "val", history=fitted.history)
    return evaluation.metrics


def _metadata(recipe: Recipe, folder: Path, logits: npt.NDArray[np.float32], data: tuple[Dataset, Dataset]) -> Metadata:
    """Calibrate the logits of the validation pictures, float32 ``(n, classes)``; return what the model file says.

    An answer to the imbalance that changed how frequent the classes seem is not undone by offsets: it was asked for.
    """
    kept, held_out = data
    temperature, offsets = fit_calibration(logits, held_out.labels, shift=not shifts_shares(recipe.balance))
    if adjusts_after(recipe.balance):
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
