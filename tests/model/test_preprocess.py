"""From a face in a picture to the network's input."""

import cv2
import numpy as np
import pytest

from mien.model.preprocess import crop_face, face_pixels, network_input


def scene() -> np.ndarray:
    """40 high, 60 wide; blue is the row, green the column."""
    rows, columns = np.mgrid[:40, :60]
    return np.dstack([rows, columns, np.zeros((40, 60), int)]).astype(np.uint8)


def test_no_crops_give_an_empty_input():
    batch = network_input([], 48)
    assert (batch.shape, batch.dtype) == ((0, 48, 48, 1), np.float32)


def test_a_crop_without_a_margin_is_the_box():
    np.testing.assert_array_equal(crop_face(scene(), (10, 5, 20, 20), 0.0), scene()[5:25, 10:30])


def test_the_margin_is_added_on_every_side():
    np.testing.assert_array_equal(crop_face(scene(), (20, 10, 20, 20), 0.1), scene()[8:32, 18:42])


def test_a_crop_is_square_around_the_middle_of_the_box():
    crop = crop_face(scene(), (20, 10, 10, 20), 0.0)
    assert crop.shape == (20, 20, 3)
    np.testing.assert_array_equal(crop, scene()[10:30, 15:35])


def test_outside_the_picture_its_border_is_repeated():
    crop = crop_face(scene(), (-5, 30, 20, 20), 0.0)
    assert crop.shape == (20, 20, 3)
    assert (crop[:, :6, 1] == 0).all()
    assert (crop[9:, :, 0] == 39).all()


def test_a_box_wholly_outside_still_gives_a_crop():
    assert crop_face(scene(), (500, 500, 10, 10), 0.0).shape == (10, 10, 3)


def test_a_crop_does_not_share_the_pictures_memory():
    image = scene()
    crop_face(image, (10, 5, 20, 20), 0.0)[:] = 255
    np.testing.assert_array_equal(image, scene())


def test_grey_of_the_right_size_stays_as_it_is():
    grey = np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8)
    np.testing.assert_array_equal(face_pixels(grey, 48), grey)


def test_colours_are_read_as_bgr():
    blue = np.full((48, 48, 3), (255, 0, 0), np.uint8)
    assert (face_pixels(blue, 48) == 29).all()  # 0.114 x 255: blue is dark


@pytest.mark.parametrize("shape", [(1, 1), (10, 10), (48, 100), (500, 300), (47, 49)])
def test_any_size_and_proportion_becomes_the_networks(shape: tuple[int, int]):
    pixels = face_pixels(np.full(shape, 77, np.uint8), 48)
    assert (pixels.shape, pixels.dtype) == ((48, 48), np.uint8)
    assert (pixels == 77).all()


def test_shrinking_averages_instead_of_picking():
    stripes = np.tile(np.array([0, 200], np.uint8), (96, 48))
    assert (face_pixels(stripes, 48) == 100).all()


def test_values_stay_plain_pixels():
    batch = network_input(np.full((2, 48, 48), 255, np.uint8), 48)
    assert (batch.shape, batch.max()) == ((2, 48, 48, 1), 255.0)


def test_crops_of_mixed_sizes_and_colours_go_together():
    grey = np.full((30, 30), 50, np.uint8)
    batch = network_input([grey, cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.full((200, 90), 50, np.uint8)], 48)
    assert batch.shape == (3, 48, 48, 1)
    np.testing.assert_allclose(batch, 50)
