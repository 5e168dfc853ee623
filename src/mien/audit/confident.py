"""Labels that a model doubts, by confident learning (Northcutt, Jiang and Chuang 2021, arXiv 1911.00068)."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from mien.audit.findings import Finding, Pictures
from mien.data.dataset import Dataset
from mien.data.splits import read_split
from mien.errors import ModelError
from mien.labels import canonical_classes
from mien.model.classify import Classifier
from mien.model.file import BUNDLED
from mien.progress import Watch

_BATCH = 256


def ask(
    pictures: Pictures, rows: npt.NDArray[np.int64], classifier: Classifier, *, watch: Watch | None = None
) -> npt.NDArray[np.float32]:
    """Return what a model says of pictures: float32 ``(m, classes)``, their classes in alphabetical order.

    Args:
        pictures: all pictures.
        rows: positions of those to look at, int64 ``(m,)``.
        classifier: a model that knows every class of the pictures.
        watch: called with the number of pictures seen and of all.

    Raises:
        ModelError: the model lacks a class of the data.
    """
    classes = sorted(set(pictures.labels))
    columns = _columns(classifier, classes)
    parts = [np.zeros((0, len(classes)), np.float32)]
    for start in range(0, len(rows), _BATCH):
        parts.append(classifier(pictures.images[rows[start : start + _BATCH]])[:, columns])
        if watch is not None:
            watch(min(start + _BATCH, len(rows)), len(rows))
    return np.concatenate(parts)


def doubtful_labels(
    pictures: Pictures, rows: npt.NDArray[np.int64], probabilities: npt.NDArray[np.float32]
) -> list[Finding]:
    """Return pictures whose label is probably wrong, the most doubtful first; the score is the doubt, 0 to 1.

    Args:
        pictures: all pictures.
        rows: positions of those to look at, int64 ``(m,)``.
        probabilities: of these, float32 ``(m, classes)``, the pictures' classes in alphabetical order.
    """
    classes = sorted(set(pictures.labels))
    labels = np.array([classes.index(pictures.labels[row]) for row in rows], np.int64)
    found = []
    for place, other, doubt in doubts(probabilities, labels):
        sure, own = probabilities[place, other], probabilities[place, labels[place]]
        note = f"the model says {classes[other]} {sure:.0%}, {classes[labels[place]]} {own:.0%}"
        found.append(pictures.finding(int(rows[place]), "label", doubt, note=note))
    return found


def doubts(probabilities: npt.NDArray[np.float32], labels: npt.NDArray[np.int64]) -> list[tuple[int, int, float]]:
    """Return (position, probable class, doubt) of probably wrong labels, the most doubtful first.

    A picture counts for a class where its probability reaches the class's mean self-confidence: the mean probability
    of the class among the pictures labelled so. Where it counts for several, the most probable one decides. A label is
    doubted where this class is another one and more probable than its own; the doubt is by how much.

    Args:
        probabilities: float32 ``(n, classes)``, rows sum to 1.
        labels: int64 ``(n,)``, given classes.

    Example:
        >>> doubts(np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.95, 0.05]], np.float32), np.array([0, 0, 1, 1]))
        [(3, 0, 0.9)]
    """
    thresholds = np.full(probabilities.shape[1], np.inf)
    for label in np.unique(labels):
        thresholds[label] = probabilities[labels == label, label].mean()
    counted = np.where(probabilities >= thresholds, probabilities, -1)
    rows = np.arange(len(labels))
    likely = counted.argmax(axis=1) if len(labels) else labels
    margin = probabilities[rows, likely] - probabilities[rows, labels]
    doubted = np.flatnonzero((counted[rows, likely] >= 0) & (likely != labels) & (margin > 0))
    order = doubted[np.argsort(-margin[doubted], kind="stable")]
    return [(int(row), int(likely[row]), round(float(margin[row]), 4)) for row in order]


def seen_before(model: str | Path, classifier: Classifier, train: Dataset | None) -> str:
    """Return what is to be said of whether the model was trained on the very pictures that it judges."""
    split = Path(model) / "split.csv"
    name = "/".join(Path(classifier.name).parts[-2:])
    told = f"the model {name} was trained on these very train pictures"
    fewer = "it has learned some wrong labels by heart, and finds fewer of them"
    if split.is_file() and train is not None:
        learned = {name for name, part in read_split(split).items() if part == "train"}
        shared = len(learned & set(train.names))
        return (
            f"{told}, on {shared:,} of {len(train):,}: {fewer}" if shared else "the model was trained on other pictures"
        )
    if train is not None and classifier.metadata.data == train.fingerprint():
        return f"{told}: {fewer}"
    if str(model) in BUNDLED:
        return (
            f"the bundled model was trained on FER2013's train pictures; if these are the same, {fewer}. A model of "
            "other pictures is a better judge"
        )
    return (
        f"the model {name} may have been trained on these very pictures, which its file does not tell: "
        f"if so, {fewer}. A model of other pictures is a better judge"
    )


def _columns(classifier: Classifier, classes: list[str]) -> list[int]:
    known = canonical_classes(classifier.labels)
    missing = [name for name in classes if name not in known]
    if missing:
        message = (
            f"{classifier.name}: does not know the class '{missing[0]}' of the data (it knows {', '.join(known)}); "
            "give a model that was trained on these classes"
        )
        raise ModelError(message)
    return [known.index(name) for name in classes]
