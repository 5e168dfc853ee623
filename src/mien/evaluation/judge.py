"""Joins predictions to labels by name and measures them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mien.data.dataset import Dataset
from mien.data.splits import has_twin
from mien.data.votes import Votes
from mien.data.votes import join as crowd_shares
from mien.errors import DataError, ModelError
from mien.evaluation.calibration import reliability
from mien.evaluation.coverage import coverage
from mien.evaluation.curves import drawn
from mien.evaluation.intervals import class_intervals, intervals
from mien.evaluation.metrics import confusion, figures, per_class
from mien.evaluation.mistakes import Mistake, confident_mistakes
from mien.evaluation.occlusion import MeanMap
from mien.evaluation.predict import Predictions
from mien.evaluation.slices import slices

SCHEMA_VERSION = 1
_NAMED = 3  # files that a note names
_SUM_TOLERANCE = 0.01  # how far a row may be from 1; a float16 or int8 network is not exact


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How good a model is on one split.

    Attributes:
        metrics: what metrics.json holds; plain numbers, lists and strings.
        predictions: in order of their names, columns in the data's order.
        labels: int64 ``(n,)``, true classes in the same order.
        names: names of the pictures in the same order.
        maps: where the model looks, one map a class, see ``occlusion``; empty where the model was not at hand.
        mistakes: those with the highest confidence.
    """

    metrics: dict[str, Any]
    predictions: Predictions
    labels: npt.NDArray[np.int64]
    names: tuple[str, ...]
    maps: tuple[MeanMap, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


def judge(
    predictions: Predictions,
    dataset: Dataset,
    *,
    split: str,
    model: Mapping[str, Any],
    train: Dataset | None = None,
    votes: Votes | None = None,
) -> Evaluation:
    """Return the figures of predictions against the labels of a data set; the order of neither matters.

    Classes of the model that the data is without are counted as ones that no picture has.

    Args:
        predictions: of exactly the pictures in ``dataset``.
        dataset: pictures with their true labels.
        split: name of the split, for the report.
        model: what the report says of the model; with ``uncertain_below`` the figures say what ``uncertain`` buys.
        train: the pictures the model learned from; with them the figures are given again without pictures that have a
            pixel-identical twin in it.
        votes: of a crowd; with them the figures are given by how far it agreed.

    Raises:
        DataError: no pictures, predictions of other pictures, or votes on other classes.
        ModelError: a class of the data is unknown to the model, or its outputs are no probabilities.

    Example:
        >>> judge(predict(classifier, test), test, split="test", model={"name": "bundled"}).metrics["accuracy"]
        0.66
    """
    joined, labels = join(predictions, dataset, name=str(model.get("name", "the model")))
    dataset = dataset.knowing(joined.classes)
    ordered = dataset.subset(np.argsort(np.array(dataset.names, dtype=object), kind="stable"))
    shares = None if votes is None else crowd_shares(votes, ordered)
    averaged = (joined.probabilities + joined.flipped) / 2
    classes = per_class(joined.probabilities, labels, joined.classes)
    counts = confusion(joined.probabilities, labels)
    sure = intervals(joined.probabilities, labels)
    metrics = {
        **figures(joined.probabilities, labels),
        "per_class": classes,
        "confusion": counts.tolist(),
        "intervals": sure,
        "class_intervals": class_intervals(counts, joined.classes),
        "flip": figures(averaged, labels),
        "flip_intervals": intervals(averaged, labels),
        **_without_twins(joined, labels, dataset, train, sure),
        "coverage": coverage(joined.probabilities, labels, model.get("uncertain_below")),
        "slices": slices(joined.probabilities, ordered, shares),
        "split": split,
        "model": dict(model),
        "classes": list(joined.classes),
        "notes": [*_notes(classes, split), *left_out(dataset)],
        "reliability": [asdict(item) for item in reliability(joined.probabilities, labels)],
        "curves": drawn(joined.probabilities, labels, joined.classes),
        "schema_version": SCHEMA_VERSION,
    }
    mistakes = confident_mistakes(joined.probabilities, ordered)
    return Evaluation(metrics, joined, labels, joined.names, mistakes=mistakes)


def join(
    predictions: Predictions, dataset: Dataset, *, name: str = "the model"
) -> tuple[Predictions, npt.NDArray[np.int64]]:
    """Return predictions and labels in order of their names; ``name`` is for messages.

    Columns are in the data's order, classes that only the model knows behind them.

    Raises:
        DataError: no pictures, or predictions of other pictures.
        ModelError: a class of the data is unknown to the model, or its outputs are no probabilities.

    Example:
        >>> joined, labels = join(predict(classifier, test), test)
    """
    _check_names(predictions.names, dataset.names)
    check_classes(predictions.classes, dataset.classes, name)
    names = tuple(sorted(dataset.names))
    place = {picture: row for row, picture in enumerate(predictions.names)}
    rows = [place[picture] for picture in names]
    classes = dataset.knowing(predictions.classes).classes
    columns = [predictions.classes.index(label) for label in classes]
    joined = Predictions(
        names, classes, predictions.probabilities[rows][:, columns], predictions.flipped[rows][:, columns]
    )
    _check_probabilities(joined, name)
    label_of = dict(zip(dataset.names, dataset.labels.tolist(), strict=True))
    return joined, np.array([label_of[picture] for picture in names], np.int64)


def _check_names(predicted: tuple[str, ...], labelled: tuple[str, ...]) -> None:
    if not labelled:
        message = "no pictures to judge; give --data a folder or CSV file whose split holds pictures"
        raise DataError(message)
    for names, what in ((predicted, "predictions"), (labelled, "labels")):
        if len(set(names)) < len(names):
            twice = next(name for name, after in zip(sorted(names), sorted(names)[1:], strict=False) if name == after)
            message = f"{what} name {twice!r} twice among {len(names)}; expected one row a picture"
            raise DataError(message)
    unlabelled, unpredicted = sorted(set(predicted) - set(labelled)), sorted(set(labelled) - set(predicted))
    if unlabelled or unpredicted:
        first, lacks = (
            (unlabelled[0], "has a prediction but no label") if unlabelled else (unpredicted[0], "has no prediction")
        )
        message = (
            f"{first!r} {lacks}: {len(predicted)} predictions, {len(labelled)} labels, {len(unlabelled)} without "
            f"a label, {len(unpredicted)} without a prediction; predict exactly the pictures that are judged"
        )
        raise DataError(message)


def check_classes(known: tuple[str, ...], wanted: tuple[str, ...], model: str) -> None:
    """Raise ModelError unless a model knows every class of the data."""
    only_data = sorted(set(wanted) - set(known))
    if only_data:
        only_model = ", ".join(sorted(set(known) - set(wanted))) or "none"
        message = (
            f"{model}'s classes are not the data's: only in the model: {only_model}; only in the data: "
            f"{', '.join(only_data)}; rename the folders, or use a model that was trained on these classes"
        )
        raise ModelError(message)


def _check_probabilities(predictions: Predictions, model: str) -> None:
    for values in (predictions.probabilities, predictions.flipped):
        broken = ~np.isfinite(values.sum(axis=1))
        if broken.any():
            name = predictions.names[int(broken.argmax())]
            message = (
                f"{model} gives NaN or infinity for {int(broken.sum())} of {len(broken)} pictures, first {name!r}; "
                "its training has diverged, train it again with a lower learning rate"
            )
            raise ModelError(message)
        wrong = (np.abs(values.sum(axis=1) - 1) > _SUM_TOLERANCE) | (values < 0).any(axis=1)
        if wrong.any():
            row = int(wrong.argmax())
            message = (
                f"{model}'s output for {predictions.names[row]!r} is no set of probabilities (sum "
                f"{values[row].sum():.3g}, expected 1); export the model again with mien export"
            )
            raise ModelError(message)


def _without_twins(
    joined: Predictions, labels: npt.NDArray[np.int64], dataset: Dataset, train: Dataset | None, sure: Mapping[str, Any]
) -> dict[str, Mapping[str, Any] | None]:
    """Return figures and intervals of the pictures that have no twin in train; ``sure`` are the intervals of all."""
    if train is None:
        return {"without_twins": None, "without_twins_intervals": None}
    pairs = zip(dataset.names, has_twin(dataset, train), strict=True)
    alone = {name for name, found in pairs if not found}
    kept = np.array([name in alone for name in joined.names], bool)
    judged = joined.probabilities[kept], labels[kept]
    return {
        "without_twins": figures(*judged),
        "without_twins_intervals": sure if kept.all() else intervals(*judged),
    }


def left_out(dataset: Dataset) -> list[str]:
    """Return a note on files that are no pictures, empty where all could be read."""
    files = dataset.unreadable
    more = ", ..." if len(files) > _NAMED else ""
    return [f"{len(files)} left out as unreadable: {', '.join(files[:_NAMED])}{more}"] if files else []


def _notes(classes: Mapping[str, Mapping[str, float | None]], split: str) -> list[str]:
    absent = [name for name, row in classes.items() if not row["support"]]
    unused = [name for name, row in classes.items() if row["precision"] is None]
    notes = []
    if absent:
        notes.append(f"no picture of {', '.join(absent)} in {split}: averages over classes leave it out")
    if unused:
        notes.append(f"never predicted: {', '.join(unused)}")
    return notes
