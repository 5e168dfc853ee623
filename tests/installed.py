"""mien as ``pip install mien`` gives it: a wheel of this checkout in an environment without extras, offline."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Put first on the path of the interpreter under test: whoever opens a connection gets an error, and where HOMELESS is
# set, the system knows nobody's home, as in a container that runs under a number without a name.
OFFLINE = """
import os, socket

def refuse(*_, **__):
    raise OSError("a test that runs offline has reached for the network")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse

if "HOMELESS" in os.environ:
    import pwd

    def nobody(*_):
        raise KeyError("uid not found")

    pwd.getpwuid = nobody
"""


@dataclass(frozen=True)
class Installed:
    """An environment with mien and what it depends on, and a folder of its own beside it."""

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

    @property
    def home(self) -> Path:
        """An empty folder, and empty it should stay."""
        return self.folder / "home"

    def mien(self, *words: str | Path, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the installed command offline, with these environment variables alone."""
        done = subprocess.run(
            [self.python.with_name("mien"), *words],
            cwd=cwd or self.home,
            env={"PYTHONPATH": str(self.folder / "offline")} | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        out, err = (text.decode("utf-8", "surrogateescape") for text in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def uv(*words: str | Path, **variables: str) -> None:
    """Run uv in the project; fails with what it said."""
    program = os.environ.get("UV") or shutil.which("uv")
    if program is None:
        pytest.skip("uv is not installed: pip install uv")
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"} | variables
    done = subprocess.run([program, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
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
    (folder / "offline" / "sitecustomize.py").write_text(OFFLINE, "utf-8")
    made.home.mkdir()
    return made


@pytest.fixture(scope="session")
def astronaut(installed: Installed) -> Path:
    return installed.packages / "mien" / "data" / "samples" / "astronaut.jpg"
