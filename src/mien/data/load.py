"""The one door to a data set on disk: a folder of class folders, or FER2013 as a table."""

from pathlib import Path

from mien.data import fer_csv, folders
from mien.data.dataset import Dataset
from mien.errors import DataError
from mien.progress import Watch

_LEAST = 2  # pictures of a class in train: one to learn from, one for validation


def load(source: str | Path, split: str, *, size: int = 48, watch: Watch | None = None) -> Dataset:
    """Load one split, ready to train or evaluate on.

    Args:
        source: folder ``DIR`` with ``DIR/<split>/<class>/`` or a CSV file as FER2013's.
        split: train, val, test or private.
        size: side of the pictures in pixels; others are resized, colour becomes grey.
        watch: called with the number of pictures (or lines) read and of all.

    Returns:
        images uint8 ``(n, size, size)``, n >= 1, sorted by name; classes are the union over all splits, sorted.

    Raises:
        DataError: the source or the split is missing, fewer than two classes, a class without pictures, or with one
            only in train.

    Example:
        >>> load("fer2013", "train").counts()
        array([...])
    """
    dataset = read(source, split, size=size, watch=watch)
    empty = () if Path(source).is_file() else folders.empty_classes(Path(source), split)
    if empty:
        message = f"{Path(source) / split / empty[0]}: has no pictures; add some, or remove the folder"
        raise DataError(message)
    if len(dataset) == 0:
        first = f", the first is {dataset.unreadable[0]}" if dataset.unreadable else ""
        message = f"{Path(source) / split}: none of {len(dataset.unreadable)} pictures can be read{first}"
        raise DataError(message)
    if split == "train":
        require_trainable(source, dataset)
    return dataset


def read(source: str | Path, split: str, *, size: int = 48, watch: Watch | None = None) -> Dataset:
    """Read one split as it is, also with empty classes; ``load`` is this with checks.

    Raises:
        DataError: the source or the split is missing, or there are no class folders.
    """
    path = _existing(source)
    reader = fer_csv.read if path.is_file() else folders.read
    try:
        return reader(path, split, size=size, watch=watch)
    except OSError as error:
        message = f"{error.filename or path}: cannot be opened ({error.strerror or error}); make it readable"
        raise DataError(message) from error


def splits(source: str | Path) -> tuple[str, ...]:
    """Return which of train, val, test, private a data set has.

    Raises:
        DataError: the source is missing or is no data set.

    Example:
        >>> splits("fer2013")
        ('train', 'test')
    """
    path = _existing(source)
    return fer_csv.splits(path) if path.is_file() else folders.splits(path)


def require_trainable(source: str | Path, train: Dataset) -> None:
    """Raise DataError unless there are two classes or more and each has two pictures or more to train on."""
    if len(train.classes) < 2:
        message = f"{source}: has one class only ({', '.join(train.classes)}); expected two classes or more"
        raise DataError(message)
    poorest = int(train.counts().argmin())
    count = int(train.counts()[poorest])
    if count < _LEAST:
        amount = "one picture" if count else "no pictures"
        message = (
            f"{source}: class '{train.classes[poorest]}' has {amount} in train that can be read; expected {_LEAST} or "
            "more (one of them is for validation): add pictures or remove the class from every split"
        )
        raise DataError(message)


def _existing(source: str | Path) -> Path:
    path = Path(source)
    if not str(source).strip():
        message = "the name of the data set is empty; expected DIR with DIR/train/<class>/, or fer2013.csv"
        raise DataError(message)
    if not _exists(path):
        message = f"{path}: no such file or folder; expected DIR with DIR/train/<class>/, or fer2013.csv"
        raise DataError(message)
    return path


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # a name with a zero byte is no file's
        return False
    except OSError as error:
        message = f"{path}: cannot be opened ({error.strerror or error}); make it readable"
        raise DataError(message) from error
    return True
