"""The whole audit of a data set: everything that ``check`` reports, and a finding for each picture that is doubtful."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mien.audit.check import Parts, Report, open_parts, report
from mien.audit.confident import ask, doubtful_labels, seen_before
from mien.audit.findings import KINDS, Finding, Pictures, gather
from mien.audit.nonfaces import LEAST, RULE, suspects
from mien.audit.predicted import read_predictions
from mien.audit.quality import ClassLooks, by_class, measure, poor
from mien.audit.twins import identical, near_duplicates, twins
from mien.data.dataset import Dataset
from mien.data.folders import class_names
from mien.errors import DataError
from mien.model.classify import Classifier
from mien.pictures import SUFFIXES
from mien.progress import Progress, silent


@dataclass(frozen=True, eq=False)
class Audit:
    """What ``audit`` found.

    Attributes:
        report: counts, imbalance, votes, and why the data cannot be trained on, if so.
        findings: in the order of ``KINDS``, the strongest of a kind first.
        looks: what is usual in each class.
        notes: what a reader must know to judge the findings.
        skipped: kinds that were not looked for; ``notes`` say why.
        pictures: what was looked at.
    """

    report: Report
    findings: tuple[Finding, ...]
    looks: tuple[ClassLooks, ...]
    notes: tuple[str, ...]
    skipped: tuple[str, ...]
    pictures: Pictures

    def counts(self) -> dict[str, int]:
        """Return kind -> number of findings, for every kind, in the order of ``KINDS``."""
        found = Counter(finding.kind for finding in self.findings)
        return {kind: found[kind] for kind in KINDS}

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON: those of the report, and the audit's own."""
        return {
            **self.report.to_dict(),
            "kinds": {kind: {"rule": KINDS[kind], "findings": count} for kind, count in self.counts().items()},
            "looks": [asdict(each) for each in self.looks],
            "notes": list(self.notes),
            "skipped": list(self.skipped),
            "findings": [asdict(finding) for finding in self.findings],
        }


def audit(
    source: str | Path,
    *,
    votes: str | Path | None = None,
    model: str | Path | None = None,
    predictions: Sequence[str | Path] = (),
    progress: Progress = silent,
) -> Audit:
    """Look at every picture of every split of a data set.

    Args:
        source: folder or CSV, as for ``mien.data.load.load``.
        votes: a file of votes, such as FER+ fer2013new.csv.
        model: a model file, a run folder or ``bundled``, to doubt labels with.
        predictions: or files of predictions of these pictures, to doubt labels with; without either none are doubted.
        progress: called with a description; gives a context whose value is called with (done, total).

    Raises:
        DataError: the source is missing or is no data set at all, the votes or predictions cannot be read, or both a
            model and predictions are given.
        ModelError: the model cannot be used, or lacks a class of the data.

    Example:
        >>> audit("fer2013").counts()["conflict"]
        117
    """
    classifier = _judge(model, predictions)
    with progress("Reading pictures") as watch:
        parts = open_parts(source, watch=watch)
    told = report(source, parts, votes=votes)
    pictures = gather(parts.opened)
    with progress("Measuring") as watch:
        looks = measure(pictures.images, watch=watch)
    groups = identical(pictures)
    usable = np.array(sorted(group[0] for group in groups if looks.usable[group[0]]), np.int64)
    found = [*_unreadable(source, parts.opened), *poor(pictures, looks), *twins(pictures, groups)]
    with progress("Comparing pictures") as watch:
        found += near_duplicates(pictures, usable, watch=watch)
    found += suspects(pictures, usable)
    rows, probabilities = np.flatnonzero(looks.usable), None
    if classifier is not None:
        with progress("Asking the model") as watch:
            probabilities = ask(pictures, rows, classifier, watch=watch)
    elif predictions:
        rows, probabilities = read_predictions(pictures, rows, predictions)
    if probabilities is not None:
        found += doubtful_labels(pictures, rows, probabilities)
    order = list(KINDS)
    skipped = _skipped(parts, usable, doubted=probabilities is not None)
    return Audit(
        report=told,
        findings=tuple(sorted(found, key=lambda finding: order.index(finding.kind))),
        looks=by_class(pictures, looks),
        notes=(*_notes(skipped), _trust(parts, model, classifier, len(rows) if predictions else None)),
        skipped=skipped,
        pictures=pictures,
    )


def _judge(model: str | Path | None, predictions: Sequence[str | Path]) -> Classifier | None:
    if model is not None and predictions:
        message = f"both a model ({model}) and predictions ({predictions[0]}) are to doubt labels; give one of them"
        raise DataError(message)
    return Classifier(model) if model is not None else None


def _skipped(parts: Parts, usable: npt.NDArray[np.int64], *, doubted: bool) -> tuple[str, ...]:
    missing = {
        "tiny": all(part.sides is None for part in parts.opened.values()),
        "non-face": len(usable) < LEAST,
        "label": not doubted,
    }
    return tuple(kind for kind, skipped in missing.items() if skipped)


def _notes(skipped: Sequence[str]) -> Iterator[str]:
    if "tiny" in skipped:
        yield "tiny pictures were not looked for: in a table all have the same size"
    yield f"non-faces were not looked for: that takes {LEAST} different pictures" if "non-face" in skipped else RULE


def _trust(parts: Parts, model: str | Path | None, classifier: Classifier | None, predicted: int | None) -> str:
    """Return how far doubts of labels can be trusted; ``predicted`` is of how many pictures predictions were given."""
    if predicted is not None:
        total = sum(len(part) for part in parts.opened.values())
        return (
            f"labels were doubted by predictions of {predicted:,} of {total:,} pictures; they are worth most where the "
            "models had not learned from these pictures"
        )
    if model is not None and classifier is not None:
        return seen_before(model, classifier, parts.opened.get("train"))
    return "labels were not doubted: that takes a model (--model FILE, RUN or bundled) or --predictions"


def _unreadable(source: str | Path, parts: Mapping[str, Dataset]) -> Iterator[Finding]:
    classes = class_names(Path(source)) if Path(source).is_dir() else {}
    entries: dict[str, str] = {}
    for split, part in parts.items():
        for entry in part.unreadable:
            entries.setdefault(entry, split)  # a row of no known split stands in each, and counts once
    for entry, split in entries.items():
        name, reason = parted(entry)
        label = classes.get(Path(name).parent.name, "")
        yield Finding(name, split, "unreadable", label=label, note=reason)


def parted(entry: str) -> tuple[str, str]:
    """Return name and reason of an entry of ``Dataset.unreadable``; a name may have a colon in it.

    Example:
        >>> parted("train/a/x: 1.png: is empty")
        ('train/a/x: 1.png', 'is empty')
    """
    words = entry.split(": ")
    for count in range(1, len(words)):
        name = ": ".join(words[:count])
        if name.lower().endswith(SUFFIXES):
            return name, ": ".join(words[count:])
    return words[0], ": ".join(words[1:])
