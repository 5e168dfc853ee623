"""The wheel in an empty environment, without extras, offline: what a person gets from ``pip install mien``."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST_BYTES = 350_000_000  # of the light core, installed
pytestmark = pytest.mark.slow

# Put first on the path of the interpreter under test: whoever opens a connection gets an error.
NO_NETWORK = """
import socket

def refuse(*_, **__):
    raise OSError("a test that runs offline has reached for the network")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
"""


@dataclass(frozen=True)
class Installed:
    """An environment with mien and what it depends on, and an empty folder to run it in."""

    environment: Path
    folder: Path

    @property
    def python(self) -> Path:
        return self.environment / ("Scripts" if os.name == "nt" else "bin") / "python"

    @property
    def packages(self) -> Path:
        told = subprocess.check_output(
            [self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
        )
        return Path(told.strip())

    def mien(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the installed command offline, with an empty home."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        environment = {"HOME": str(home), "PATH": os.defpath, "PYTHONPATH": str(self.folder / "offline")}
        command = [self.python.with_name("mien"), *words]
        return subprocess.run(
            command, cwd=home, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )


def uv(*words: str | Path, **variables: str) -> None:
    """Run uv in the project; fails with what it said."""
    program = os.environ.get("UV") or shutil.which("uv")
    if program is None:
        pytest.skip("uv is not installed: pip install uv")
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"} | variables
    done = subprocess.run([program, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel and the versions of the lock file in a new environment, nothing of the development group."""
    folder = tmp_path_factory.mktemp("wheel")
    made = Installed(folder / "environment", folder)
    locked = ("--frozen", "--no-dev", "--no-install-project", "--python", sys.executable)
    uv("sync", *locked, UV_PROJECT_ENVIRONMENT=str(made.environment))
    uv("build", "--wheel", "--out-dir", folder / "dist")
    (wheel,) = (folder / "dist").glob("mien-*.whl")
    uv("pip", "install", "--python", made.python, "--offline", "--no-deps", wheel)
    uv("pip", "check", "--python", made.python)  # the wheel asks for nothing that is not there
    (folder / "offline").mkdir()
    (folder / "offline" / "sitecustomize.py").write_text(NO_NETWORK, "utf-8")
    return made


@pytest.fixture(scope="module")
def astronaut(installed: Installed) -> Path:
    return installed.packages / "mien" / "data" / "samples" / "astronaut.jpg"


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
    assert "pip install 'mien[train]'" in done.stdout


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
    assert line.endswith("Install with: pip install 'mien[web]'")


def test_train_says_what_to_install(installed: Installed) -> None:
    done = installed.mien("train", "--data", "faces")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.endswith("Install with: pip install 'mien[train]'")
