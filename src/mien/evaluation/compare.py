"""Two or more models judged on the same pictures, side by side: predictions in, a comparison out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from mien.data.dataset import Dataset
from mien.errors import ModelError
from mien.evaluation.intervals import percentile_interval
from mien.evaluation.judge import join, left_out
from mien.evaluation.metrics import figures
from mien.evaluation.paired import (
    ClassGain,
    Difference,
    Outcomes,
    class_gains,
    differences,
    holm,
    mcnemar,
    outcomes,
    resampled,
)
from mien.evaluation.predict import Predictions

SCHEMA_VERSION = 1
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Contender:
    """One of the models.

    Attributes:
        name: short and unlike the others' names.
        figures: as from ``metrics.figures``, without test-time augmentation.
        intervals: 95 % interval of each headline figure.
        flip: the same figures, flip-averaged.
        about: what is known of the model, as from ``evaluate.describe``.
    """

    name: str
    figures: Mapping[str, float | None]
    intervals: Mapping[str, list[float] | None]
    flip: Mapping[str, float | None]
    about: Mapping[str, Any]


@dataclass(frozen=True)
class Pair:
    """The second model against the first.

    Attributes:
        first: name of a model.
        second: name of a model that was named after it.
        differences: of the headline figures, second minus first.
        outcomes: on how many pictures both, one or none is right.
        p_value: of McNemar's exact test that both are right equally often.
        p_adjusted: the same, if all pairs are looked at together (Holm 1979).
        classes: what each class gains.
    """

    first: str
    second: str
    differences: Mapping[str, Difference]
    outcomes: Outcomes
    p_value: float
    p_adjusted: float
    classes: tuple[ClassGain, ...]


@dataclass(frozen=True)
class Disagreement:
    """A picture that the models name differently.

    Attributes:
        name: of the picture.
        label: its true class.
        said: the class that each model names, in the order of the models.
        confidences: of each model, 0-1.
        sureness: confidence of the less sure one of two models that disagree, 0-1; of the surest such two.
    """

    name: str
    label: str
    said: tuple[str, ...]
    confidences: tuple[float, ...]
    sureness: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """What several models make of the same pictures.

    Attributes:
        models: in the order they were named in.
        pairs: the first against each other one, then the second, and so on.
        disagreements: the surest first.
        classes: names, in the data's order.
        n: number of pictures.
        split: name of the split.
        notes: sentences without a full stop, for people.
    """

    models: tuple[Contender, ...]
    pairs: tuple[Pair, ...]
    disagreements: tuple[Disagreement, ...]
    classes: tuple[str, ...]
    n: int
    split: str
    notes: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Return what comparison.json holds: plain numbers, lists and strings; None where a figure is undefined."""
        return {**asdict(self), "schema_version": SCHEMA_VERSION}


def compare(
    predictions: Mapping[str, Predictions],
    dataset: Dataset,
    *,
    split: str,
    about: Mapping[str, Mapping[str, Any]] | None = None,
    notes: Sequence[str] = (),
) -> Comparison:
    """Return models side by side; the order of pictures and of classes does not matter.

    Args:
        predictions: of each model, by its name, of exactly the pictures in ``dataset``.
        dataset: pictures with their true labels.
        split: name of the split, for the report.
        about: what the report says of each model, by its name.
        notes: sentences for the report.

    Raises:
        DataError: no pictures, or predictions of other pictures.
        ModelError: fewer than two models, classes that are not each other's, a class of the data that they do not know,
            or outputs that are no probabilities.

    Example:
        >>> found = compare({"a": predict(a, test), "b": predict(b, test)}, test, split="test")
        >>> found.pairs[0].differences["accuracy"].value
        0.012
    """
    check_models({name: each.classes for name, each in predictions.items()})
    joined = {name: join(each, dataset, name=name) for name, each in predictions.items()}
    labels = next(iter(joined.values()))[1]
    aligned = {name: each for name, (each, _) in joined.items()}
    dataset = dataset.knowing(next(iter(aligned.values())).classes)
    scores = [each.probabilities.astype(np.float64) for each in aligned.values()]
    draws = resampled(scores, labels)
    models = tuple(
        _contender(name, each, labels, drawn, (about or {}).get(name, {}))
        for (name, each), drawn in zip(aligned.items(), draws, strict=True)
    )
    absent = [dataset.classes[row] for row in np.flatnonzero(dataset.counts() == 0)]
    missing = [f"no picture of {', '.join(absent)} in {split}: averages over classes leave it out"] if absent else []
    return Comparison(
        models=models,
        pairs=_pairs(models, scores, draws, labels, dataset.classes),
        disagreements=_disagreements(next(iter(aligned.values())).names, scores, labels, dataset.classes),
        classes=dataset.classes,
        n=len(labels),
        split=split,
        notes=(*notes, *missing, *left_out(dataset)),
    )


