"""The state of a run after an epoch, in one file, so that it is there whole or not at all."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mien.errors import RunError
from mien.writing import write_file

Arrays = Sequence[npt.NDArray[Any]]
FILE = "last.npz"


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


def save(checkpoint: Checkpoint, folder: Path) -> None:
    """Write the checkpoint into ``folder``, replacing the one before."""
    state = {"history": checkpoint.history, "best_epoch": checkpoint.best_epoch}
    arrays: dict[str, npt.NDArray[Any]] = {"state": np.frombuffer(json.dumps(state).encode(), np.uint8)}
    for kind in ("weights", "optimizer", "best_weights", "average"):
        arrays |= {f"{kind}/{number}": array for number, array in enumerate(getattr(checkpoint, kind))}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    write_file(folder / FILE, buffer.getvalue())


def load(folder: Path) -> Checkpoint:
    """Return the checkpoint in ``folder``.

    Raises:
        RunError: there is none, or it cannot be read.
    """
    path = folder / FILE
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            state = json.loads(file["state"].tobytes())
            return Checkpoint(
                history=tuple(state["history"]),
                best_epoch=state["best_epoch"],
                weights=_arrays(file, "weights"),
                optimizer=_arrays(file, "optimizer"),
                best_weights=_arrays(file, "best_weights"),
                average=_arrays(file, "average"),
            )
    except FileNotFoundError as error:
        message = (
            f"{path.parent.parent}: no epoch was finished, there is nothing to resume; train again without --resume"
        )
        raise RunError(message) from error
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        message = f"{path}: the checkpoint cannot be read ({error}); train again without --resume"
        raise RunError(message) from error


def _arrays(file: Any, kind: str) -> list[npt.NDArray[Any]]:
    count = sum(name.startswith(f"{kind}/") for name in file.files)
    return [file[f"{kind}/{number}"] for number in range(count)]
