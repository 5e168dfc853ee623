from pathlib import Path

import numpy as np
import pytest

from mien.data.load import load
from mien.errors import ModelError, RunError
from mien.model.classify import Classifier
from mien.training import quantize
from mien.training.loop import Run
from mien.training.quantize import quantize_run


def test_int8_is_smaller_says_the_same_and_keeps_what_the_file_says_of_itself(run: Run, tmp_path: Path) -> None:
    made, agreement = quantize_run(run.folder, tmp_path / "small.onnx")
    pictures = load(run.data, "test").images
    exact, small = Classifier(run.folder), Classifier(made)
    assert made.stat().st_size < 0.7 * (run.folder / "model.onnx").stat().st_size
    assert agreement > 0.9
    assert np.abs(exact(pictures) - small(pictures)).mean() < 0.05
    assert np.allclose(small(pictures).sum(axis=1), 1, atol=1e-4)
    assert (small.labels, small.metadata.temperature) == (exact.labels, exact.metadata.temperature)


def test_int8_that_says_something_else_is_refused_and_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantize, "_LEAST_AGREEMENT", 1.1)
    with pytest.raises(ModelError, match=r"of faces are called the same; keep the file as it is"):
        quantize_run(run.folder, tmp_path / "small.onnx")
    assert not list(tmp_path.iterdir())


def test_an_unfinished_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no model.keras and model.onnx in it"):
        quantize_run(tmp_path)
