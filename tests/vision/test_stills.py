"""Still pictures are searched longer than frames: with a border, and as the crops that they may be."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from mien.data.samples import astronaut
from mien.pictures import Picture, read_picture
from mien.results import Box
from mien.vision.faces import finder_named, whole_picture
from mien.vision.haar import Cascades, HaarFinder
from mien.vision.stills import StillFinder, for_stills, looks_like_crop


@pytest.fixture(scope="module")
def cascades() -> Cascades:
    return Cascades()


@pytest.fixture(scope="module")
def portrait() -> Picture:
    return read_picture(astronaut())


@pytest.fixture(scope="module")
def tight(portrait: Picture) -> Picture:
    return portrait[68:160, 180:272].copy()


def nothing(image: Picture) -> list[Box]:
    return []


@pytest.mark.parametrize("shape", [(480, 640, 3), (1, 1, 3), (5, 300, 3), (200, 200, 3)])
def test_an_empty_wall_has_no_face(cascades: Cascades, shape: tuple[int, int, int]):
    assert StillFinder(HaarFinder(cascades), cascades)(np.full(shape, 128, np.uint8)) == []


def test_what_is_found_at_once_is_not_looked_at_again(cascades: Cascades, portrait: Picture):
    asked: list[tuple[int, ...]] = []

    def find(image: Picture) -> list[Box]:
        asked.append(image.shape)
        return [(3, 4, 5, 5)]

    assert StillFinder(find, cascades)(portrait) == [(3, 4, 5, 5)]
    assert asked == [portrait.shape]


def test_a_picture_without_a_face_is_searched_again_with_a_border(cascades: Cascades):
    def find(image: Picture) -> list[Box]:
        return [(48, 48, 96, 96)] if image.shape == (288, 192, 3) else []

    assert StillFinder(find, cascades)(np.full((800, 400, 3), 90, np.uint8)) == [(0, 0, 400, 400)]


def test_boxes_of_the_border_end_with_the_picture(cascades: Cascades):
    def find(image: Picture) -> list[Box]:
        return [(28, 38, 100, 100)] if image.shape[0] == 288 else []

    assert StillFinder(find, cascades)(np.full((96, 96, 3), 90, np.uint8)) == [(0, 0, 40, 45)]


def test_a_crop_that_no_finder_sees_is_the_face(cascades: Cascades, tight: Picture):
    assert StillFinder(nothing, cascades)(tight) == [(0, 0, 92, 92)]


@pytest.mark.parametrize("change", [lambda picture: cv2.resize(picture, (48, 48)), lambda picture: picture[:, ::-1]])
def test_a_tight_crop_looks_like_one(cascades: Cascades, tight: Picture, change: Callable[[Picture], Picture]):
    assert looks_like_crop(np.ascontiguousarray(change(tight)), cascades)


def test_other_pictures_do_not_look_like_a_crop(cascades: Cascades, portrait: Picture, tight: Picture):
    noise = np.random.default_rng(0).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    wide = np.hstack([tight, np.full((92, 60, 3), 90, np.uint8)])
    for picture in (portrait, portrait[300:500, 300:500], noise, wide):
        assert not looks_like_crop(picture, cascades)


def test_only_miens_own_finders_look_again():
    assert for_stills(whole_picture) is whole_picture
    assert for_stills(nothing) is nothing
    assert isinstance(for_stills(finder_named("haar")), StillFinder)
