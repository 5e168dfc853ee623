from dataclasses import replace

import cv2
import numpy as np
import pytest

from mien.data.dataset import Dataset
from mien.training.batches import Lessons, batches
from mien.training.distill import Teachers
from mien.training.recipe import Augment, Recipe
from tests.training.test_batches import dataset

torch = pytest.importorskip("torch", reason="torch is not installed")

from mien.training.cuda_engine import Gallery  # noqa: E402

ALL = Augment(flip=True, rotation=20, shift=0.1, zoom=0.1, brightness=0.1, contrast=0.2, cutout=0.25)
RECIPE = Recipe(name="a", network="tiny", batch=4, epochs=4, label_smoothing=0.1, augment=ALL)


def smooth(count: int = 10) -> Dataset:
    """Pictures without single bright pixels: OpenCV places pixels to a 32nd."""
    made = dataset(count)
    return replace(made, images=np.stack([cv2.GaussianBlur(image, (0, 0), 3) for image in made.images]))


@pytest.mark.parametrize(
    "recipe",
    [
        RECIPE,
        replace(RECIPE, augment=Augment()),
        replace(RECIPE, augment=replace(ALL, mixup=0.5), balance="class-weights"),
        replace(RECIPE, augment=replace(ALL, alternate=True), balance="rare-augment"),
        replace(RECIPE, sizes=(32, 40)),
        replace(RECIPE, size=64, batch=10),
    ],
    ids=["all", "none", "mixup", "alternate", "sizes", "one batch"],
)
def test_a_device_makes_the_batches_that_opencv_makes(recipe: Recipe) -> None:
    data = smooth()
    votes = np.random.default_rng(0).dirichlet(np.ones(2), 10).astype(np.float32)
    lessons = Lessons(data, votes)
    gallery = Gallery(recipe, lessons, "cpu")
    for epoch in (0, 1, 3):
        pairs = zip(batches(recipe, lessons, epoch), gallery.batches(epoch), strict=True)
        for expected, made in pairs:
            faces = made.faces.permute(0, 2, 3, 1).numpy()
            assert faces.shape == expected.faces.shape
            assert np.abs(faces - expected.faces).mean() < 0.3
            assert np.abs(faces - expected.faces).max() < 8
            for name in ("targets", "weights", "votes"):
                assert np.allclose(getattr(made, name).numpy(), getattr(expected, name), atol=1e-6)


def test_a_device_shows_the_views_that_the_teachers_saw() -> None:
    data = smooth()
    teachers = Teachers(np.random.default_rng(0).normal(size=(3, 10, 2)).astype(np.float16), data.fingerprint(), ())
    recipe = replace(RECIPE, teacher_weight=0.8, batch=3)
    lessons = Lessons(data, None, teachers)
    gallery = Gallery(recipe, lessons, "cpu")
    for epoch in (0, 1, 2, 3):
        for expected, made in zip(batches(recipe, lessons, epoch), gallery.batches(epoch), strict=True):
            assert np.allclose(made.faces.permute(0, 2, 3, 1).numpy(), expected.faces, atol=1)
            assert np.allclose(made.targets.numpy(), expected.targets, atol=1e-6)
