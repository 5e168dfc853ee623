"""The Haar finder on real photos, and what it says when it cannot work."""

from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest

from mien.errors import ModelError
from mien.pictures import Picture, read_picture
from mien.results import Box
from mien.vision.haar import STILLS, Cascades, HaarFinder


@pytest.fixture(scope="module")
def find() -> HaarFinder:
    return HaarFinder()


@pytest.fixture(scope="module")
def astronaut() -> Picture:
    return read_picture((files("mien.data") / "samples" / "astronaut.jpg").read_bytes())


def holds(box: tuple[int, int, int, int], x: int, y: int) -> bool:
    return box[0] < x < box[0] + box[2] and box[1] < y < box[1] + box[3]


@pytest.mark.parametrize("shape", [(480, 640, 3), (1, 1, 3), (5, 3000, 3), (20, 20, 3)])
def test_an_empty_wall_has_no_face(find: HaarFinder, shape: tuple[int, int, int]):
    assert find(np.full(shape, 128, np.uint8)) == []


def test_the_astronaut_has_one_face(find: HaarFinder, astronaut: Picture):
    (box,) = find(astronaut)
    assert holds(box, 224, 113)
    assert all(isinstance(value, int) for value in box)


def test_grace_hopper_has_one_face(find: HaarFinder):
    (box,) = find(read_picture(Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"))
    assert holds(box, 260, 215)


def test_a_large_picture_is_searched_small_and_its_boxes_are_its_own(find: HaarFinder, astronaut: Picture):
    (box,) = find(cv2.resize(astronaut, None, fx=6, fy=6, interpolation=cv2.INTER_LINEAR))
    assert holds(box, 224 * 6, 113 * 6)
    assert 80 * 6 < box[2] < 130 * 6


def test_boxes_are_largest_first_and_inside_the_picture(find: HaarFinder, astronaut: Picture):
    face = astronaut[20:210, 130:320]
    scene = np.full((420, 700, 3), 190, np.uint8)
    scene[210:400, 20:210] = face
    scene[20:400, 300:680] = cv2.resize(face, (380, 380))
    boxes = find(scene)
    assert len(boxes) == 2
    assert boxes[0][2] > boxes[1][2]
    assert all(x >= 0 and y >= 0 and x + w <= 700 and y + h <= 420 for x, y, w, h in boxes)


def test_the_picture_stays_as_it_is(find: HaarFinder, astronaut: Picture):
    before = astronaut.copy()
    find(astronaut)
    np.testing.assert_array_equal(astronaut, before)


def test_threads_may_share_a_finder(find: HaarFinder, astronaut: Picture):
    expected = find(astronaut)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(find, [astronaut] * 8)) == [expected] * 8


def test_the_group_photo_gives_faces(find: HaarFinder, real_data: Path):
    boxes = find(read_picture(real_data / "samples" / "multi_face.jpg"))
    assert len(boxes) == 4  # a fifth one wears dark glasses


def test_in_a_still_it_gives_the_one_in_dark_glasses_too(find: HaarFinder, real_data: Path):
    boxes = HaarFinder(find.cascades, STILLS)(read_picture(real_data / "samples" / "multi_face.jpg"))
    assert len(boxes) == 5
    assert sum(holds(box, 264, 123) for box in boxes) == 1


def test_the_single_face_is_found(find: HaarFinder, real_data: Path):
    assert len(find(read_picture(real_data / "samples" / "single_face.jpg"))) == 1


def test_a_doubtful_spot_that_is_not_seen_closely_is_no_face(
    find: HaarFinder, astronaut: Picture, monkeypatch: pytest.MonkeyPatch
):
    def doubtful(grey: np.ndarray, smallest: int, step: float, votes: int) -> list[tuple[Box, int]]:
        return [((20, 20, 40, 40), 3)] if smallest == 24 else []

    monkeypatch.setattr(find.cascades, "vote", doubtful)
    assert find(astronaut) == []


def test_a_face_from_the_side_is_looked_for_both_ways():
    seen: list[bool] = []
    grey = np.zeros((40, 60), np.uint8)
    grey[:, :10] = 200

    class Spy:
        def detectMultiScale(self, picture: np.ndarray, *args: object, **words: object) -> list[list[int]]:
            seen.append(bool(picture[0, 0]))
            return [[0, 5, 24, 24]] * 3

    cascades = Cascades()
    cascades._cascades[-2:] = [Spy(), Spy()]
    assert cascades.vote(grey, 24, (1.2, 1.2), 2) == [((0, 5, 24, 24), 3), ((36, 5, 24, 24), 3)]
    assert seen == [True, False]


def test_windows_that_do_not_agree_are_no_face():
    cascades = Cascades()
    assert cascades.vote(np.full((60, 60), 128, np.uint8), 24, (1.2, 1.2), 2) == []


def test_smaller_faces_are_found_in_stills_than_in_frames(find: HaarFinder, astronaut: Picture):
    scene = np.full((1400, 1800, 3), 190, np.uint8)
    scene[600:790, 700:890] = astronaut[20:210, 130:320]
    assert find(scene) == []
    (box,) = HaarFinder(find.cascades, STILLS)(scene)
    assert holds(box, 794, 693)


def test_an_opencv_without_cascades_is_a_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(cv2.data, "haarcascades", str(tmp_path))
    with pytest.raises(ModelError, match=r"has no haarcascade_frontalface_alt\.xml.*pip install 'opencv-python-head"):
        HaarFinder()


def test_an_opencv_without_the_data_folder_is_the_same_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(cv2, "data")
    with pytest.raises(ModelError, match="--faces none"):
        HaarFinder()
