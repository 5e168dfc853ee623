from pathlib import Path

import numpy as np
import pytest

from mien.errors import RunError
from mien.training.checkpoint import FILE, Checkpoint, load, save


def test_no_checkpoint_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no epoch was finished, there is nothing to resume"):
        load(tmp_path / "checkpoint")


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    arrays = [np.arange(6, dtype=np.float32).reshape(2, 3), np.array(3, np.int64)]
    save(Checkpoint(({"epoch": 1.0},), 1, arrays, arrays[:1], arrays[::-1]), tmp_path / "checkpoint")
    state = load(tmp_path / "checkpoint")
    assert (state.history, state.best_epoch) == (({"epoch": 1.0},), 1)
    assert all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(state.weights, arrays, strict=True))
    assert [array.shape for array in state.best_weights] == [(), (2, 3)]
    assert [file.name for file in (tmp_path / "checkpoint").iterdir()] == [FILE]


@pytest.mark.parametrize("keep", [0, 1, 100, 300])
def test_a_cut_file_is_told(tmp_path: Path, keep: int) -> None:
    save(Checkpoint((), 0, [np.zeros(100)], [], []), tmp_path)
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(RunError, match="the checkpoint cannot be read"):
        load(tmp_path)
