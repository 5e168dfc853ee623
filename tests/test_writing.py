import os
from pathlib import Path

import pytest

from mien.errors import OutputError
from mien.writing import UNFINISHED, clear_unfinished, write_file


def test_a_file_is_written_whole_with_its_folder_and_nothing_else_stays(tmp_path: Path) -> None:
    write_file(tmp_path / "neu" / "ä.txt", "größe")
    assert (tmp_path / "neu" / "ä.txt").read_text("utf-8") == "größe"
    assert [item.name for item in (tmp_path / "neu").iterdir()] == ["ä.txt"]


def test_a_name_that_is_not_utf_8_keeps_its_bytes(tmp_path: Path) -> None:
    write_file(tmp_path / "names.csv", os.fsdecode(b"file\ncaf\xe9.png\n"))
    assert (tmp_path / "names.csv").read_bytes() == b"file\ncaf\xe9.png\n"


def test_a_place_that_cannot_be_written_is_told_and_the_old_file_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(OutputError, match="cannot be written"):
        write_file(tmp_path / "file" / "below", b"new")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match=r"folder: cannot be written"):
        write_file(tmp_path / "folder", b"new")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["file", "folder"]


def test_what_a_killed_process_left_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for name in (f".history.csv-ab{UNFINISHED}", f"below/.model{UNFINISHED}.keras", "history.csv", ".keep"):
        (tmp_path / name).write_text("")
    clear_unfinished(tmp_path)
    assert {item.name for item in tmp_path.rglob("*")} == {"below", "history.csv", ".keep"}
