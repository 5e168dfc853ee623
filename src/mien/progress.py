"""How long work tells how far it is. The command line draws a bar; a caller who does not ask is told nothing."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Watch = Callable[[int, int], None]
"""Is told of every piece: how many are done, and how many there are."""

Progress = Callable[[str], AbstractContextManager[Watch]]
"""Opens a watch for work of a name: what ``mien.cli.progress.progress`` is."""


@contextmanager
def silent(_description: str) -> Iterator[Watch]:
    """Show no progress.

    Example:
        >>> with silent("Reading") as watch:
        ...     watch(1, 10)
    """
    yield lambda _done, _total: None
