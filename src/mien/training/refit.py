"""Refit: a finished run once more, on all of its pictures, when validation has nothing left to choose.

Recipe, seed, number of epochs and operating point (temperature, offsets, threshold of ``uncertain``) are the run's. Its
validation pictures are learned from too, so nothing but test can judge the refit.
"""

from dataclasses import replace
from pathlib import Path

from mien.data.dataset import Dataset
from mien.data.splits import load_whole
from mien.errors import RunError
from mien.evaluation.history import best_row, read_history
from mien.model.file import Metadata, read_model
from mien.progress import Watch
from mien.training.recipe import Recipe
from mien.training.recipe_file import read_recipe, with_values
from mien.training.run import check_finished


def repeated(run: Path) -> Recipe:
    """Return the recipe that repeats a finished run on all of its pictures, up to the epoch that was its best.

    Raises:
        RunError: the run is not finished, no epoch of it was, or it is a refit itself.

    Example:
        >>> repeated(Path("runs/1")).stop_after
        70
    """
    check_finished(run)
    recipe = read_recipe(run)
    if recipe.refit:
        message = f"{run}: is a refit itself, of {recipe.refit}; give a run that held validation pictures out"
        raise RunError(message)
    best = best_row(read_history(run / "history.csv"))
    if best is None:
        message = f"{run}: no epoch of it was finished, there is nothing to repeat; give a trained run"
        raise RunError(message)
    return with_values(recipe, refit=str(run), stop_after=int(best["epoch"]))


def all_and_none(recipe: Recipe, watch: Watch) -> tuple[Dataset, Dataset]:
    """Return all pictures of the run that is repeated, and an empty data set in place of validation pictures.

    Raises:
        DataError: the data is not that of the run.
    """
    whole = load_whole(recipe.data, Path(recipe.refit) / "split.csv", size=recipe.size, watch=watch)
    return whole, whole.subset([])


def operating_point(recipe: Recipe, train: Dataset, commit: str) -> Metadata:
    """Return what the refit's model file says: temperature, offsets and threshold of the run, figures of none.

    Raises:
        ModelError: the run's model is gone.
    """
    metadata = read_model(Path(recipe.refit)).metadata
    return replace(metadata, data=train.fingerprint(), commit=commit, figures={})
