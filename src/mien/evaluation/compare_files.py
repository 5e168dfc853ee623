"""From model files and a data set to a comparison: each model sees the same pictures, at its own size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mien.data.dataset import Dataset
from mien.data.splits import read_split
from mien.errors import ModelError, RunError
from mien.evaluation.compare import Comparison, check_count, check_models, compare
from mien.evaluation.evaluate import describe, parts_of, read_part
from mien.evaluation.predict import predict
from mien.model.classify import Classifier
from mien.model.file import BUNDLED, read_model
from mien.progress import Progress, Watch, silent

Models = Sequence[str | Path]


def compare_files(
    models: Models, source: str | Path, split: str = "test", *, progress: Progress = silent
) -> Comparison:
    """Return two or more models side by side on a split of a data set.

    The validation split of runs is the one they were trained with: the pictures that all of them set aside.

    Args:
        models: run folders, ``model.onnx`` files, or ``bundled`` and ``bundled-int8``.
        source: a data folder or a FER2013 CSV file.
        split: ``test``, ``val``, ``train`` or ``private``.
        progress: called with a description; gives a context whose value is called with (done, total).

    Raises:
        ModelError: fewer than two models, one of them twice, other classes, or one that cannot be used.
        DataError: the data cannot be read, or lacks the split.
        RunError: a run lacks its split.csv, or the runs set no picture aside that is the same.

    Example:
        >>> compare_files(["bundled", "bundled-int8"], "data/fer2013").models[1].figures["accuracy"]
        0.66
    """
    check_count(models)
    _check_different(models)
    names = short_names(models)
    classifiers = dict(zip(names, map(Classifier, models), strict=True))
    check_models({name: classifier.labels for name, classifier in classifiers.items()})
    part = _part_of(models, names, split)
    datasets: dict[int, Dataset] = {}
    for size in sorted({classifier.metadata.size for classifier in classifiers.values()}):
        with progress(f"Reading {split}") as watch:
            datasets[size] = part.read(source, split, size, watch)
    predictions = {}
    for name, classifier in classifiers.items():
        with progress(f"Predicting with {name}") as watch:
            predictions[name] = predict(classifier, datasets[classifier.metadata.size], watch=watch)
    about = {name: describe(classifier) for name, classifier in classifiers.items()}
    return compare(predictions, next(iter(datasets.values())), split=split, about=about, notes=part.notes)


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


@dataclass(frozen=True)
class _Part:
    """Which pictures are judged: of a run's own split (none: of the data's) those named; and what to be wary of."""

    path: Path | None
    names: frozenset[str]
    notes: tuple[str, ...]

    def read(self, source: str | Path, split: str, size: int, watch: Watch) -> Dataset:
        dataset = read_part(source, split, size, self.path, watch)
        if self.path is None:
            return dataset
        return dataset.subset([row for row, name in enumerate(dataset.names) if name in self.names])


def _part_of(models: Models, names: Sequence[str], split: str) -> _Part:
    found = {name: _split_file(model, split) for name, model in zip(names, models, strict=True)}
    files = {name: path for name, path in found.items() if path is not None}
    notes = ["runs learned from these pictures: new ones are harder"] if split == "train" else []
    if not files:
        return _Part(None, frozenset(), tuple(notes))
    parts = {name: {file for file, part in read_split(path).items() if part == split} for name, path in files.items()}
    shared = _shared(parts, files, split)
    most = max(map(len, parts.values()))
    if len(shared) < most:
        notes.append(f"judged on the {len(shared):,} pictures that are {split} in all runs; one run alone has {most:,}")
    others = ", ".join(name for name in names if name not in files)
    if others and split == "val":
        notes.append(f"{others} may have learned from these pictures, which the runs set aside, and may look too good")
    return _Part(next(iter(files.values())), shared, tuple(notes))


def _split_file(model: str | Path, split: str) -> Path | None:
    return None if str(model) in BUNDLED else parts_of(model, split)


def _shared(parts: Mapping[str, set[str]], files: Mapping[str, Path], split: str) -> frozenset[str]:
    """Return the pictures that all runs give to the split: fair to each of them."""
    first, *others = parts
    shared = parts[first]
    for name in others:
        shared = shared & parts[name]
        if not shared:
            message = (
                f"{files[name]}: gives no picture to {split} that the other runs, such as {first}, give to it too; "
                "compare them with --split test, or runs of the same data and seed"
            )
            raise RunError(message)
    return frozenset(shared)
