"""What the docs say is what was recorded, and what they name is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_tables_of_the_docs_are_those_of_the_recorded_results() -> None:
    code = (
        "import tables; texts = [page.read_text('utf-8') for page in tables.PAGES]; "
        "assert [tables.rendered(text) for text in texts] == texts"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "benchmarks", capture_output=True, text=True)
    assert done.returncode == 0, f"run: uv run python benchmarks/tables.py\n{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_picture_of_a_page_is_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", page.read_text("utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing


def test_every_verb_of_the_readme_is_there() -> None:
    from mien.cli.main import app

    verbs = {command.callback.__name__ for command in app.registered_commands if command.callback} | {"data", "models"}
    text = (ROOT / "README.md").read_text("utf-8")
    assert set(re.findall(r"(?:^|`|uv run )mien (\w+)", text, re.MULTILINE)) <= verbs


def test_the_recipe_of_the_docs_is_one(tmp_path: Path) -> None:
    from mien.training.recipe_file import read_recipe

    text = (ROOT / "docs" / "recipes.md").read_text("utf-8")
    (written,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "mine.toml").write_text(written)
    assert read_recipe(tmp_path / "mine.toml").monitor == "val_macro_f1"
    network = next(line for line in text.splitlines() if line.startswith("| `network` |"))
    assert "`resnet18`" in network
