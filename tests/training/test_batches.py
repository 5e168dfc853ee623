from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from mien.data.dataset import Dataset
from mien.training.batches import Batch, Lessons, Shared, batches, steps_an_epoch
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


def test_mixup_blends_losses_and_so_weights_with_their_targets() -> None:
    told = replace(RECIPE, balance="class-weights", augment=Augment())
    data = Lessons(uneven())
    for plain, mixed in zip(
        batches(told, data, 0), batches(replace(told, augment=Augment(mixup=1.0)), data, 0), strict=True
    ):
        terms, blended = (batch.targets * batch.weights[:, None] for batch in (plain, mixed))
        [share] = np.linalg.lstsq((terms - terms[::-1]).reshape(-1, 1), (blended - terms[::-1]).ravel(), rcond=None)[0]
        assert np.allclose(blended, share * terms + (1 - share) * terms[::-1], atol=1e-5)
        assert np.allclose(mixed.targets.sum(axis=1), 1, atol=1e-5)


def test_which_pictures_a_sampler_draws_does_not_decide_which_are_mirrored() -> None:
    kinds = np.repeat(np.arange(4), 16)
    images = np.zeros((64, 48, 48), np.uint8)
    images[:, :, :24] = 200  # bright on the left
    data = Dataset(images, kinds, tuple("abcd"), tuple(f"{number:02}.png" for number in range(64)))
    told = replace(RECIPE, batch=64, balance="sqrt-sampler", augment=Augment(flip=True))
    [batch] = batches(told, Lessons(data), 0)
    mirrored = batch.faces[:, :, 40, 0].mean(axis=1) > 100
    for kind in range(4):
        assert 0 < mirrored[batch.targets.argmax(axis=1) == kind].mean() < 1


def test_batches_may_be_ended_while_another_thread_makes_one() -> None:
    begun, free = Event(), Event()

    def slow() -> Generator[Batch, None, None]:
        begun.set()
        free.wait(10)
        yield from batches(RECIPE, Lessons(dataset()), 0)

    shared = Shared(slow())
    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(next, shared)
        begun.wait(10)
        end = threads.submit(shared.close)
        free.set()
        assert len(one.result().faces) == 4
        end.result()
    assert list(shared) == []


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
