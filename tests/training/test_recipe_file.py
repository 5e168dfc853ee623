from dataclasses import replace
from pathlib import Path

import pytest

from mien.errors import RecipeError
from mien.training.recipe_file import parse_recipe, read_recipe, shipped, with_settings, with_values


def test_every_shipped_recipe_reads_and_its_header_tells_command_hardware_time_and_score() -> None:
    assert shipped() == ("compact", "distilled", "finetune", "reference", "student", "teacher", "tiny")
    for name in shipped():
        assert read_recipe(name).name == name
        text = (Path(__file__).parents[2] / "src/mien/training/recipes" / f"{name}.toml").read_text("utf-8")
        for word in ("command", "hardware", "time", "score"):
            assert f"# {word}" in text


def test_a_recipe_read_back_from_its_own_toml_is_the_same(tmp_path: Path) -> None:
    recipe = replace(read_recipe("compact"), data="gesichter/grün", seed=7)
    (tmp_path / "recipe.toml").write_text(recipe.to_toml(), "utf-8")
    assert read_recipe(tmp_path) == recipe
    assert read_recipe(tmp_path / "recipe.toml") == recipe


def test_settings_change_values_and_tables() -> None:
    recipe = with_settings(read_recipe("reference"), ["batch=64", "augment.rotation=10", "schedule=cosine", "sizes=[]"])
    assert (recipe.batch, recipe.augment.rotation, recipe.schedule, recipe.sizes) == (64, 10.0, "cosine", ())


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("batch", "expected key=value"),
        ("bach=64", "unknown key 'bach'; expected one of name, network"),
        ("augment.spin=3", "unknown key 'spin'; expected one of flip, alternate, rotation"),
        ("batch=many", "batch = 'many'; expected int"),
        ("batch=0", "batch = 0; expected 1 to 65536"),
        ("network=vgg", "network = 'vgg'; expected one of reference, compact, slim, resnet18, tiny"),
        ("balance=fair", r"rare-augment, or one that trains with \+logit-adjustment after it$"),
        ("augment.rotation=nan", "augment.rotation = nan; expected 0 to 180"),
        ("learning_rate=nan", "learning_rate = nan; expected"),
        ("sizes=[4]", "each of sizes = 4; expected 16 to 256"),
        ("sizes=[32, 48]", "its dense layers take one size only"),
        ("augment=3", "augment = 3; expected a table"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told(setting: str, told: str) -> None:
    with pytest.raises(RecipeError, match=told):
        with_settings(read_recipe("reference"), [setting])


def test_values_that_are_none_change_nothing() -> None:
    assert with_values(read_recipe("tiny"), epochs=None, seed=None) == read_recipe("tiny")
    with pytest.raises(RecipeError, match="epochs = 0"):
        with_values(read_recipe("tiny"), epochs=0)


def test_recipes_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(
        RecipeError,
        match="no such recipe; expected compact, distilled, finetune, reference, student, teacher, tiny, or the path",
    ):
        read_recipe("compakt")
    with pytest.raises(RecipeError, match=r"missing\.toml: cannot be read"):
        read_recipe(tmp_path / "missing.toml")
    (tmp_path / "bad.toml").write_text("epochs = = 3", "utf-8")
    with pytest.raises(RecipeError, match=r"bad\.toml: not TOML \(.*\); expected lines such as batch = 64"):
        read_recipe(tmp_path / "bad.toml")
    with pytest.raises(RecipeError, match="has no network"):
        parse_recipe({"name": "a"}, "a.toml")
