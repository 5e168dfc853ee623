import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mien.cli import main as module

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


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PermissionError(13, "Permission denied", "/r[o]t/a"), "error: /r[o]t/a: cannot be used (Permission denied); "),
        (OSError("closed"), "error: the output or a file cannot be written or read (closed); "),
    ],
)
def test_what_the_system_refuses_is_one_line(error: OSError, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise error

    printed = io.StringIO()
    monkeypatch.setattr(module, "app", broken)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(sys, "stderr", printed)
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 1
    assert printed.getvalue().startswith(told)
    assert printed.getvalue().count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full here")
def test_output_that_a_full_disk_does_not_take_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*MIEN, "info"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: the output or a file cannot be written")
    assert done.stderr.count("\n") == 1


def test_the_version_is_said() -> None:
    done = subprocess.run([*MIEN, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("mien ")
