"""Saving: pictures, errors that name the file which could not be saved, and sources that are never replaced."""

import errno
import os
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2

from mien.errors import OutputError
from mien.pictures import Picture
from mien.writing import write_file

_JPEG_QUALITY = 92
_LONGEST_JPEG = 65_500  # pixels of a side


def write_picture(file: Path, image: Picture) -> None:
    """Write a picture as its file's suffix says, whole or not at all.

    Args:
        file: a name that ends in ``.png``, ``.jpg`` or ``.jpeg``.
        image: BGR uint8 ``(height, width, 3)``.

    Raises:
        OutputError: the file cannot be written, or the format cannot hold a picture of this size.

    Example:
        >>> write_picture(Path("annotated.png"), annotate(frame.image, frame.faces))
    """
    is_png = file.suffix.lower() == ".png"
    if not is_png and max(image.shape) > _LONGEST_JPEG:
        size = f"{image.shape[1]} x {image.shape[0]}"
        message = f"{file}: a picture of {size} pixels does not fit this format; shrink it, or convert it to PNG"
        raise OutputError(message)
    _, data = cv2.imencode(file.suffix, image, [] if is_png else [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    write_file(file, bytes(data.tobytes()))


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn the system's error into one that names the file.

    Example:
        >>> with told(Path("/proc/faces.csv")):
        ...     Path("/proc/faces.csv").touch()
        Traceback (most recent call last):
        mien.errors.OutputError: /proc/faces.csv: cannot be written (No such file or directory); give another folder ...
    """
    try:
        yield
    except OSError as error:
        message = f"{path}: cannot be written ({error.strerror or error}); give another folder with --out"
        raise OutputError(message) from error


def unwritable(video: Path, reason: object) -> OutputError:
    """Return the error of a video that cannot be written.

    Example:
        >>> raise unwritable(Path("out/clip.mp4"), "no room")
        Traceback (most recent call last):
        mien.errors.OutputError: out: the video cannot be written there (no room); give another folder with --out
    """
    said = getattr(reason, "strerror", None) or reason
    return OutputError(f"{video.parent}: the video cannot be written there ({said}); give another folder with --out")


def spared(file: Path, kept: Set[Path]) -> Path:
    """Return the file, unless it is one of the sources.

    Args:
        file: what is to be written.
        kept: the sources, resolved.

    Raises:
        OutputError: writing it would replace a source.

    Example:
        >>> spared(Path("out/a.jpg"), {Path("a.jpg").resolve()})
        PosixPath('out/a.jpg')
    """
    if file.resolve() in kept:
        message = f"{file}: is one of the sources and would be replaced; give another folder with --out"
        raise OutputError(message)
    return file


class InFolder:
    """A ``with`` object that writes files into a folder, which it makes first.

    Args:
        folder: where.

    Raises:
        OutputError: the folder cannot be made, or nothing can be written into it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        with told(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            if not os.access(self._folder, os.W_OK):  # now, not when hours of video have been read
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish()

    def _finish(self) -> None:
        """Write what is not written yet; nothing, where every frame is written at once."""
