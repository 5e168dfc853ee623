"""Write a file whole or not at all, under a temporary name first; and tell a file's name as others can hold it."""

import os
from pathlib import Path
from secrets import token_hex

from mien.errors import OutputError

KEEP_BYTES = "surrogateescape"  # errors= of text files: a file name that is not UTF-8 keeps its bytes
UNFINISHED = ".unfinished"  # in the name of a file that is being written; a killed process leaves it


def write_file(path: Path, content: bytes | str) -> None:
    """Write a file; a reader sees the old one or the new one, never half of it. Makes the folder if need be.

    Who may read it is what the umask says, as with any new file.

    Raises:
        OutputError: the place cannot be written (no room, no right), or it has no name.

    Example:
        >>> write_file(Path("runs/a/history.csv"), "epoch,loss")
    """
    if not path.name:
        message = f"{str(path)!r} names no file to write; give one"
        raise OutputError(message)
    data = content.encode("utf-8", KEEP_BYTES) if isinstance(content, str) else content
    temporary = path.with_name(f".{token_hex(8)}{UNFINISHED}")  # without the name, which may be as long as names can be
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        message = f"{path}: cannot be written ({error.strerror or error}); free some room or choose another folder"
        raise OutputError(message) from error


def clear_unfinished(folder: Path) -> None:
    """Remove what a killed process left half-written in a folder and below; only where nobody else writes there.

    Example:
        >>> clear_unfinished(Path("runs/a"))
    """
    for path in folder.rglob(f".*{UNFINISHED}*"):
        path.unlink(missing_ok=True)


def printable(text: str) -> str:
    """Return a file name that any terminal and any table can hold, also one that is not UTF-8.

    Example:
        >>> printable("photo.jpg")
        'photo.jpg'
    """
    return os.fsencode(text).decode("utf-8", "replace")
