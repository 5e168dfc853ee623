"""Training batches, made one ahead of the network in a thread of their own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mien.data.dataset import Dataset
from mien.training.augment import augment_batch
from mien.training.recipe import Recipe
from mien.training.schedule import picture_size


@dataclass(frozen=True, eq=False)
class Batch:
    """What one step learns from.

    Attributes:
        faces: float32 ``(n, size, size, 1)``, pixel values 0-255.
        targets: one-hot float32 ``(n, classes)``.
        weights: float32 ``(n,)``.
    """

    faces: npt.NDArray[np.float32]
    targets: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]


def steps_an_epoch(recipe: Recipe, count: int) -> int:
    """Return the number of steps an epoch: enough for every picture; the last batch is filled from the first ones."""
    return -(-count // recipe.batch)


def batches(recipe: Recipe, train: Dataset, weights: npt.NDArray[np.float32], epoch: int) -> Iterator[Batch]:
    """Yield the batches of one epoch, the same ones whenever (seed, epoch) are the same.

    Args:
        recipe: batch size, seed and augmentation.
        train: the training pictures.
        weights: weight of each class, float32 ``(classes,)``.
        epoch: counted from 0.
    """
    order = np.random.default_rng([recipe.seed, epoch]).permutation(len(train))
    size, one_hot = picture_size(recipe, epoch), np.eye(len(train.classes), dtype=np.float32)
    batch = min(recipe.batch, len(train))

    def make(step: int) -> Batch:
        rows = order[np.arange(step * batch, (step + 1) * batch) % len(train)]
        rng = np.random.default_rng([recipe.seed, epoch, step])
        labels = train.labels[rows]
        return Batch(augment_batch(train.images[rows], recipe.augment, size, rng), one_hot[labels], weights[labels])

    steps = steps_an_epoch(recipe, len(train))
    with ThreadPoolExecutor(1) as maker:
        ahead = maker.submit(make, 0)
        for step in range(steps):
            made = ahead.result()
            if step + 1 < steps:
                ahead = maker.submit(make, step + 1)
            yield made
