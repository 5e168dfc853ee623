"""The installed command on machines that differ: no home, other locales and time zones, folders that take no file.

The environment holds what a test names and nothing else: no PATH, so no compiler, and no display.
"""

import csv
import json
import os
import shutil
from pathlib import Path

import pytest

from tests.installed import Installed

pytestmark = pytest.mark.slow

ASCII = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}  # in the C locale Python then prints ASCII alone
MACHINES = {
    "nothing is set": {},
    "no home, no user's name": {"HOMELESS": "1"},
    "C, Nepal": {"LC_ALL": "C", "TZ": "Asia/Kathmandu"} | ASCII,
    "POSIX, no such zone, home is a file": {"LC_ALL": "POSIX", "TZ": "Nowhere/Nonsense", "HOME": os.devnull} | ASCII,
    "Turkish": {"LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "tr", "TZ": "Europe/Istanbul", "PYTHONUTF8": "0"},
    "a terminal of the nineties": {"PYTHONIOENCODING": "latin-1", "TERM": "vt100", "COLUMNS": "20"},
}
NOT_WRITABLE = Path("/proc")  # also for root, to whom a mode says nothing


@pytest.fixture
def picture(tmp_path: Path, astronaut: Path) -> Path:
    folder = tmp_path / "Gesichter für Mién 顔"
    folder.mkdir()
    return Path(shutil.copy(astronaut, folder / "lächelnd é.jpg"))


@pytest.mark.parametrize("machine", MACHINES.values(), ids=list(MACHINES))
def test_the_table_is_printed_and_files_are_written(
    installed: Installed, picture: Path, machine: dict[str, str]
) -> None:
    words = ("detect", picture.name, "--save", "picture,csv,jsonl", "--out", "aus é")
    done = installed.mien(*words, cwd=picture.parent, **machine)
    assert done.returncode == 0, done.stderr
    assert [line.partition(" ")[0] for line in done.stderr.splitlines()] == ["wrote"] * 3
    assert "happy" in done.stdout
    assert (picture.parent / "aus é" / picture.name).stat().st_size > 10_000
    with (picture.parent / "aus é" / "faces.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["source"], row["label"]) == (picture.name, "happy")
    (line,) = (picture.parent / "aus é" / "faces.jsonl").read_text("ascii").splitlines()
    assert json.loads(line)["faces"][0]["label"] == "happy"


@pytest.mark.parametrize("machine", MACHINES.values(), ids=list(MACHINES))
def test_a_program_reads_the_same(installed: Installed, picture: Path, machine: dict[str, str]) -> None:
    done = installed.mien("detect", picture, "--json", cwd=picture.parent, **machine)
    assert (done.returncode, done.stderr) == (0, "")
    frame = json.loads(done.stdout)
    assert os.fsencode(frame["source"]) == os.fsencode(picture)
    assert [face["label"] for face in frame["faces"]] == ["happy"]


def test_nothing_is_left_in_the_home(installed: Installed, picture: Path) -> None:
    assert installed.mien("detect", picture, HOME=str(installed.home)).returncode == 0
    assert not list(installed.home.iterdir())


def test_a_working_folder_that_takes_no_file_is_no_hindrance(installed: Installed, picture: Path) -> None:
    done = installed.mien("detect", picture, cwd=NOT_WRITABLE, HOME=str(NOT_WRITABLE))
    assert (done.returncode, done.stderr) == (0, "")
    assert "happy" in done.stdout


def test_results_that_find_no_place_are_one_clear_line(installed: Installed, picture: Path) -> None:
    done = installed.mien("detect", picture, "--save", "csv", cwd=NOT_WRITABLE)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "mien-out/detect.json: cannot be written" in line


def test_a_file_that_is_not_there_is_told_in_every_letter(installed: Installed, picture: Path) -> None:
    done = installed.mien("detect", "Schläft é.jpg", cwd=picture.parent, LC_ALL="C", **ASCII)
    assert done.returncode == 1
    assert "Schläft é.jpg: cannot be read" in done.stderr
