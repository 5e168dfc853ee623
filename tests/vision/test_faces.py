"""Face finders by name."""

from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError, ModelError
from mien.vision.faces import FINDERS, best_finder, checked, finder_named, whole_picture
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


@pytest.mark.parametrize("nothing", [None, (), [], np.empty((0, 4), np.int32)])
def test_a_finder_of_ones_own_may_find_nothing(nothing: object):
    assert checked(lambda image: nothing)(np.zeros((4, 6, 3), np.uint8)) == []


@pytest.mark.parametrize("kind", [np.int32, np.float32])
def test_the_boxes_of_a_finder_of_ones_own_become_plain_largest_first(kind: type):
    find = checked(lambda image: np.array([[1, 2, 3, 4], [5, 6, 30, 40]], kind))
    boxes = find(np.zeros((4, 6, 3), np.uint8))
    assert boxes == [(5, 6, 30, 40), (1, 2, 3, 4)]
    assert {type(value) for box in boxes for value in box} == {int}


@pytest.mark.parametrize(
    "box", [7, (1, 2, 3), (1, 2, 3, 4, 5), ("a", 2, 3, 4), (1, 2, float("nan"), 4), (1, 2, 0, 4), np.ones((1, 4)), None]
)
def test_what_is_no_box_is_a_clear_error(box: object):
    with pytest.raises(MienError, match=r"^your own face finder returned .* for a face; expected \(x, y, width, heig"):
        checked(lambda image: [box])(np.zeros((4, 6, 3), np.uint8))


def test_the_finders_of_mien_stay_what_they_are():
    haar = HaarFinder()
    assert checked(haar) is haar
    assert checked(whole_picture) is whole_picture
