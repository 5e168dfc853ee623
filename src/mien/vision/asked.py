"""What a run of detect was asked for, kept beside its rows: going on mixes no settings and repeats nothing done."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mien.errors import OutputError
from mien.writing import write_file

Value = str | float | bool | None
NAME = "detect.json"


@dataclass(frozen=True)
class Asked:
    """What rows depend on.

    Attributes:
        settings: by option; rows of other settings do not go together with them.
        extent: what may differ where a run goes on, such as a later end: by option.
    """

    settings: Mapping[str, Value]
    extent: Mapping[str, Value]

    def note(self, folder: Path, *, finished: bool) -> None:
        """Write it into the folder, which is made where it is missing.

        Raises:
            OutputError: it cannot be written.
        """
        told = {"settings": dict(self.settings), "extent": dict(self.extent), "finished": finished}
        write_file(folder / NAME, json.dumps(told, indent=2) + "\n")

    def is_done(self, folder: Path) -> bool:
        """Return whether an earlier run into the folder did all of it; False where nothing is noted.

        Raises:
            OutputError: its rows are of other settings.

        Example:
            >>> asked.note(Path("mien-out"), finished=True)
            >>> asked.is_done(Path("mien-out"))
            True
        """
        try:
            noted = json.loads((folder / NAME).read_text("utf-8"))
            settings, extent, finished = noted["settings"], noted["extent"], noted["finished"]
        except (OSError, ValueError, KeyError, TypeError):
            return False
        for option, value in self.settings.items():
            if settings.get(option) != value:
                message = (
                    f"{folder}: its rows were written with {option} {_shown(settings.get(option))}, not "
                    f"{_shown(value)}; say the same, leave out --resume, or give another --out"
                )
                raise OutputError(message)
        return bool(finished) and extent == dict(self.extent)


def fingerprint(sources: Sequence[str]) -> str:
    """Return what tells one list of sources from another.

    Example:
        >>> fingerprint(["a.jpg"]) == fingerprint(["b.jpg"])
        False
    """
    return hashlib.sha256("\0".join(sources).encode("utf-8", "surrogateescape")).hexdigest()


def _shown(value: Value) -> str:
    return "left out" if value is None else str(value)
