from dataclasses import replace

import numpy as np
import pytest

from mien.data.dataset import Dataset
from mien.training.batches import Lessons, batches, steps_an_epoch
from mien.training.recipe import Augment, Recipe

RECIPE = Recipe(name="a", network="tiny", batch=4, augment=Augment(flip=True, rotation=10))


def dataset(count: int = 10) -> Dataset:
    images = np.random.default_rng(0).integers(0, 256, (count, 48, 48), np.uint8)
    return Dataset(images, np.arange(count) % 2, ("a", "b"), tuple(f"{number}.png" for number in range(count)))


def uneven() -> Dataset:
    """Six of one class, two of the other."""
    return replace(dataset(8), labels=np.array([0, 1, 0, 0, 0, 1, 0, 0]))


def test_fewer_pictures_than_a_batch_are_one_step() -> None:
    assert steps_an_epoch(RECIPE, 3) == 1
    assert [len(batch.faces) for batch in batches(RECIPE, Lessons(dataset(3)), 0)] == [3]


def test_an_epoch_holds_whole_batches_with_targets_and_weights() -> None:
    made = list(batches(replace(RECIPE, balance="class-weights"), Lessons(uneven()), 0))
    assert [batch.faces.shape for batch in made] == [(4, 48, 48, 1)] * 2
    for batch in made:
        assert np.allclose(batch.weights, 2 / 3 + 4 / 3 * batch.targets[:, 1])  # 8 / (2 x 6) and 8 / (2 x 2)


def test_targets_are_smoothed_and_votes_go_with_their_pictures() -> None:
    data = dataset()
    votes = np.stack([data.images.mean((1, 2)), np.zeros(10)], axis=1).astype(np.float32)
    for batch in batches(Recipe(name="a", network="tiny", batch=4, label_smoothing=0.1), Lessons(data, votes), 0):
        assert np.allclose(np.sort(batch.targets, axis=1), [0.05, 0.95])
        assert np.allclose(batch.votes[:, 0], batch.faces.mean((1, 2, 3)))
    assert next(batches(RECIPE, Lessons(data), 0)).votes.shape == (4, 0)


def test_votes_soften_the_target_of_pictures_that_have_some() -> None:
    data = dataset()
    votes = np.tile(np.float32([0.5, 0.3]), (10, 1))
    votes[data.names.index("3.png")] = 0
    lessons = Lessons(data, votes, expected=np.tile(np.float32([0.6, 0.4]), (10, 1)))
    told = Recipe(name="a", network="tiny", batch=10, label_smoothing=0.1, vote_share=0.5)
    [batch] = batches(told, lessons, 0)
    assert np.allclose(np.sort(batch.targets[:, 0]), [0.05, *[0.3] * 4, *[0.8] * 5])


def test_an_epoch_is_the_same_whenever_it_is_made_and_no_epoch_is_like_another() -> None:
    def faces(epoch: int) -> np.ndarray:
        return np.concatenate([batch.faces for batch in batches(RECIPE, Lessons(dataset()), epoch)])

    assert np.array_equal(faces(3), faces(3))
    assert not np.array_equal(faces(3), faces(4))


def test_an_epoch_holds_every_picture() -> None:
    plain = replace(RECIPE, augment=Augment())
    made = np.concatenate([batch.faces for batch in batches(plain, Lessons(dataset()), 0)])
    assert {face.tobytes() for face in made[..., 0]} == {
        image.tobytes() for image in dataset().images.astype(np.float32)
    }


def test_a_reader_that_stops_early_leaves_no_thread_waiting() -> None:
    reader = batches(RECIPE, Lessons(dataset()), 0)
    next(reader)
    reader.close()


def test_mixup_blends_pictures_and_targets_by_the_same_share() -> None:
    blended = replace(RECIPE, augment=Augment(mixup=1.0))
    for plain, mixed in zip(
        batches(replace(RECIPE, augment=Augment()), Lessons(dataset()), 0),
        batches(blended, Lessons(dataset()), 0),
        strict=True,
    ):
        [share] = np.linalg.lstsq(
            (plain.faces - plain.faces[::-1]).reshape(-1, 1), (mixed.faces - plain.faces[::-1]).ravel(), rcond=None
        )[0]
        assert 0 < share < 1
        assert np.allclose(mixed.targets, share * plain.targets + (1 - share) * plain.targets[::-1], atol=1e-4)


@pytest.mark.parametrize("flip", [False, True])
def test_alternating_pictures_are_mirrored_every_other_epoch_and_never_by_chance(flip: bool) -> None:
    recipe = replace(RECIPE, batch=10, augment=Augment(flip=flip, alternate=True))
    images = {image.tobytes() for image in dataset().images}
    seen = []
    for epoch in range(3):
        [batch] = batches(recipe, Lessons(dataset()), epoch)
        seen.append({face.tobytes() for face in batch.faces[..., 0].astype(np.uint8)} & images)
    assert seen[0] == seen[2] == images - seen[1]
    assert 0 < len(seen[0]) < 10
