"""A small data set and a finished run, made once."""

from pathlib import Path

import pytest

from mien.data.synthetic import write_faces
from mien.training.loop import Run, train
from mien.training.recipe import Recipe
from mien.training.recipe_file import read_recipe, with_values
from mien.training.watching import Silent


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn faces, 300 of them."""
    folder = tmp_path_factory.mktemp("drawn") / "faces"
    write_faces(folder, count=300, seed=1)
    return folder


@pytest.fixture(scope="session")
def recipe(faces: Path) -> Recipe:
    return with_values(read_recipe("tiny"), epochs=3, batch=32, data=str(faces))


@pytest.fixture(scope="session")
def run(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(recipe, tmp_path_factory.mktemp("runs"), Silent())
