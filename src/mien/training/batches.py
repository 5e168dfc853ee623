"""Training batches, made one ahead of the network in a thread of their own."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
import numpy.typing as npt

from mien.data.dataset import Dataset
from mien.training.augment import augment_batch
from mien.training.balance import class_weights, drawn, strength
from mien.training.distill import VIEWS, Teachers, seeded_view
from mien.training.recipe import Augment, Recipe
from mien.training.schedule import picture_size

_ORDER = 1  # NumPy takes [seed, epoch] and [seed, epoch, 0] for one seed, and the latter is the first batch's


@dataclass(frozen=True, eq=False)
class Lessons:
    """What a network learns from.

    Attributes:
        train: pictures and labels.
        votes: share of a crowd's votes for each class, float32 ``(n, classes)``, zeros where there are none; or None.
        teachers: what trained networks say of the pictures; or None.
    """

    train: Dataset
    votes: npt.NDArray[np.float32] | None = None
    teachers: Teachers | None = None


@dataclass(frozen=True, eq=False)
class Batch:
    """What one step learns from.

    Attributes:
        faces: float32 ``(n, size, size, 1)``, pixel values 0-255.
        targets: probability of each class, float32 ``(n, classes)``; one-hot, or smoothed by the recipe.
        weights: float32 ``(n,)``.
        votes: float32 ``(n, classes)``, as in ``Lessons``; empty where it has none.
    """

    faces: npt.NDArray[np.float32]
    targets: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]
    votes: npt.NDArray[np.float32]


class Shared:
    """Batches that one thread may end while another makes one: Keras on TensorFlow reads ahead in a thread of its own.

    Example:
        >>> with closing(Shared(batches(recipe, lessons, 0))) as source:
        ...     engine.train(source, steering)
    """

    def __init__(self, source: Generator[Batch, None, None]) -> None:
        self._source, self._lock = source, Lock()

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        with self._lock:
            return next(self._source)

    def close(self) -> None:
        """Make no more, once the one at hand is made."""
        with self._lock:
            self._source.close()


def batch_size(recipe: Recipe, count: int) -> int:
    """Return the number of pictures a step: the recipe's, or all where there are fewer."""
    return min(recipe.batch, count)


def steps_an_epoch(recipe: Recipe, count: int) -> int:
    """Return the number of steps an epoch: enough for every picture; the last batch is filled from the first ones."""
    return -(-count // recipe.batch)


def batches(recipe: Recipe, lessons: Lessons, epoch: int) -> Generator[Batch, None, None]:
    """Yield the batches of one epoch, the same ones whenever (seed, epoch) are the same.

    Args:
        recipe: batch size, seed, augmentation, label smoothing (Szegedy et al. 2016, arXiv 1512.00567) and balance.
        lessons: what to learn from.
        epoch: counted from 0.
    """
    train, size = lessons.train, picture_size(recipe, epoch)
    counts = train.counts()
    order = drawn(recipe.balance, train.labels, counts, np.random.default_rng([recipe.seed, epoch, 0, _ORDER]))
    images, targets, augment = _material(recipe, lessons, epoch)
    weights = class_weights(recipe.balance, counts)[train.labels]
    amount = strength(recipe.balance, counts)[train.labels]
    votes = np.empty((len(train), 0), np.float32) if lessons.votes is None else lessons.votes
    turn = _alternating(recipe, len(train), epoch)
    batch = batch_size(recipe, len(train))

    def make(step: int) -> Batch:
        rows = order[np.arange(step * batch, (step + 1) * batch) % len(train)]
        rng = np.random.default_rng([recipe.seed, epoch, step])
        faces = augment_batch(_turned(images[rows], turn[rows]), augment, size, rng, amount[rows])
        made = Batch(faces, targets[rows], weights[rows], votes[rows])
        return _blended(made, augment.mixup, rng)

    steps = steps_an_epoch(recipe, len(train))
    with ThreadPoolExecutor(1) as maker:
        ahead = maker.submit(make, 0)
        for step in range(steps):
            made = ahead.result()
            if step + 1 < steps:
                ahead = maker.submit(make, step + 1)
            yield made


def _material(
    recipe: Recipe, lessons: Lessons, epoch: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32], Augment]:
    """Return pictures, targets and how to vary pictures; with teachers, the view that they saw, at most mirrored."""
    train, smooth = lessons.train, recipe.label_smoothing
    kinds = np.eye(len(train.classes), dtype=np.float32) * (1 - smooth) + np.float32(smooth / len(train.classes))
    targets = kinds[train.labels].astype(np.float32)
    by_chance = replace(recipe.augment, flip=recipe.augment.flip and not recipe.augment.alternate)
    if lessons.teachers is None:
        return train.images, targets, by_chance
    view, share = epoch % VIEWS, np.float32(recipe.teacher_weight)
    taught = lessons.teachers.targets(view, recipe.teacher_temperature)
    mirrored = Augment(flip=by_chance.flip, mixup=by_chance.mixup)
    return seeded_view(train.images, view), (1 - share) * targets + share * taught, mirrored


def _alternating(recipe: Recipe, count: int, epoch: int) -> npt.NDArray[np.bool_]:
    """Return which pictures are mirrored in this epoch because they were not in the last."""
    if not recipe.augment.alternate:
        return np.zeros(count, bool)
    first = np.random.default_rng([recipe.seed, count]).integers(0, 2, count)
    return np.asarray((first + epoch) % 2 == 1)


def _turned(images: npt.NDArray[np.uint8], mirrored: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """Return the pictures, those in ``mirrored`` mirrored."""
    return np.where(mirrored[:, None, None], images[:, :, ::-1], images)


def _blended(batch: Batch, alpha: float, rng: np.random.Generator) -> Batch:
    """Return the batch with each picture blended with another one, and their losses alike (mixup).

    The loss is linear in the targets, so the blend of two weighted losses is that of the blended, weighted targets.
    """
    if not alpha:
        return batch
    share = np.float32(rng.beta(alpha, alpha))

    def blend(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return share * values + (1 - share) * values[::-1]

    weighted = blend(batch.targets * batch.weights[:, None])
    weights = weighted.sum(axis=1)
    return Batch(blend(batch.faces), weighted / weights[:, None], weights, blend(batch.votes))
