"""Training batches, made one ahead of the network in a thread of their own."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mien.data.dataset import Dataset
from mien.training.augment import augment_batch
from mien.training.balance import class_weights
from mien.training.recipe import Recipe
from mien.training.schedule import picture_size


@dataclass(frozen=True, eq=False)
class Lessons:
    """What a network learns from.

    Attributes:
        train: pictures and labels.
        votes: share of a crowd's votes for each class, float32 ``(n, classes)``, zeros where there are none; or None.
    """

    train: Dataset
    votes: npt.NDArray[np.float32] | None = None


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
    order = np.random.default_rng([recipe.seed, epoch]).permutation(len(train))
    targets, weights = _targets(recipe, len(train.classes)), class_weights(recipe.balance, train.counts())
    votes = np.empty((len(train), 0), np.float32) if lessons.votes is None else lessons.votes
    batch = min(recipe.batch, len(train))

    def make(step: int) -> Batch:
        rows = order[np.arange(step * batch, (step + 1) * batch) % len(train)]
        rng = np.random.default_rng([recipe.seed, epoch, step])
        labels = train.labels[rows]
        faces = augment_batch(train.images[rows], recipe.augment, size, rng)
        return Batch(faces, targets[labels], weights[labels], votes[rows])

    steps = steps_an_epoch(recipe, len(train))
    with ThreadPoolExecutor(1) as maker:
        ahead = maker.submit(make, 0)
        for step in range(steps):
            made = ahead.result()
            if step + 1 < steps:
                ahead = maker.submit(make, step + 1)
            yield made


def _targets(recipe: Recipe, classes: int) -> npt.NDArray[np.float32]:
    """Return the target of each label, ``(classes, classes)``."""
    smooth = recipe.label_smoothing
    return np.eye(classes, dtype=np.float32) * np.float32(1 - smooth) + np.float32(smooth / classes)
