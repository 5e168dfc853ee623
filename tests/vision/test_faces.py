"""Face finders by name."""

from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError, ModelError
from mien.vision.faces import FINDERS, best_finder, finder_named, whole_picture
from mien.vision.haar import HaarFinder
from mien.vision.yunet import YuNetFinder


@pytest.fixture(autouse=True)
def nothing_pulled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    return tmp_path


def test_none_takes_the_whole_picture():
    assert finder_named("none") is whole_picture
    assert whole_picture(np.zeros((4, 6, 3), np.uint8)) == [(0, 0, 6, 4)]


def test_haar_is_the_best_as_long_as_nothing_was_pulled():
    assert isinstance(best_finder(), HaarFinder)
    assert isinstance(finder_named("haar"), HaarFinder)


def test_yunet_is_the_best_once_it_was_pulled(nothing_pulled: Path, yunet: Path):
    (nothing_pulled / yunet.name).write_bytes(yunet.read_bytes())
    assert isinstance(best_finder(), YuNetFinder)


def test_yunet_that_was_not_pulled_names_the_command():
    with pytest.raises(ModelError, match="mien models pull yunet"):
        finder_named("yunet")


def test_an_unknown_finder_is_a_clear_error():
    assert FINDERS == ("auto", "haar", "yunet", "none")
    with pytest.raises(MienError, match="faces='hog': no such face finder; expected one of auto, haar, yunet, none"):
        finder_named("hog")
