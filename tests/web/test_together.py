"""One call of the network for all who wait; everybody gets the own rows."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from mien.errors import PictureError
from mien.model.classify import Classifier
from mien.web.together import TogetherClassifier


def crops(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 48, 48), np.uint8)


def test_no_crops_are_no_rows(model: Path):
    assert TogetherClassifier(model)(crops(0)).shape == (0, 7)


def test_rows_are_those_of_the_plain_classifier_also_from_many_threads(model: Path):
    plain, together = Classifier(model), TogetherClassifier(model)
    batches = [crops(count % 4, seed=count) for count in range(60)]
    with ThreadPoolExecutor(8) as pool:
        for batch, rows in zip(batches, pool.map(together, batches), strict=True):
            np.testing.assert_allclose(rows, plain(batch), atol=1e-6)


def test_those_who_wait_go_together(model: Path, monkeypatch: pytest.MonkeyPatch):
    together, sizes = TogetherClassifier(model), []
    plain = Classifier.__call__

    def counted(self: Classifier, crops: list[np.ndarray]) -> np.ndarray:
        sizes.append(len(crops))
        return plain(self, crops)

    monkeypatch.setattr(Classifier, "__call__", counted)
    with ThreadPoolExecutor(6) as pool:
        with together._runs:  # as if the network were busy
            answers = [pool.submit(together, crops(2)) for _ in range(6)]
            while len(together._waiting) < 6:
                pass
        assert {answer.result().shape for answer in answers} == {(2, 7)}
    assert sizes == [12]


def test_an_error_reaches_everybody_and_the_next_call_goes_on(model: Path):
    together = TogetherClassifier(model)
    with pytest.raises(PictureError, match="crop 0: expected uint8"):
        together([np.zeros((0, 0), np.uint8)])
    assert together(crops(1)).shape == (1, 7)
