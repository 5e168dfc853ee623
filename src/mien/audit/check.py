"""What is in a data set, and what is wrong with it: counts, imbalance, broken files, twins, contradicting labels."""

from collections import defaultdict
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from mien.data.dataset import Dataset
from mien.data.load import read, require_trainable, splits
from mien.data.splits import has_twin
from mien.data.votes import Votes, agree, join, read_votes
from mien.errors import DataError
from mien.progress import Watch

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class SplitReport:
    """What is in one split.

    Attributes:
        split: train, val, test or private.
        counts: class -> number of pictures; 0 for a class that only other splits have.
        imbalance: largest class over smallest, None where a class is empty.
        unreadable: names of files or rows that are no pictures, each with the reason.
        blank: names of pictures in which all pixels are equal.
        twins: how many pictures are a copy of an earlier one in the split, pixel for pixel.
        fingerprint: of the pictures that can be read, see ``Dataset.fingerprint``.
    """

    split: str
    counts: dict[str, int]
    imbalance: float | None
    unreadable: tuple[str, ...]
    blank: tuple[str, ...]
    twins: int
    fingerprint: str


@dataclass(frozen=True)
class VotesReport:
    """How votes agree with the labels.

    Attributes:
        joined: pictures that have votes.
        pictures: all pictures.
        agreement: share of the joined pictures in which no class has more votes than the label, 0-1.
    """

    joined: int
    pictures: int
    agreement: float | None


@dataclass(frozen=True, eq=False)
class Parts:
    """The splits of a data set: those that could be read, and why the others could not."""

    opened: dict[str, Dataset]
    broken: dict[str, str]


@dataclass(frozen=True)
class Report:
    """What ``check`` found.

    Attributes:
        source: the data set.
        splits: one report a split, in the order train, val, test, private.
        shared: ("train", "test") -> how many pictures of the second split have a pixel-identical twin in the first.
        contradictions: groups of pixel-identical pictures with different labels, as "name (label)" each.
        votes: None where no votes were given.
        broken: splits that are there but cannot be read, each with the reason.
        obstacle: why the data cannot be trained on; None if it can.
    """

    source: str
    splits: tuple[SplitReport, ...]
    shared: dict[tuple[str, str], int]
    contradictions: tuple[tuple[str, ...], ...]
    votes: VotesReport | None
    broken: tuple[str, ...]
    obstacle: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        shared = [{"splits": list(pair), "twins": count} for pair, count in self.shared.items()]
        return {"schema_version": SCHEMA_VERSION, **asdict(self), "shared": shared}


def check(source: str | Path, *, votes: str | Path | None = None, watch: Watch | None = None) -> Report:
    """Look at every split of a data set; what can be reported does not fail.

    Args:
        source: folder or CSV, as for ``mien.data.load.load``.
        votes: a file of votes, such as FER+ fer2013new.csv.
        watch: called with the number of pictures (or lines) read and of all, for each split.

    Raises:
        DataError: the source is missing or is no data set at all, or the votes cannot be read.

    Example:
        >>> check("fer2013").shared["train", "test"]
        279
    """
    return report(source, open_parts(source, watch=watch), votes=votes)


def open_parts(source: str | Path, *, watch: Watch | None = None) -> Parts:
    """Read every split of a data set that can be read.

    Raises:
        DataError: the source is missing or is no data set at all.
    """
    opened: dict[str, Dataset] = {}
    broken: dict[str, str] = {}
    for split in splits(source):
        try:
            opened[split] = read(source, split, watch=watch)
        except DataError as error:
            broken[split] = str(error)
    if not opened:
        read(source, "train")  # says what is expected
    return Parts(opened, broken)


def report(source: str | Path, parts: Parts, *, votes: str | Path | None = None) -> Report:
    """Return what ``check`` does, of splits that are read already.

    Raises:
        DataError: the votes cannot be read.
    """
    given = read_votes(votes) if votes is not None else None
    opened = parts.opened
    return Report(
        source=str(source),
        splits=tuple(_describe(split, part) for split, part in opened.items()),
        shared={(a, b): int(has_twin(opened[b], opened[a]).sum()) for a, b in combinations(opened, 2)},
        contradictions=_contradictions(opened),
        votes=_agreement(given, opened) if given is not None else None,
        broken=tuple(parts.broken.values()),
        obstacle=parts.broken.get("train") or _obstacle(source, opened),
    )


def _describe(split: str, part: Dataset) -> SplitReport:
    counts = part.counts()
    constant = part.images.max(axis=(1, 2), initial=0) == part.images.min(axis=(1, 2), initial=255)
    return SplitReport(
        split=split,
        counts=dict(zip(part.classes, counts.tolist(), strict=True)),
        imbalance=float(counts.max() / counts.min()) if counts.all() else None,
        unreadable=part.unreadable,
        blank=tuple(part.names[row] for row in np.flatnonzero(constant)),
        twins=len(part) - len(set(part.hashes())),
        fingerprint=part.fingerprint(),
    )


def _contradictions(parts: dict[str, Dataset]) -> tuple[tuple[str, ...], ...]:
    groups: dict[bytes, list[tuple[str, str]]] = defaultdict(list)
    for part in parts.values():
        for name, label, digest in zip(part.names, part.labels, part.hashes(), strict=True):
            groups[digest].append((name, part.classes[label]))
    return tuple(
        tuple(f"{name} ({label})" for name, label in group)
        for group in groups.values()
        if len({label for _, label in group}) > 1
    )


def _agreement(votes: Votes, parts: dict[str, Dataset]) -> VotesReport:
    hits: list[bool] = []
    for part in parts.values():
        hits += agree(join(votes, part), part).tolist()
    return VotesReport(
        joined=len(hits),
        pictures=sum(len(part) for part in parts.values()),
        agreement=sum(hits) / len(hits) if hits else None,
    )


def _obstacle(source: str | Path, parts: dict[str, Dataset]) -> str | None:
    """Return why the data cannot be trained on, None if it can."""
    if "train" not in parts:
        return f"{source}: has no split 'train' to train on; it has {', '.join(parts)}"
    try:
        require_trainable(source, parts["train"])
    except DataError as error:
        return str(error)
    return None
