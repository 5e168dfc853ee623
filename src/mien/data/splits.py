"""Which pictures are trained on and which validate: drawn so that pixel-identical twins are never parted."""

import csv
import hashlib
from collections import defaultdict
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mien.data.dataset import Dataset
from mien.data.load import load, splits
from mien.errors import DataError
from mien.progress import Watch
from mien.writing import KEEP_BYTES, write_file

_HEADER = ["file", "split"]
_PARTS = ("train", "val")


def train_and_val(
    source: str | Path, *, size: int = 48, share: float = 0.1, seed: int = 0, watch: Watch | None = None
) -> tuple[Dataset, Dataset]:
    """Load what to train on and what to validate on.

    A ``val`` folder is taken where there is one. Else a part of each class of train is set aside; it depends on the
    pictures' pixels and the seed alone, not on their names or order, and never parts pixel-identical twins.

    Args:
        source: folder or CSV, as for ``load``.
        size: side of the pictures in pixels.
        share: part of each class that validates, 0-1; at least one picture of each class, and never all.
        seed: another seed, another part.
        watch: called with the number of pictures read and of all.

    Returns:
        Two data sets of the same classes, each with every class.

    Raises:
        DataError: as ``load``; a class whose pictures are all the same; a share that is not between 0 and 1.

    Example:
        >>> train, val = train_and_val("fer2013", seed=1)
        >>> len(train), len(val)
        (25702, 2856)
    """
    train = load(source, "train", size=size, watch=watch)
    if _has_val(source):
        return train, load(source, "val", size=size, watch=watch)
    if not 0 < share < 1:
        message = f"the share of validation is {share}; expected a number between 0 and 1, such as 0.1"
        raise DataError(message)
    chosen = _choose(train, share, seed)
    kept, val = train.parted(chosen)
    return replace(kept, unreadable=train.unreadable), val


def write_split(path: str | Path, train: Dataset, val: Dataset) -> None:
    """Write which picture went where as CSV ``file,split``; the file appears complete or not at all.

    Raises:
        OutputError: the place cannot be written.

    Example:
        >>> write_split("runs/1/split.csv", train, val)
    """
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADER)
    for split, dataset in zip(_PARTS, (train, val), strict=True):
        writer.writerows((name, split) for name in dataset.names)
    write_file(Path(path), text.getvalue())


def read_split(path: str | Path) -> dict[str, str]:
    """Return picture name -> train or val, from a file that ``write_split`` wrote.

    Raises:
        DataError: the file is missing or is no such table.
    """
    expected = "expected a CSV file with the columns file, split (train or val), as in a run folder"
    try:
        with Path(path).open(encoding="utf-8", errors=KEEP_BYTES, newline="") as file:
            rows = list(csv.reader(file))
    except (OSError, csv.Error) as error:
        message = f"{path}: cannot be read ({error}); {expected}"
        raise DataError(message) from error
    if not rows or rows[0] != _HEADER:
        message = f"{path}: is not a split; {expected}"
        raise DataError(message)
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != 2 or row[1] not in _PARTS:
            message = f"{path}: line {line} is {','.join(row)!r}; {expected}"
            raise DataError(message)
    return {row[0]: row[1] for row in rows[1:]}


def load_split(
    source: str | Path, split_csv: str | Path, split: str, *, size: int = 48, watch: Watch | None = None
) -> Dataset:
    """Load the pictures that a split file gives to train or val.

    Raises:
        DataError: as ``load`` and ``read_split``; a split other than train and val; pictures that the source lacks.

    Example:
        >>> val = load_split("fer2013", "runs/1/split.csv", "val")
    """
    wanted = {name for name, part in read_split(split_csv).items() if part == split}
    if not wanted:
        known = "a refit holds none out, judge it by its test split" if split == "val" else "expected train or val"
        message = f"{split_csv}: has no pictures of split '{split}'; {known}"
        raise DataError(message)
    return _named(source, split_csv, wanted, size, watch)


def load_whole(
    source: str | Path, split_csv: str | Path, *, size: int = 48, watch: Watch | None = None
) -> tuple[Dataset, npt.NDArray[np.bool_]]:
    """Load all pictures of a split file, in the order of the source, and say which of them validate, bool ``(n,)``.

    Raises:
        DataError: as ``load`` and ``read_split``; pictures that the source lacks.

    Example:
        >>> whole, held_out = load_whole("fer2013", "runs/1/split.csv")
        >>> len(whole), held_out.sum()
        (28558, 2857)
    """
    given = read_split(split_csv)
    whole = _named(source, split_csv, set(given), size, watch)
    return whole, np.array([given[name] == "val" for name in whole.names], np.bool_)


def _named(source: str | Path, split_csv: str | Path, wanted: set[str], size: int, watch: Watch | None) -> Dataset:
    """Load the pictures of these names: from train and, where that lacks some, from the val folder."""
    found = load(source, "train", size=size, watch=watch)
    if not wanted <= set(found.names) and _has_val(source):
        found = found.joined(load(source, "val", size=size, watch=watch))
    if missing := wanted - set(found.names):
        message = (
            f"{source}: lacks {len(missing)} of {len(wanted)} pictures of {split_csv}, for one {min(missing)}; give "
            "the data set that the run was trained on"
        )
        raise DataError(message)
    kept = found.subset([row for row, name in enumerate(found.names) if name in wanted])
    return replace(kept, unreadable=found.unreadable)


def has_twin(dataset: Dataset, other: Dataset) -> npt.NDArray[np.bool_]:
    """Return, for each picture of a data set, whether a pixel-identical one is in the other: bool ``(n,)``.

    Both must have been loaded at the same size.

    Example:
        >>> int(has_twin(test, train).sum())  # FER2013
        279
    """
    known = set(other.hashes())
    return np.array([digest in known for digest in dataset.hashes()], np.bool_)


def _has_val(source: str | Path) -> bool:
    return Path(source).is_dir() and "val" in splits(source)


def _choose(dataset: Dataset, share: float, seed: int) -> npt.NDArray[np.bool_]:
    """Return which pictures validate, bool ``(n,)``: groups of twins are drawn until each class has its share."""
    counts = dataset.counts()
    goal = np.minimum(np.maximum(1, np.round(counts * share)), counts - 1).astype(np.int64)
    groups = _shuffled_groups(dataset, seed)
    sizes = [np.bincount(dataset.labels[group], minlength=len(counts)) for group in groups]
    chosen = np.zeros(len(dataset), np.bool_)
    held = np.zeros(len(counts), np.int64)
    for limit in (goal, counts - 1):  # the second round is for classes made of groups that are larger than their share
        for group, size in zip(groups, sizes, strict=True):
            wanted = (size > 0) & ((held < goal) if limit is goal else (held == 0))
            if not chosen[group[0]] and wanted.any() and (held + size <= limit).all():
                chosen[group] = True
                held += size
    if not held.all():
        name = dataset.classes[int(held.argmin())]
        message = (
            f"class '{name}': its pictures are copies of each other, so none can validate; "
            "add a different one, or give validation pictures in a val folder"
        )
        raise DataError(message)
    return chosen


def _shuffled_groups(dataset: Dataset, seed: int) -> list[npt.NDArray[np.int64]]:
    """Return positions of identical pictures, group by group, in an order drawn from pixels and seed."""
    groups: dict[bytes, list[int]] = defaultdict(list)
    for row, digest in enumerate(dataset.hashes()):
        groups[digest].append(row)
    ordered = sorted(groups, key=lambda digest: hashlib.blake2b(b"%d\0%b" % (seed, digest), digest_size=16).digest())
    return [np.array(groups[digest], np.int64) for digest in ordered]
