"""One training a run folder: a lock that the system frees when the process ends, however it ends."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EACCES, EAGAIN
from pathlib import Path

from mien.errors import OutputError, RunError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_FILE = ".training"  # where a folder itself cannot be locked
_TAKEN = (EACCES, EAGAIN)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a run folder for this process. Where the file system knows no locks, nothing is held.

    Raises:
        RunError: another process trains in it.
        OutputError: there is no such folder, or it may not be opened.

    Example:
        >>> with locked(Path("runs/2026-01-05-compact-1")):
        ...     train_on()
    """
    try:
        file = _open(folder)
    except OSError as error:
        message = f"{folder}: cannot be opened ({error.strerror}); make it writable, or copy the run elsewhere"
        raise OutputError(message) from error
    try:
        _take(file, folder)
        yield
    finally:
        os.close(file)


def _open(folder: Path) -> int:
    if sys.platform == "win32":
        return os.open(folder / _FILE, os.O_RDWR | os.O_CREAT)
    return os.open(folder, os.O_RDONLY)


def _take(file: int, folder: Path) -> None:
    try:
        if sys.platform == "win32":
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            message = f"{folder}: another training is at work in it; wait for its end, or train into a new run folder"
            raise RunError(message) from error
