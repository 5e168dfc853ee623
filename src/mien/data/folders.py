"""Data sets as folders: DIR/<split>/<class>/<picture>."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mien.data.dataset import Dataset
from mien.errors import DataError, PictureError
from mien.labels import canonical
from mien.model.preprocess import face_pixels
from mien.pictures import SUFFIXES, read_picture
from mien.progress import Watch

SPLITS = ("train", "val", "test", "private")
_CHUNK = 128  # pictures that a thread reads before it reports
_LAYOUT = "expected DIR/train/<class>/ and DIR/test/<class>/ with pictures in them"


def splits(folder: Path) -> tuple[str, ...]:
    """Return which of train, val, test, private a data folder has."""
    return tuple(split for split in SPLITS if (folder / split).is_dir())


def class_names(folder: Path) -> dict[str, str]:
    """Return the class of each class folder's name, over all splits, so that labels agree between splits.

    Where all folders are named after expressions in any accepted spelling, classes are named in mien's words.

    Example:
        >>> class_names(Path("fer2013"))  # holds train/Happiness, test/happy
        {'Happiness': 'happy', 'happy': 'happy'}
    """
    found = {split: [path.name for path in _class_folders(folder / split)] for split in splits(folder)}
    names = sorted({name for part in found.values() for name in part})
    known = {name: expression for name in names if (expression := canonical(name)) is not None}
    unique = all(len({known.get(name) for name in part}) == len(part) for part in found.values())
    return known if unique and len(known) == len(names) else {name: name for name in names}


def empty_classes(folder: Path, split: str) -> tuple[str, ...]:
    """Return names of class folders of a split in which there is no picture."""
    return tuple(path.name for path in _class_folders(folder / split) if not any(_pictures(path)))


def read(folder: Path, split: str, *, size: int = 48, watch: Watch | None = None) -> Dataset:
    """Read one split; files that are no pictures are left out and listed in ``unreadable``.

    Args:
        folder: holds ``<split>/<class>/*.png|jpg|jpeg|webp|bmp``.
        split: train, val, test or private.
        size: side of the pictures in pixels; others are resized, colour becomes grey.
        watch: called with the number of pictures read and of all.

    Returns:
        images uint8 ``(n, size, size)``, sorted by name; n may be 0.

    Raises:
        DataError: the split is not there, has no class folders, or one whose name is not text.

    Example:
        >>> read(Path("fer2013"), "train").images.shape
        (28558, 48, 48)
    """
    _require_classes(folder, split)
    named = class_names(folder)
    classes = tuple(sorted(set(named.values())))
    paths = sorted(
        (picture for path in _class_folders(folder / split) for picture in _pictures(path)),
        key=lambda path: path.relative_to(folder).as_posix(),
    )
    images, sides, faults = _read_pictures(paths, size, watch)
    kept = [row for row in range(len(paths)) if row not in faults]
    labels = [classes.index(named[paths[row].parent.name]) for row in kept]
    return Dataset(
        images=images if len(kept) == len(paths) else images[kept],
        labels=np.array(labels, np.int64),
        classes=classes,
        names=tuple(paths[row].relative_to(folder).as_posix() for row in kept),
        unreadable=tuple(f"{paths[row].relative_to(folder).as_posix()}: {faults[row]}" for row in sorted(faults)),
        sides=sides[kept],
    )


def _require_classes(folder: Path, split: str) -> None:
    there = splits(folder)
    if split not in there:
        known = f"it has {', '.join(there)}" if there else _LAYOUT
        message = f"{folder}: has no split '{split}'; {known}"
        raise DataError(message)
    if not _class_folders(folder / split):
        message = f"{folder / split}: has no class folders; {_LAYOUT}"
        raise DataError(message)
    for name in class_names(folder):
        if name.encode("utf-8", "replace").decode("utf-8") != name:  # a label travels into the model file, as text
            message = f"{folder}: the class folder {name!a} has no name in {sys.getfilesystemencoding()}; rename it"
            raise DataError(message)


def _class_folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _pictures(folder: Path) -> Iterable[Path]:
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.is_file()]
    return (folder / name for name in names if name.lower().endswith(SUFFIXES) and not name.startswith("."))


def _read_pictures(
    paths: Sequence[Path], size: int, watch: Watch | None
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], Mapping[int, str]]:
    """Return uint8 ``(n, size, size)``, shorter sides, and why a file cannot be read; OpenCV decodes in threads."""
    images = np.zeros((len(paths), size, size), np.uint8)
    sides = np.zeros(len(paths), np.int64)
    faults: dict[int, str] = {}

    def read_chunk(start: int) -> int:
        rows = range(start, min(start + _CHUNK, len(paths)))
        for row in rows:
            try:
                picture = read_picture(paths[row])
                images[row], sides[row] = face_pixels(picture, size), min(picture.shape[:2])
            except PictureError as error:
                faults[row] = str(error).removeprefix(f"{paths[row]}: ")
        return len(rows)

    done = 0
    with ThreadPoolExecutor() as pool:
        for count in pool.map(read_chunk, range(0, len(paths), _CHUNK)):
            done += count
            if watch is not None:
                watch(done, len(paths))
    return images, sides, faults
