"""What is told of pictures that are read one after the other: lines on stderr, and what could not be read."""

import typer

from mien.cli.progress import notes
from mien.cli.tables import printable
from mien.errors import PictureError


def report_unreadable(bad: list[PictureError], total: int) -> None:
    """Tell how many files could not be read; fail where it was all of them."""
    if total == 1 and bad:
        raise bad[0]
    if bad:
        notes.print(f"{len(bad)} of {total} files could not be read")
    if len(bad) == total:
        raise typer.Exit(1)


def tell(line: str) -> None:
    """Print a line of plain text to stderr, whatever is in it."""
    notes.print(printable(line), markup=False, soft_wrap=True)
