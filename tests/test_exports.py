"""The public door: what ``mien`` promises is what it gives."""

import ast
import tomllib
from pathlib import Path

import pytest

import mien

ROOT = Path(__file__).parents[1]


def declared() -> dict[str, str]:
    """Return the names that type checkers see, with their modules, from the source."""
    tree = ast.parse((ROOT / "src" / "mien" / "__init__.py").read_text("utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    imports = (node for node in block.body if isinstance(node, ast.ImportFrom))
    return {alias.asname or alias.name: node.module or "" for node in imports for alias in node.names}


def test_all_is_sorted() -> None:
    assert list(mien.__all__) == sorted(mien.__all__)


def test_all_is_what_type_checkers_see() -> None:
    assert set(mien.__all__) == {*declared(), "__version__"}


def test_all_is_what_completion_shows() -> None:
    assert dir(mien) == list(mien.__all__)


@pytest.mark.parametrize("name", mien.__all__)
def test_each_name_is_there(name: str) -> None:
    assert getattr(mien, name) is not None


@pytest.mark.parametrize(("name", "module"), declared().items())
def test_each_name_comes_from_where_the_source_says(name: str, module: str) -> None:
    assert getattr(mien, name).__module__ == module


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'mien' has no attribute 'Detektor'"):
        _ = mien.Detektor


def test_the_version_is_the_project_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert mien.__version__ == project["version"]
