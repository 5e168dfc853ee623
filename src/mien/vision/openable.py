"""Names under which OpenCV opens files: a name that is not UTF-8 would end the process inside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mien.errors import PictureError


@contextmanager
def openable(path: Path) -> Iterator[str]:
    """Give a file's name for OpenCV, good while the block lasts: a file that was opened in it stays open after it.

    Absolute, since FFmpeg takes what stands before a colon for a protocol. A file whose name is not UTF-8 has another
    one for the while, a link in a temporary folder.

    Raises:
        PictureError: the name is not UTF-8, and there can be no link to it.

    Example:
        >>> with openable(Path("clip.mp4")) as name:
        ...     device = cv2.VideoCapture(name)
    """
    name = str(path.absolute())
    if _is_utf_8(name):
        yield name
        return
    with TemporaryDirectory(prefix="mien-") as folder:
        link = Path(folder, "video").with_suffix(path.suffix if path.suffix.isascii() else "")
        try:
            link.symlink_to(name)
        except OSError as error:
            raise _unnameable(path) from error
        if not _is_utf_8(str(link)):
            raise _unnameable(path)
        yield str(link)


def _is_utf_8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unnameable(path: Path) -> PictureError:
    return PictureError(f"{path}: its name is not UTF-8, which OpenCV cannot open; rename it")
