"""Writing data sets as folders, which appear complete or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from mien.data import fer_csv
from mien.data.dataset import Dataset
from mien.errors import DataError, OutputError
from mien.progress import Watch

_REPORT_EVERY = 500


def import_csv(table: str | Path, out: str | Path, *, watch: Watch | None = None) -> dict[str, Dataset]:
    """Write the pictures of fer2013.csv or icml_face_data.csv as ``out/<split>/<class>/<row's name>.png``.

    Malformed rows are left out.

    Args:
        table: the CSV file.
        out: a folder that does not exist yet, or is empty.
        watch: called with the number of lines read and of all, then of pictures written and of all, for each split.

    Returns:
        What was written: split -> data set, with the rows that were left out in its ``unreadable``.

    Raises:
        DataError: the table cannot be read.
        OutputError: the folder has something in it, or cannot be written.

    Example:
        >>> {split: len(part) for split, part in import_csv("fer2013.csv", "fer2013").items()}
        {'train': 28709, 'test': 3589, 'private': 3589}
    """
    path = Path(table)
    if path.is_dir():
        message = f"{path}: is a folder; expected fer2013.csv or icml_face_data.csv"
        raise DataError(message)
    written: dict[str, Dataset] = {}
    there = fer_csv.splits(path)
    if not there:
        message = f"{path}: has no rows of Training, PublicTest or PrivateTest; give the whole table"
        raise DataError(message)
    with new_folder(out) as folder:
        for split in there:
            dataset = fer_csv.read(path, split, watch=watch)
            _write(folder / split, dataset, watch)
            written[split] = dataset
    return written


@contextmanager
def new_folder(out: str | Path) -> Iterator[Path]:
    """Yield a temporary folder beside ``out`` that takes its place when the block ends well, and vanishes otherwise.

    Raises:
        OutputError: ``out`` has something in it or cannot be written.

    Example:
        >>> with new_folder("faces") as folder:
        ...     write_png(folder / "a.png", image)
    """
    target = Path(out)
    try:
        taken = target.exists() and (not target.is_dir() or any(target.iterdir()))
    except OSError as error:
        message = f"{target}: cannot be written ({error.strerror or error}); choose another --out"
        raise OutputError(message) from error
    if taken:
        message = f"{target}: exists and is not an empty folder; choose another --out, or remove it"
        raise OutputError(message)
    temporary = target.absolute().with_name(f".{target.absolute().name}.{os.getpid()}")
    try:
        temporary.mkdir(parents=True)
        yield temporary
        if target.exists():
            target.rmdir()
        temporary.replace(target)
    except OSError as error:
        message = f"{target}: cannot be written ({error.strerror or error}); choose another --out"
        raise OutputError(message) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_png(path: Path, image: npt.NDArray[np.uint8]) -> None:
    """Write a picture, grey uint8 ``(h, w)`` or BGR ``(h, w, 3)``, without loss; works with any path."""
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())


def _write(folder: Path, dataset: Dataset, watch: Watch | None) -> None:
    for label in np.flatnonzero(dataset.counts()):
        (folder / dataset.classes[label]).mkdir(parents=True)
    for row, (image, label, name) in enumerate(zip(dataset.images, dataset.labels, dataset.names, strict=True)):
        write_png(folder / dataset.classes[label] / f"{name}.png", image)
        if watch is not None and row % _REPORT_EVERY == 0:
            watch(row, len(dataset))
