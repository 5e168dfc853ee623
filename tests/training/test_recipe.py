from dataclasses import replace
from pathlib import Path

import pytest

from mien.errors import RecipeError
from mien.training.recipe import Augment, Recipe, check, check_teachers
from mien.training.recipe_file import read_recipe

RECIPE = Recipe(name="a", network="tiny")


@pytest.mark.parametrize("recipe", [RECIPE, replace(RECIPE, average=0.999, sizes=(32, 48), engine="torch")])
def test_values_within_their_ranges_pass(recipe: Recipe) -> None:
    check(recipe, "mine")


@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        (replace(RECIPE, engine="jax"), "mine: engine = 'jax'; expected one of auto, keras, torch"),
        (replace(RECIPE, average=1.0), "mine: average = 1.0; expected 0 to 0.99999"),
        (replace(RECIPE, teacher_weight=2.0), "mine: teacher_weight = 2.0; expected 0 to 1"),
        (replace(RECIPE, augment=Augment(mixup=-1.0)), "mine: augment.mixup = -1.0; expected 0 to 10"),
        (replace(RECIPE, network="reference", sizes=(32,)), "mine: sizes with network = 'reference'"),
    ],
)
def test_a_value_out_of_its_range_is_named_with_what_was_expected(recipe: Recipe, told: str) -> None:
    with pytest.raises(RecipeError) as error:
        check(recipe, "mine")
    assert str(error.value).startswith(told)


def test_teachers_and_their_weight_go_together(tmp_path: Path) -> None:
    (tmp_path / "teachers.npz").touch()
    check_teachers(RECIPE)
    check_teachers(replace(RECIPE, teachers=str(tmp_path / "teachers.npz"), teacher_weight=0.8))
    with pytest.raises(RecipeError, match=r"teachers = 'nope.npz': no such file; expected one that mien teach wrote"):
        check_teachers(replace(RECIPE, teachers="nope.npz", teacher_weight=0.8))
    for recipe in (read_recipe("distilled"), read_recipe("student")):
        with pytest.raises(RecipeError, match=f"recipe {recipe.name} learns from teachers .*mien teach .* compact"):
            check_teachers(recipe)
    with pytest.raises(RecipeError, match=r"does not learn from teachers = 'teachers.npz'; add --set teacher_weight="):
        check_teachers(replace(RECIPE, teachers="teachers.npz"))


def test_no_training_stops_after_its_schedule() -> None:
    with pytest.raises(RecipeError, match="stop_after = 20 of epochs = 12; expected at most as many"):
        check(replace(read_recipe("tiny"), epochs=12, stop_after=20), "mine")
