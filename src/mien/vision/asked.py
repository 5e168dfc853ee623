"""What a run of detect was asked for, kept beside its rows: going on mixes no settings and repeats nothing done."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien.errors import OutputError
from mien.writing import write_file

Value = str | float | bool | None
NAME = "detect.json"


@dataclass(frozen=True)
class Asked:
    """What rows depend on; noted for each file of rows, which may be of different runs.

    Attributes:
        settings: by option; rows of other settings do not go together with them.
        extent: what may differ where a run goes on, such as a later end: by option.
    """

    settings: Mapping[str, Value]
    extent: Mapping[str, Value]

    def note(self, files: Sequence[Path], *, finished: bool) -> None:
        """Write it beside files of rows, for each; what is noted of other files there stays.

        Raises:
            OutputError: it cannot be written.
        """
        told = {"settings": dict(self.settings), "extent": dict(self.extent), "finished": finished}
        for folder in {file.parent for file in files}:
            mine = {file.name: told for file in files if file.parent == folder}
            write_file(folder / NAME, json.dumps(_noted(folder) | mine, indent=2) + "\n")

    def is_done(self, files: Sequence[Path]) -> bool:
        """Return whether an earlier run did all of it and its files are there; False where nothing is noted.

        Raises:
            OutputError: the rows of a file are of other settings.

        Example:
            >>> asked.note([Path("mien-out/faces.csv")], finished=True)
            >>> asked.is_done([Path("mien-out/faces.csv")])
            True
        """
        done = [file.exists() and self._is_done(file) for file in files]  # each is looked at
        return all(done)

    def _is_done(self, file: Path) -> bool:
        try:
            noted = _noted(file.parent)[file.name]
            settings, extent, finished = dict(noted["settings"]), noted["extent"], noted["finished"]
        except (KeyError, TypeError, ValueError):
            return False
        for option, value in self.settings.items():
            if settings.get(option) != value:
                message = (
                    f"{file}: its rows were written with {option} {_shown(settings.get(option))}, not "
                    f"{_shown(value)}; say the same, leave out --resume, or give another --out"
                )
                raise OutputError(message)
        return bool(finished) and extent == dict(self.extent)


def _noted(folder: Path) -> dict[str, Any]:
    """Return what is noted in a folder, by the names of files; nothing where it cannot be read."""
    try:
        noted = json.loads((folder / NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def fingerprint(sources: Sequence[str]) -> str:
    """Return what tells one list of sources from another.

    Example:
        >>> fingerprint(["a.jpg"]) == fingerprint(["b.jpg"])
        False
    """
    return hashlib.sha256("\0".join(sources).encode("utf-8", "surrogateescape")).hexdigest()


def _shown(value: Value) -> str:
    return "left out" if value is None else str(value)
