"""The wheel in an empty environment, without extras, offline: what a person gets from ``pip install mien``."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.installed import Installed

MOST_BYTES = 350_000_000  # of the light core, installed
pytestmark = pytest.mark.slow


def test_the_environment_under_test_is_offline(installed: Installed) -> None:
    code = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')"
    environment = {"PYTHONPATH": str(installed.folder / "offline")}
    done = subprocess.run([installed.python, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert "has reached for the network" in done.stderr


def test_the_light_core_is_small(installed: Installed) -> None:
    sizes = {path: path.stat().st_size for path in installed.packages.rglob("*") if path.is_file()}
    print(f"light core: {sum(sizes.values()) / 1e6:.0f} MB in {len(sizes)} files")
    assert sum(sizes.values()) <= MOST_BYTES


def test_info_tells_the_bundled_model(installed: Installed) -> None:
    done = installed.mien("info")
    assert (done.returncode, done.stderr) == (0, "")
    assert "mien.onnx" in done.stdout
    assert "pip install 'mien[train]" in done.stdout


def test_detect_finds_the_happy_astronaut(installed: Installed, astronaut: Path) -> None:
    done = installed.mien("detect", astronaut)
    assert done.returncode == 0, done.stderr
    assert "happy" in done.stdout


def test_detect_tells_a_program_the_same(installed: Installed, astronaut: Path) -> None:
    done = installed.mien("detect", astronaut, "--json")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    (face,) = json.loads(line)["faces"]
    assert face["label"] == "happy"


def test_the_recipes_are_inside(installed: Installed) -> None:
    recipes = installed.packages / "mien" / "training" / "recipes"
    assert {"compact.toml", "reference.toml", "tiny.toml"} <= {path.name for path in recipes.iterdir()}


def test_the_page_is_inside_and_serve_says_what_to_install(installed: Installed) -> None:
    page = installed.packages / "mien" / "web" / "page"
    assert {"index.html", "style.css", "main.js", "docs.html", "icon.svg"} <= {path.name for path in page.iterdir()}
    done = installed.mien("serve")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "Install with: pip install 'mien[web] @ file://" in line


def test_train_says_what_to_install(installed: Installed) -> None:
    done = installed.mien("train", "--data", "faces")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "Install with: pip install 'mien[train] @ file://" in line
