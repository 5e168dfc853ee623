"""What can go wrong with an input, and the one place that says how to install what is missing.

Every error names the file or value, what was expected and the repair. ``cli`` and ``web`` tell them to people.

MienError
├── DataError        a data set: folders, CSV, votes, splits
├── PictureError     a picture that cannot be read
├── ModelError       a model file
├── RecipeError      a recipe, or a value given with --set
├── RunError         a run folder
├── OutputError      a place that cannot be written
├── DownloadError    a file that cannot be fetched
├── ClusterError     a Ray cluster that cannot be reached, or cannot run mien
└── MissingExtra     a package of an extra that is not installed
"""

import json
from importlib import metadata
from importlib.util import find_spec


class MienError(Exception):
    """An input that mien cannot work with; the message is one line for the user."""


class DataError(MienError):
    """A data set on disk is not as expected."""


class PictureError(MienError):
    """A picture cannot be read."""


class ModelError(MienError):
    """A model file is not one of mien's, or does not fit."""


class RecipeError(MienError):
    """A recipe has an unknown key or a value out of range."""


class RunError(MienError):
    """A run folder is missing something, or is in use."""


class OutputError(MienError):
    """A result cannot be written where it was asked for."""


class DownloadError(MienError):
    """A file cannot be fetched, or what came is another one."""


class ClusterError(MienError):
    """A Ray cluster cannot be reached, or cannot run mien."""


class MissingExtra(MienError):
    """A package that an optional part needs is not installed."""


def first_line(error: Exception) -> str:
    """Return the first line of another library's error, or the error's kind where it says nothing."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def need(extra: str, *modules: str, purpose: str) -> None:
    """Raise MissingExtra, with the install command, unless all ``modules`` can be imported.

    Example:
        >>> need("train", "keras", purpose="mien train")
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        message = f"{purpose} needs {', '.join(missing)}, not installed. Install with: {install_command(extra)}"
        raise MissingExtra(message)


def install_command(extra: str) -> str:
    """Return the command that adds an extra to mien from where this mien came: an index, a folder, a repository.

    The place is what installers note in ``direct_url.json`` (PEP 610).

    Example:
        >>> install_command("web")
        "pip install 'mien[web]'"
    """
    try:
        noted = json.loads(metadata.distribution("mien").read_text("direct_url.json") or "{}")
    except metadata.PackageNotFoundError:
        noted = {}
    kind = noted.get("vcs_info", {}).get("vcs")
    place = f"{kind}+{noted['url']}" if kind else noted.get("url")
    return f"pip install 'mien[{extra}] @ {place}'" if place else f"pip install 'mien[{extra}]'"
