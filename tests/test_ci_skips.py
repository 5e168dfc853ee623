"""In CI a skip that is not on the list fails the run; elsewhere every skip is fine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ci_skips import LIST, listed

ROOT = Path(__file__).parents[1]
UNLISTED = "the moon is full"


def run(folder: Path, source: str, ci: str) -> tuple[int, str]:
    """Run pytest on one test file, in a process of its own; return its exit code and what it printed."""
    folder.joinpath("test_it.py").write_text(f"import pytest\n{source}", "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.ci_skips", "-p", "no:cacheprovider", "-c", os.devnull, "."]
    environment = os.environ | {"MIEN_CI": ci, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_list_is_lines_without_notes() -> None:
    assert list(listed("")) == []
    assert list(listed("# why\n\none reason \nanother\n")) == ["one reason", "another"]


@pytest.mark.parametrize(
    "source",
    [
        f"def test_it(): pytest.skip('{UNLISTED}')",
        f"@pytest.mark.skip(reason='{UNLISTED}')\ndef test_it(): ...",
        f"@pytest.fixture\ndef moon(): pytest.skip('{UNLISTED}')\ndef test_it(moon): ...",
        f"pytest.skip('{UNLISTED}', allow_module_level=True)",
    ],
)
def test_a_skip_that_is_not_listed_fails_in_ci_only(tmp_path: Path, source: str) -> None:
    code, output = run(tmp_path, source, ci="1")
    assert code != 0
    assert f"its reason is not in tests/skips.txt: {UNLISTED}" in output
    code, output = run(tmp_path, source, ci="")
    assert code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    assert "1 skipped" in output


def test_a_listed_skip_passes_in_ci(tmp_path: Path) -> None:
    reason, *_ = listed(LIST.read_text("utf-8"))
    code, output = run(tmp_path, f"def test_it(): pytest.skip({reason!r})", ci="1")
    assert (code, "1 skipped" in output) == (0, True)


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    code, output = run(tmp_path, "@pytest.mark.xfail(reason='known')\ndef test_it(): raise ValueError", ci="1")
    assert (code, "1 xfailed" in output) == (0, True)
