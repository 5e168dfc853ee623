"""The state of a run after an epoch, in one file, so that it is there whole or not at all."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt

from mien.errors import RunError
from mien.training.arrays import pack_arrays, unpack_arrays
from mien.writing import write_file

Arrays = Sequence[npt.NDArray[Any]]
FILE = "last.npz"
_QUICK, _SELDOM = 0.2, 20
_KINDS = ("weights", "optimizer", "best_weights", "average")


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Everything that a run needs to go on.

    Attributes:
        history: one row an epoch; as many rows as epochs are done.
        best_epoch: the epoch whose weights are kept, counted from 1; 0 for none.
        weights: the network's, in Keras' order.
        optimizer: the optimiser's variables, in Keras' order.
        best_weights: those of the best epoch.
        average: the running average of the weights; empty where the recipe has none.
    """

    history: tuple[dict[str, float], ...]
    best_epoch: int
    weights: Arrays
    optimizer: Arrays
    best_weights: Arrays
    average: Arrays = ()


class Saver:
    """Writes the state after every epoch; where that takes long, as seldom as that it takes a twentieth of the time.

    What is not yet written is at the end, so that only a kill loses it.

    Args:
        folder: where to.

    Example:
        >>> with closing(Saver(folder)) as saver:
        ...     saver.save(state)
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._next = folder, 0.0
        self._held: Checkpoint | None = None

    def save(self, state: Checkpoint) -> None:
        """Write the state, or hold it until it is time."""
        self._held = state
        if time.monotonic() >= self._next:
            self.close()

    def close(self) -> None:
        """Write what is held."""
        if self._held is None:
            return
        began = time.monotonic()
        save(self._held, self._folder)
        self._held, took = None, time.monotonic() - began
        self._next = began + _SELDOM * took if took > _QUICK else 0.0


def save(checkpoint: Checkpoint, folder: Path) -> None:
    """Write the checkpoint into ``folder``, replacing the one before."""
    about = {"history": checkpoint.history, "best_epoch": checkpoint.best_epoch}
    arrays = {f"{kind}/{number}": array for kind in _KINDS for number, array in enumerate(getattr(checkpoint, kind))}
    write_file(folder / FILE, pack_arrays(about, arrays))


def load(folder: Path) -> Checkpoint:
    """Return the checkpoint in ``folder``.

    Raises:
        RunError: there is none, or it cannot be read.
    """
    path = folder / FILE
    try:
        about, arrays = unpack_arrays(path.read_bytes())
        kinds = {kind: _arrays(arrays, kind) for kind in _KINDS}
        return Checkpoint(history=tuple(about["history"]), best_epoch=about["best_epoch"], **kinds)
    except FileNotFoundError as error:
        message = (
            f"{path.parent.parent}: no epoch was finished, there is nothing to resume; train again without --resume"
        )
        raise RunError(message) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{path}: the checkpoint cannot be read ({error}); train again without --resume"
        raise RunError(message) from error


def _arrays(arrays: Mapping[str, npt.NDArray[Any]], kind: str) -> list[npt.NDArray[Any]]:
    count = sum(name.startswith(f"{kind}/") for name in arrays)
    return [arrays[f"{kind}/{number}"] for number in range(count)]
