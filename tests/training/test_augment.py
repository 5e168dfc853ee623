import cv2
import numpy as np

from mien.training.augment import augment_batch
from mien.training.recipe import Augment

ALL = Augment(flip=True, rotation=20, shift=0.1, zoom=0.1, brightness=0.1, contrast=0.2, cutout=0.25)


def faces(count: int = 4, size: int = 48) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, size, size), np.uint8)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_no_amounts_leave_pictures_as_they_are() -> None:
    images = faces()
    made = augment_batch(images, Augment(), 48, rng())
    assert made.dtype == np.float32
    assert np.array_equal(made[..., 0], images)


def test_flip_mirrors_some_and_leaves_the_rest() -> None:
    images = faces(64)
    made = augment_batch(images, Augment(flip=True), 48, rng())[..., 0]
    same = [np.array_equal(one, image) for one, image in zip(made, images, strict=True)]
    mirrored = [np.array_equal(one, image[:, ::-1]) for one, image in zip(made, images, strict=True)]
    assert all(a != b for a, b in zip(same, mirrored, strict=True))
    assert 16 < sum(mirrored) < 48


def test_a_turn_is_about_the_middle_and_by_no_more_than_told() -> None:
    image = np.zeros((1, 49, 49), np.uint8)
    cv2.circle(image[0], (24, 24), 3, 255, -1)
    made = augment_batch(np.repeat(image, 20, 0), Augment(rotation=90), 49, rng())
    assert np.abs(made[..., 0] - image).mean() < 2


def test_the_same_draws_give_the_same_pictures_and_others_give_others() -> None:
    images = faces()
    one, same = (augment_batch(images, ALL, 48, np.random.default_rng([1, 2, 3])) for _ in range(2))
    other = augment_batch(images, ALL, 48, np.random.default_rng([1, 2, 4]))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_values_stay_pixel_values_at_any_size() -> None:
    for size in (32, 48, 64):
        made = augment_batch(faces(), ALL, size, rng())
        assert made.shape == (4, size, size, 1)
        assert 0 <= made.min() <= made.max() <= 255


def test_cutout_hides_a_square_of_the_told_side() -> None:
    made = augment_batch(faces(3), Augment(cutout=0.25), 48, rng())[..., 0]
    changed = [(one != image).sum() for one, image in zip(made, faces(3), strict=True)]
    assert all(130 < count <= 144 for count in changed)
