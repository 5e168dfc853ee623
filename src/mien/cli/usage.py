"""Wrong usage: what was said on the command line cannot be meant, whatever the files are."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from mien.errors import MienError


@contextmanager
def wrong_usage(option: str | None = None) -> Iterator[None]:
    """Let errors of the block end mien as wrong usage does: with exit code 2, naming the option.

    Example:
        >>> with wrong_usage("--drop"):
        ...     require_kinds(["ugly"])
    """
    try:
        yield
    except MienError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error
