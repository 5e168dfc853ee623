"""The one place on disk: a private folder for the files of video jobs."""

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mien.errors import OutputError
from mien.web.settings import Settings
from mien.writing import write_file

_STATE = "state.json"
_PRIVATE = 0o700


class Scratch:
    """A private folder with a folder for each job. What a stopped server leaves there the next one finds.

    Args:
        settings: ``folder`` names it; if None it lies in the system's temporary folder, one for each user and port.

    Raises:
        OutputError: the folder cannot be made, or belongs to somebody else.

    Example:
        >>> Scratch(Settings()).add("a1b2").name
        'a1b2'
    """

    def __init__(self, settings: Settings) -> None:
        user = os.getuid() if hasattr(os, "getuid") else "user"
        name = f"mien-serve-{user}-{settings.host.replace(':', '_')}-{settings.port}"
        self.folder = settings.folder or Path(tempfile.gettempdir()) / name
        try:
            self.folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            found = self.folder.lstat()
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error
        if not stat.S_ISDIR(found.st_mode):
            raise self._unusable("it is not a folder")
        if hasattr(os, "getuid") and found.st_uid != os.getuid():
            raise self._unusable("it belongs to another user")
        self.folder.chmod(_PRIVATE)

    def _unusable(self, reason: str) -> OutputError:
        return OutputError(f"{self.folder}: cannot hold video jobs ({reason}); give another folder with --folder")

    def add(self, name: str) -> Path:
        """Make the folder of a job and return it."""
        folder = self.folder / name
        folder.mkdir(mode=_PRIVATE)
        return folder

    def drop(self, name: str) -> None:
        """Remove the folder of a job, whatever is in it."""
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def empty(self, name: str) -> None:
        """Remove everything in the folder of a job."""
        for path in (self.folder / name).iterdir():
            path.unlink()

    def remember(self, name: str, state: dict[str, Any]) -> None:
        """Keep the state of a job, whole or not at all."""
        write_file(self.folder / name / _STATE, json.dumps(state))

    def remembered(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the jobs that a server before this one left: their names and states; unreadable ones are removed."""
        for folder in sorted(self.folder.iterdir()):
            try:
                yield folder.name, json.loads((folder / _STATE).read_text("utf-8"))
            except (OSError, ValueError):
                self.drop(folder.name)

    def close(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.folder, ignore_errors=True)
