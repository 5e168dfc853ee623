from dataclasses import replace

import pytest

from mien.training.recipe import Recipe
from mien.training.schedule import learning_rate, picture_size

RECIPE = Recipe(name="a", network="tiny", learning_rate=1.0, epochs=10)


def test_constant_stays() -> None:
    assert [learning_rate(RECIPE, step, 100) for step in (0, 50, 99)] == [1, 1, 1]


@pytest.mark.parametrize(("schedule", "middle"), [("linear", 0.5), ("cosine", 0.5), ("constant", 1.0)])
def test_warm_up_rises_then_the_schedule_follows(schedule: str, middle: float) -> None:
    recipe = replace(RECIPE, schedule=schedule, warmup=0.2)
    assert [learning_rate(recipe, step, 100) for step in (0, 9, 19, 20)] == pytest.approx([0.05, 0.5, 1, 1])
    assert learning_rate(recipe, 60, 100) == pytest.approx(middle)


def test_pictures_grow_in_equal_parts_of_the_epochs() -> None:
    recipe = replace(RECIPE, sizes=(32, 40, 48))
    assert [picture_size(recipe, epoch) for epoch in range(10)] == [32, 32, 32, 32, 40, 40, 40, 48, 48, 48]
    assert picture_size(recipe, 12) == 48
    assert picture_size(RECIPE, 3) == 48
