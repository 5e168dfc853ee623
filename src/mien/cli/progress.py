"""Progress on stderr: a bar on a terminal, nothing in a pipe; text meant for people, never data."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mien.progress import Watch

notes = Console(stderr=True, highlight=False)


@contextmanager
def progress(description: str) -> Iterator[Watch]:
    """Show a bar while the block runs; yields ``watch(done, total)``.

    Example:
        >>> with progress("Reading pictures") as watch:
        ...     dataset = load(source, "train", watch=watch)
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=notes, transient=True, redirect_stdout=False, disable=not notes.is_terminal) as bar:
        task = bar.add_task(description, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
