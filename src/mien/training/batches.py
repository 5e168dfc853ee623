"""Training batches, made one ahead of the network in a thread of their own."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Lock
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from mien.data.dataset import Dataset
from mien.training.augment import Variations, draw_variations, vary
from mien.training.balance import class_weights, drawn, strength
from mien.training.distill import Teachers
from mien.training.recipe import Augment, Recipe
from mien.training.schedule import picture_size

T = TypeVar("T")
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

    def shown(self, view: int | None) -> npt.NDArray[np.uint8]:
        """Return the training pictures, uint8 ``(n, size, size)``: in a view of the teachers, or as they are."""
        images = self.train.images
        return images if self.teachers is None or view is None else self.teachers.shown(images, view)


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


class Shared(Generic[T]):
    """Batches that one thread may end while another makes one: Keras on TensorFlow reads ahead in a thread of its own.

    Example:
        >>> with closing(Shared(batches(recipe, lessons, 0))) as source:
        ...     engine.train(source, steering)
    """

    def __init__(self, source: Generator[T, None, None]) -> None:
        self._source, self._lock = source, Lock()

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
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


class Epoch:
    """What one epoch shows: drawn from (seed, epoch) alone, apart from the pictures themselves.

    Args:
        recipe: batch size, seed, augmentation, label smoothing (Szegedy et al. 2016, arXiv 1512.00567) and balance.
        lessons: what to learn from.
        epoch: counted from 0.

    Attributes:
        view: which view of the teachers is shown, see ``Lessons.shown``; None for the pictures themselves.
        targets: of all pictures, as in ``Batch``.
        weights: of all pictures, as in ``Batch``.
        votes: of all pictures, as in ``Batch``.
        steps: number of batches.
    """

    def __init__(self, recipe: Recipe, lessons: Lessons, epoch: int) -> None:
        train, self._size = lessons.train, picture_size(recipe, epoch)
        counts = train.counts()
        self._seed, self._shape = (recipe.seed, epoch), train.images.shape
        self._order = drawn(recipe.balance, train.labels, counts, np.random.default_rng([*self._seed, 0, _ORDER]))
        self._amount = strength(recipe.balance, counts)[train.labels]
        self._turn = _alternating(recipe, len(train), epoch)
        self._batch = batch_size(recipe, len(train))
        self.view, self.targets, self._augment = _material(recipe, lessons, epoch)
        self.weights = class_weights(recipe.balance, counts)[train.labels]
        self.votes = np.empty((len(train), 0), np.float32) if lessons.votes is None else lessons.votes
        self.steps = steps_an_epoch(recipe, len(train))

    def draw(self, step: int) -> "Drawn":
        """Return what a batch shows, counted from 0."""
        rows = self._order[np.arange(step * self._batch, (step + 1) * self._batch) % len(self._order)]
        rng = np.random.default_rng([*self._seed, step])
        shape = (len(rows), *self._shape[1:])
        variations = draw_variations(shape, self._augment, self._size, rng, self._amount[rows])
        alpha = self._augment.mixup
        return Drawn(rows, self._turn[rows], variations, float(rng.beta(alpha, alpha)) if alpha else 1.0)


@dataclass(frozen=True, eq=False)
class Drawn:
    """What one batch shows.

    Attributes:
        rows: of the training pictures, int64 ``(n,)``.
        turned: pictures that are mirrored before anything else, bool ``(n,)``.
        variations: of the pictures.
        share: of each picture in its blend with the one as far from the batch's other end (mixup); 1 for no blend.
    """

    rows: npt.NDArray[np.int64]
    turned: npt.NDArray[np.bool_]
    variations: Variations
    share: float


def batches(recipe: Recipe, lessons: Lessons, epoch: int) -> Generator[Batch, None, None]:
    """Yield the batches of one epoch, the same ones whenever (seed, epoch) are the same; arguments as of ``Epoch``."""
    whole = Epoch(recipe, lessons, epoch)
    images = lessons.shown(whole.view)

    def make(step: int) -> Batch:
        one = whole.draw(step)
        rows = one.rows
        pictures = np.where(one.turned[:, None, None], images[rows, :, ::-1], images[rows])
        made = Batch(vary(pictures, one.variations), whole.targets[rows], whole.weights[rows], whole.votes[rows])
        return _blended(made, np.float32(one.share))

    with ThreadPoolExecutor(1) as maker:
        ahead = maker.submit(make, 0)
        for step in range(whole.steps):
            made = ahead.result()
            if step + 1 < whole.steps:
                ahead = maker.submit(make, step + 1)
            yield made


def _material(recipe: Recipe, lessons: Lessons, epoch: int) -> tuple[int | None, npt.NDArray[np.float32], Augment]:
    """Return view, targets and how to vary pictures; with teachers, the view that they saw, at most mirrored."""
    train, smooth = lessons.train, recipe.label_smoothing
    kinds = np.eye(len(train.classes), dtype=np.float32) * (1 - smooth) + np.float32(smooth / len(train.classes))
    targets = kinds[train.labels].astype(np.float32)
    by_chance = replace(recipe.augment, flip=recipe.augment.flip and not recipe.augment.alternate)
    if lessons.teachers is None:
        return None, targets, by_chance
    view, share = epoch % lessons.teachers.views, np.float32(recipe.teacher_weight)
    taught = lessons.teachers.targets(view, recipe.teacher_temperature)
    mirrored = Augment(flip=by_chance.flip, mixup=by_chance.mixup)
    return view, (1 - share) * targets + share * taught, mirrored


def _alternating(recipe: Recipe, count: int, epoch: int) -> npt.NDArray[np.bool_]:
    """Return which pictures are mirrored in this epoch because they were not in the last."""
    if not recipe.augment.alternate:
        return np.zeros(count, bool)
    first = np.random.default_rng([recipe.seed, count]).integers(0, 2, count)
    return np.asarray((first + epoch) % 2 == 1)


def _blended(batch: Batch, share: np.float32) -> Batch:
    """Return the batch with each picture blended with another one, and their losses alike (mixup).

    The loss is linear in the targets, so the blend of two weighted losses is that of the blended, weighted targets.
    """
    if share == 1:
        return batch

    def blend(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return share * values + (1 - share) * values[::-1]

    weighted = blend(batch.targets * batch.weights[:, None])
    weights = weighted.sum(axis=1)
    return Batch(blend(batch.faces), weighted / weights[:, None], weights, blend(batch.votes))