def check_models(classes: Mapping[str, Sequence[str]]) -> None:
    """Raise ModelError unless there are two models or more, all with the same classes; takes classes by name."""
    check_count(list(classes))
    first, *others = classes
    for other in others:
        ours, theirs = set(classes[first]), set(classes[other])
        if ours != theirs:
            message = (
                f"{other} knows other classes than {first}: only {first}: {_listed(ours - theirs)}; only {other}: "
                f"{_listed(theirs - ours)}; compare models that were trained on the same classes"
            )
            raise ModelError(message)


def check_count(models: Sequence[object]) -> None:
    """Raise ModelError unless two models or more were named."""
    if len(models) < 2:
        given = f"{models[0]} alone" if models else "no model"
        message = f"{given} cannot be compared; expected two models or more, such as: mien compare bundled RUN"
        raise ModelError(message)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _contender(
    name: str,
    predictions: Predictions,
    labels: npt.NDArray[np.int64],
    draws: Mapping[str, Array],
    about: Mapping[str, Any],
) -> Contender:
    averaged = (predictions.probabilities + predictions.flipped) / 2
    ranges = {figure: percentile_interval(values) for figure, values in draws.items()}
    return Contender(name, figures(predictions.probabilities, labels), ranges, figures(averaged, labels), dict(about))


def _pairs(
    models: Sequence[Contender],
    scores: Sequence[Array],
    draws: Sequence[Mapping[str, Array]],
    labels: npt.NDArray[np.int64],
    classes: Sequence[str],
) -> tuple[Pair, ...]:
    right = [each.argmax(axis=1) == labels for each in scores]
    places = list(combinations(range(len(models)), 2))
    parts = [outcomes(right[first], right[second]) for first, second in places]
    p_values = [mcnemar(part.only_first, part.only_second) for part in parts]
    return tuple(
        Pair(
            first=models[first].name,
            second=models[second].name,
            differences=differences([models[first].figures, models[second].figures], [draws[first], draws[second]]),
            outcomes=part,
            p_value=p_value,
            p_adjusted=adjusted,
            classes=class_gains(right[first], right[second], labels, classes),
        )
        for (first, second), part, p_value, adjusted in zip(places, parts, p_values, holm(p_values), strict=True)
    )


def _disagreements(
    names: Sequence[str], scores: Sequence[Array], labels: npt.NDArray[np.int64], classes: Sequence[str]
) -> tuple[Disagreement, ...]:
    said = np.stack([each.argmax(axis=1) for each in scores], axis=1)
    confidence = np.stack([each.max(axis=1) for each in scores], axis=1)
    found = [
        Disagreement(
            name=names[row],
            label=classes[labels[row]],
            said=tuple(classes[column] for column in said[row]),
            confidences=tuple(confidence[row].tolist()),
            sureness=_sureness(said[row].tolist(), confidence[row].tolist()),
        )
        for row in np.flatnonzero((said != said[:, :1]).any(axis=1)).tolist()
    ]
    return tuple(sorted(found, key=lambda each: (-each.sureness, each.name)))


def _sureness(said: Sequence[int], confidences: Sequence[float]) -> float:
    """Return the confidence of the less sure one of two models that disagree, of the surest such two."""
    return max(
        min(confidences[first], confidences[second])
        for first, second in combinations(range(len(said)), 2)
        if said[first] != said[second]
    )
