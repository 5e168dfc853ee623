"""From model files and a data set to a comparison: each model sees the same pictures, at its own size."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mien.data.dataset import Dataset
from mien.data.splits import read_split
from mien.errors import ModelError, RunError
from mien.evaluation.compare import Comparison, check_count, check_models, compare
from mien.evaluation.evaluate import Progress, describe, parts_of, read_part, silent
from mien.evaluation.predict import predict
from mien.model.classify import Classifier
from mien.model.file import BUNDLED, read_model

Models = Sequence[str | Path]


def compare_files(
    models: Models, source: str | Path, split: str = "test", *, progress: Progress = silent
) -> Comparison:
    """Return two or more models side by side on a split of a data set.

    The validation split of runs is the one they were trained with; they must have the same one.

    Args:
        models: run folders, ``model.onnx`` files, or ``bundled`` and ``bundled-int8``.
        source: a data folder or a FER2013 CSV file.
        split: ``test``, ``val``, ``train`` or ``private``.
        progress: called with a description; gives a context whose value is called with (done, total).

    Raises:
        ModelError: fewer than two models, one of them twice, other classes, or one that cannot be used.
        DataError: the data cannot be read, or lacks the split.
        RunError: a run lacks its split.csv, or has another validation split than the first.

    Example:
        >>> compare_files(["bundled", "bundled-int8"], "data/fer2013").models[1].figures["accuracy"]
        0.66
    """
    check_count(models)
    _check_different(models)
    names = short_names(models)
    classifiers = dict(zip(names, map(Classifier, models), strict=True))
    check_models({name: classifier.labels for name, classifier in classifiers.items()})
    parts, notes = _split_of(models, names, split)
    datasets: dict[int, Dataset] = {}
    for size in sorted({classifier.metadata.size for classifier in classifiers.values()}):
        with progress(f"Reading {split}") as watch:
            datasets[size] = read_part(source, split, size, parts, watch)
    predictions = {}
    for name, classifier in classifiers.items():
        with progress(f"Predicting with {name}") as watch:
            predictions[name] = predict(classifier, datasets[classifier.metadata.size], watch=watch)
    about = {name: describe(classifier) for name, classifier in classifiers.items()}
    return compare(predictions, next(iter(datasets.values())), split=split, about=about, notes=notes)


def short_names(models: Models) -> list[str]:
    """Return a name for each model: as much of the end of its path as tells it from the others.

    Example:
        >>> short_names(["bundled", "runs/a/model.onnx", "runs/b"])
        ['bundled', 'a', 'b']
    """
    parts = [_parts(model) for model in models]
    for length in range(1, max(map(len, parts)) + 1):
        names = ["/".join(each[-length:]) for each in parts]
        if len(set(names)) == len(names):
            return names
    return [str(model) for model in models]


def _parts(model: str | Path) -> tuple[str, ...]:
    if str(model) in BUNDLED:
        return (str(model),)
    parts = Path(model).absolute().parts
    return parts[:-1] if parts[-1] == "model.onnx" else parts


def _check_different(models: Models) -> None:
    seen: dict[bytes, str | Path] = {}
    for model in models:
        data = read_model(model).data
        if data in seen:
            message = f"{model} is the same model as {seen[data]}; expected different ones, name each once"
            raise ModelError(message)
        seen[data] = model


def _split_of(models: Models, names: Sequence[str], split: str) -> tuple[Path | None, list[str]]:
    """Return the split.csv that all runs share, None where none is needed, and what to be wary of."""
    found = {name: _split_file(model, split) for name, model in zip(names, models, strict=True)}
    files = {name: path for name, path in found.items() if path is not None}
    notes = ["runs learned from these pictures: new ones are harder"] if split == "train" else []
    if not files:
        return None, notes
    first = next(iter(files))
    _check_shared(files, first, split)
    others = ", ".join(name for name in names if name not in files)
    if others and split == "val":
        notes.append(f"{others} may have learned from these pictures, which {first} set aside, and may look too good")
    return files[first], notes


def _split_file(model: str | Path, split: str) -> Path | None:
    return None if str(model) in BUNDLED else parts_of(model, split)


def _check_shared(files: Mapping[str, Path], first: str, split: str) -> None:
    parts = {name: {file for file, part in read_split(path).items() if part == split} for name, path in files.items()}
    for name, pictures in parts.items():
        if pictures != parts[first]:
            message = (
                f"{files[name]}: gives {len(pictures)} pictures to {split}, {first} has {len(parts[first])}, "
                f"{len(pictures & parts[first])} of them the same; expected the same ones, compare with --split test"
            )
            raise RunError(message)
