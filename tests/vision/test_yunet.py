"""YuNet on real photos, with the file as it is pulled."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from mien.data.samples import astronaut
from mien.errors import ModelError
from mien.pictures import read_picture
from mien.vision.haar import HaarFinder
from mien.vision.yunet import YuNetFinder


@pytest.fixture
def find(yunet: Path, monkeypatch: pytest.MonkeyPatch) -> YuNetFinder:
    monkeypatch.setenv("MIEN_CACHE", str(yunet.parent))
    return YuNetFinder()


@pytest.mark.parametrize("shape", [(480, 640, 3), (1, 1, 3), (5, 3000, 3), (20, 20, 3)])
def test_an_empty_wall_has_no_face(find: YuNetFinder, shape: tuple[int, int, int]):
    assert find(np.full(shape, 128, np.uint8)) == []


def test_its_square_is_about_that_of_the_cascades(find: YuNetFinder):
    picture = read_picture(astronaut())
    ((x, y, width, height),) = find(picture)
    ((other_x, other_y, other_width, _),) = HaarFinder()(picture)
    assert width == height
    assert width == pytest.approx(other_width, rel=0.2)
    assert x + width / 2 == pytest.approx(other_x + other_width / 2, abs=0.15 * width)
    assert y + width / 2 == pytest.approx(other_y + other_width / 2, abs=0.15 * width)


def test_a_large_picture_is_searched_small_and_its_boxes_are_its_own(find: YuNetFinder):
    picture = read_picture(astronaut())
    ((x, y, width, height),) = find(cv2.resize(picture, None, fx=5, fy=5))
    assert x < 224 * 5 < x + width
    assert y < 113 * 5 < y + height


def test_the_group_photo_gives_everybody_largest_first(find: YuNetFinder, real_data: Path):
    boxes = find(read_picture(real_data / "samples" / "multi_face.jpg"))
    assert len(boxes) == 5
    assert [box[2] for box in boxes] == sorted((box[2] for box in boxes), reverse=True)


def test_threads_may_share_a_finder(find: YuNetFinder):
    picture = read_picture(astronaut())
    pictures = [picture, np.ascontiguousarray(picture[:400, :300])] * 4
    expected = [find(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(find, pictures)) == expected


def test_an_opencv_that_cannot_load_it_is_a_clear_error(yunet: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MIEN_CACHE", str(yunet.parent))
    monkeypatch.delattr(cv2, "FaceDetectorYN")
    with pytest.raises(ModelError, match=r"cannot load YuNet; .*--faces haar"):
        YuNetFinder()
