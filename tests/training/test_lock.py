import os
import signal
import subprocess
import sys

import pytest

from mien.errors import OutputError, RunError
from mien.training.lock import locked

HOLDER = """
import sys, time
from pathlib import Path
from mien.training.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_refused(holder, tmp_path):
    with pytest.raises(RunError, match="another training is at work in it; wait for its end"), locked(tmp_path):
        pass


def test_a_killed_process_holds_nothing(holder, tmp_path):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with locked(tmp_path):
        pass


def test_it_is_free_after_the_block_and_after_an_error(tmp_path):
    with pytest.raises(ValueError, match="broke"), locked(tmp_path):
        raise ValueError("broke")
    with locked(tmp_path):
        pass


def test_a_folder_that_is_gone_is_named(tmp_path):
    with pytest.raises(OutputError, match=r"gone: cannot be opened \(No such file or directory\)"):
        locked(tmp_path / "gone").__enter__()
