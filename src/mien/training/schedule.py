"""The learning rate and the picture size at any point of a run, from the recipe alone, so that a run can be resumed."""

import math

from mien.training.recipe import Recipe


def learning_rate(recipe: Recipe, step: int, steps: int) -> float:
    """Return the learning rate of a step, counted from 0, of ``steps`` in the whole run.

    Rises evenly through the warm-up, then stays, or falls to zero in a straight line or half a cosine
    (Loshchilov & Hutter 2017, arXiv 1608.03983).
    """
    warm = round(recipe.warmup * steps)
    if step < warm:
        return recipe.learning_rate * (step + 1) / warm
    done = (step - warm) / max(1, steps - warm)
    if recipe.schedule == "linear":
        return recipe.learning_rate * (1 - done)
    if recipe.schedule == "cosine":
        return recipe.learning_rate * (1 + math.cos(math.pi * done)) / 2
    return recipe.learning_rate


def picture_size(recipe: Recipe, epoch: int) -> int:
    """Return the side of the training pictures in an epoch, counted from 0 (progressive resizing)."""
    if not recipe.sizes:
        return recipe.size
    return recipe.sizes[min(epoch * len(recipe.sizes) // recipe.epochs, len(recipe.sizes) - 1)]
