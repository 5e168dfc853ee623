"""Says how good a model file is on a split of a data set; never opens Keras."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from mien.data.dataset import Dataset
from mien.data.load import load, read, splits
from mien.data.splits import load_split
from mien.data.votes import read_votes
from mien.errors import RunError
from mien.evaluation.history import read_history
from mien.evaluation.judge import Evaluation, check_classes, judge
from mien.evaluation.occlusion import mean_maps
from mien.evaluation.predict import predict
from mien.model.classify import Classifier
from mien.progress import Progress, Watch, silent

Model = str | Path | None


def evaluate(
    model: Model,
    source: str | Path,
    split: str = "test",
    *,
    votes: str | Path | None = None,
    progress: Progress = silent,
) -> Evaluation:
    """Return how good a model is on a split of a data set.

    The validation split of a run is the one it was trained with, read from its split.csv.

    Args:
        model: a run folder or a ``model.onnx``; None for the bundled model.
        source: a data folder or a FER2013 CSV file.
        split: ``test``, ``val``, ``train`` or ``private``.
        votes: CSV file of a crowd's votes, such as FER+; adds figures by how far the crowd agreed.
        progress: called with a description; gives a context whose value is called with (done, total).

    Raises:
        ModelError: the model cannot be used, or knows other classes than the data.
        DataError: the data or the votes cannot be read, or the data lacks the split.
        RunError: the run folder lacks its split.csv.

    Example:
        >>> evaluate(None, "data/fer2013", "test").metrics["accuracy"]
        0.66
    """
    classifier = Classifier(model)
    crowd = None if votes is None else read_votes(votes)
    size, parts = classifier.metadata.size, parts_of(model, split)
    with progress(f"Reading {split}") as watch:
        dataset = read_part(source, split, size, parts, watch)
    about = describe(classifier)
    check_classes(classifier.labels, dataset.classes, about["name"])
    train = None
    if split != "train":
        with progress("Reading train, to find twins") as watch:
            train = _read_train(source, size, parts, watch, with_val=split != "val")
    with progress("Predicting") as watch:
        predictions = predict(classifier, dataset, watch=watch)
    evaluation = judge(predictions, dataset, split=split, model=about, train=train, votes=crowd)
    with progress("Covering parts of faces") as watch:
        return replace(evaluation, maps=mean_maps(classifier, dataset, predictions, watch=watch))


def describe(classifier: Classifier) -> dict[str, Any]:
    """Return what a report says of a model: name without the machine's folders, recipe, commit, data, and settings."""
    path, metadata = Path(classifier.name), classifier.metadata
    return {
        "name": "/".join(path.parts[-2:]),
        "recipe": metadata.recipe,
        "commit": metadata.commit,
        "data": metadata.data,
        "size": metadata.size,
        "temperature": metadata.temperature,
        "offsets": dict(zip(metadata.labels, metadata.offsets, strict=True)) if metadata.offsets else {},
        "uncertain_below": metadata.uncertain_below,
    }


def run_of(model: Model) -> Path | None:
    """Return the run folder that a model was named by, None for a file or the bundled model."""
    return Path(model) if model is not None and Path(model).is_dir() else None


def history_of(model: Model) -> list[dict[str, float]] | None:
    """Return the history of a run, None where there is none."""
    run = run_of(model)
    path = run / "history.csv" if run is not None else None
    return read_history(path) if path is not None and path.is_file() else None


def default_folder(model: Model, split: str) -> Path:
    """Return where a report goes if nothing else is asked for: into the run, else ``mien-evaluation/<model>/<split>``.

    Example:
        >>> default_folder("bundled-int8", "test"), default_folder("exports/small.onnx", "test")
        (PosixPath('mien-evaluation/bundled-int8/test'), PosixPath('mien-evaluation/small/test'))
    """
    run = run_of(model)
    if run is not None:
        return run / "evaluation" / split
    path = Path(model or "bundled")
    name = path.parent.name if path.name == "model.onnx" else path.stem  # a run's file is called by its run
    return Path("mien-evaluation") / (name or "model") / split


def parts_of(model: Model, split: str) -> Path | None:
    """Return the split.csv that parts the run's training from its validation pictures, where that matters."""
    run = run_of(model)
    if run is None or split not in ("val", "train"):
        return None
    path = run / "split.csv"
    if not path.is_file():
        message = f"{path}: missing, so the run's {split} pictures are unknown; name its model.onnx, not the folder"
        raise RunError(message)
    return path


def read_part(source: str | Path, split: str, size: int, parts: Path | None, watch: Watch) -> Dataset:
    """Return the pictures of a split; of a run's own validation or training part where ``parts`` is its split.csv."""
    if parts is not None:
        return load_split(source, parts, split, size=size, watch=watch)
    return load(source, split, size=size, watch=watch)


def _read_train(source: str | Path, size: int, parts: Path | None, watch: Watch, *, with_val: bool) -> Dataset | None:
    """Return the training pictures as they are; None where the data has none, which is no fault.

    With those of a ``val`` folder, from which a refit learns too, where they are not what is judged.
    """
    if parts is not None:
        return load_split(source, parts, "train", size=size, watch=watch)
    known = splits(source)
    train = read(source, "train", size=size, watch=watch) if "train" in known else None
    if train is not None and with_val and "val" in known:
        return train.joined(read(source, "val", size=size, watch=watch))
    return train
