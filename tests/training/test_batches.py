from dataclasses import replace

import numpy as np

from mien.data.dataset import Dataset
from mien.training.batches import batches, steps_an_epoch
from mien.training.recipe import Augment, Recipe

RECIPE = Recipe(name="a", network="tiny", batch=4, augment=Augment(flip=True, rotation=10))


def dataset(count: int = 10) -> Dataset:
    images = np.random.default_rng(0).integers(0, 256, (count, 48, 48), np.uint8)
    return Dataset(images, np.arange(count) % 2, ("a", "b"), tuple(f"{number}.png" for number in range(count)))


def test_fewer_pictures_than_a_batch_are_one_step() -> None:
    assert steps_an_epoch(RECIPE, 3) == 1
    assert [len(batch.faces) for batch in batches(RECIPE, dataset(3), np.ones(2, np.float32), 0)] == [3]


def test_an_epoch_holds_whole_batches_with_targets_and_weights() -> None:
    made = list(batches(RECIPE, dataset(), np.array([1, 3], np.float32), 0))
    assert [batch.faces.shape for batch in made] == [(4, 48, 48, 1)] * 3
    for batch in made:
        assert np.array_equal(batch.weights, 1 + 2 * batch.targets[:, 1])


def test_an_epoch_is_the_same_whenever_it_is_made_and_no_epoch_is_like_another() -> None:
    def faces(epoch: int) -> np.ndarray:
        return np.concatenate([batch.faces for batch in batches(RECIPE, dataset(), np.ones(2, np.float32), epoch)])

    assert np.array_equal(faces(3), faces(3))
    assert not np.array_equal(faces(3), faces(4))


def test_an_epoch_holds_every_picture() -> None:
    plain = replace(RECIPE, augment=Augment())
    made = np.concatenate([batch.faces for batch in batches(plain, dataset(), np.ones(2, np.float32), 0)])
    assert {face.tobytes() for face in made[..., 0]} == {
        image.tobytes() for image in dataset().images.astype(np.float32)
    }


def test_a_reader_that_stops_early_leaves_no_thread_waiting() -> None:
    reader = batches(RECIPE, dataset(), np.ones(2, np.float32), 0)
    next(reader)
    reader.close()
