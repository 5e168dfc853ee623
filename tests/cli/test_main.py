import os
import subprocess
import sys
from pathlib import Path

import pytest

MIEN = [sys.executable, "-m", "mien"]


@pytest.mark.skipif(sys.platform == "win32", reason="there no folder can be deleted while a program works in it")
def test_a_working_folder_that_was_deleted_is_one_line(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f'cd "{gone}" && rmdir "{gone}" && exec "$0" -m mien detect "{tmp_path}/a.jpg" --save csv'
    environment = os.environ | {"PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        ["sh", "-c", command, sys.executable], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == "error: the working folder was deleted; change to one that exists, such as cd ~\n"


def test_the_version_is_said() -> None:
    done = subprocess.run([*MIEN, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("mien ")
