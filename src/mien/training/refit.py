"""Refit: a finished run once more, on all of its pictures, when validation has nothing left to choose.

Recipe, seed, number of epochs and operating point (temperature, offsets, threshold of ``uncertain``) are the run's. Its
validation pictures are learned from too, so nothing but test can judge the refit.
"""

from dataclasses import fields, replace
from pathlib import Path

from mien.data.dataset import Dataset
from mien.data.splits import load_whole
from mien.errors import RecipeError, RunError
from mien.evaluation.history import best_row, read_history
from mien.model.file import Metadata, parse_metadata, read_model
from mien.progress import Watch
from mien.training.recipe import Recipe
from mien.training.recipe_file import read_recipe, with_values
from mien.training.run import check_finished, check_same
from mien.writing import write_file

_FREE = ("data", "teachers", "votes", "engine")
_POINT = "operating_point.json"


def repeated(run: Path) -> Recipe:
    """Return the recipe that repeats a finished run on all of its pictures, up to the epoch that was its best.

    Raises:
        RunError: the run is not finished, no epoch of it was, or it is a refit itself.

    Example:
        >>> repeated(Path("runs/1")).stop_after
        70
    """
    check_finished(run)
    recipe = read_recipe(run / "recipe.toml")
    if recipe.refit:
        message = f"{run}: is a refit itself, of {recipe.refit}; give a run that held validation pictures out"
        raise RunError(message)
    best = best_row(read_history(run / "history.csv"))
    if best is None:
        message = f"{run}: no epoch of it was finished, there is nothing to repeat; give a trained run"
        raise RunError(message)
    return with_values(recipe, refit=str(run), stop_after=int(best["epoch"]))


def check_refit(recipe: Recipe) -> None:
    """Raise RecipeError where a refit's recipe is another one than its run's; RunError where the run is gone."""
    if not recipe.refit:
        return
    asked = repeated(Path(recipe.refit))
    for name in (item.name for item in fields(Recipe) if item.name not in _FREE):
        if getattr(recipe, name) != getattr(asked, name):
            message = (
                f"refit of {recipe.refit}: {name} = {getattr(recipe, name)!r}, the run has {getattr(asked, name)!r}; a "
                f"refit may change {', '.join(_FREE)}, for anything else train a new run"
            )
            raise RecipeError(message)


def all_and_none(recipe: Recipe, watch: Watch) -> tuple[Dataset, Dataset]:
    """Return all pictures of the run that is repeated, and an empty data set in place of validation pictures.

    Raises:
        DataError: the data is not that of the run.
    """
    run = Path(recipe.refit)
    whole, held_out = load_whole(recipe.data, run / "split.csv", size=recipe.size, watch=watch)
    check_same(run, whole.parted(held_out))
    return whole, whole.subset([])


def keep_operating_point(recipe: Recipe, folder: Path) -> None:
    """Write what the run's model file says into the refit's folder, so that the run may go.

    Raises:
        ModelError: the run's model cannot be read.
    """
    write_file(folder / _POINT, read_model(Path(recipe.refit)).metadata.to_json())


def operating_point(folder: Path, train: Dataset, commit: str) -> Metadata:
    """Return what the refit's model file says: temperature, offsets and threshold of the run, figures of none.

    Raises:
        RunError: the refit's folder lacks them.
    """
    path = folder / _POINT
    try:
        metadata = parse_metadata(path.read_text("utf-8"), str(path))
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror}); start the refit anew with mien train --refit"
        raise RunError(message) from error
    return replace(metadata, data=train.fingerprint(), commit=commit, figures={})
