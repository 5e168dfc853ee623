"""The one place on disk: a private folder for the files of video jobs."""

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mien.errors import OutputError
from mien.web.settings import Settings
from mien.writing import write_file

_JOB = ".job"  # at the end of a job's folder: nothing else is ever removed
_STATE = "state.json"
_STATES: Mapping[str, type] = {
    "file": str, "state": str, "message": str, "frames_done": int, "frames_total": int, "ended": float
}  # fmt: skip
_PRIVATE = 0o700


class Scratch:
    """A private folder with a folder for each job. What a stopped server leaves there the next one finds.

    Files that the server did not make are left alone.

    Args:
        settings: ``folder`` names where it lies; if None the system's temporary folder. There is one for each user,
            host and port.

    Raises:
        OutputError: the folder cannot be made, or belongs to somebody else.

    Example:
        >>> Scratch(Settings()).add("a1b2").name
        'a1b2.job'
    """

    def __init__(self, settings: Settings) -> None:
        user = os.getuid() if hasattr(os, "getuid") else "user"
        name = f"mien-serve-{user}-{settings.host.replace(':', '_')}-{settings.port}"
        self.folder = (settings.folder or Path(tempfile.gettempdir())) / name
        self._make()

    def _make(self) -> None:
        """Make the private folder where it is not there, and look that it is one."""
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

    def place(self, name: str) -> Path:
        """Return where the folder of a job is, whether or not there is one."""
        return self.folder / f"{name}{_JOB}"

    def add(self, name: str) -> Path:
        """Make the folder of a job and return it.

        Raises:
            OutputError: the private folder is gone, as after a cleaning of temporary files, and cannot be made again.
            OSError: there is no room.
        """
        self._make()
        folder = self.place(name)
        folder.mkdir(mode=_PRIVATE)
        return folder

    def drop(self, name: str) -> None:
        """Remove the folder of a job, whatever is in it."""
        shutil.rmtree(self.place(name), ignore_errors=True)

    def empty(self, name: str) -> None:
        """Remove everything in the folder of a job."""
        for path in self.place(name).iterdir():
            path.unlink()

    def remember(self, name: str, state: dict[str, Any]) -> None:
        """Keep the state of a job, whole or not at all."""
        write_file(self.place(name) / _STATE, json.dumps(state))

    def remembered(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the jobs that a server before this one left: their names and states; unreadable ones are removed."""
        for name in self._names():
            try:
                state = _checked(json.loads((self.place(name) / _STATE).read_text("utf-8")))
            except (OSError, ValueError):
                self.drop(name)
            else:
                yield name, state

    def close(self) -> None:
        """Remove all jobs, and the folder if nothing else is in it."""
        for name in self._names():
            self.drop(name)
        with suppress(OSError):  # somebody's files are in it
            self.folder.rmdir()

    def _names(self) -> list[str]:
        return sorted(folder.name.removesuffix(_JOB) for folder in self.folder.glob(f"*{_JOB}"))


def _checked(state: object) -> dict[str, Any]:
    if not isinstance(state, dict) or not all(isinstance(state.get(name), kind) for name, kind in _STATES.items()):
        message = f"expected a state with {', '.join(_STATES)}"
        raise ValueError(message)
    return state
