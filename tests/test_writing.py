import os
from pathlib import Path

import pytest

from mien.errors import OutputError
from mien.writing import UNFINISHED, clear_unfinished, printable, write_file


def test_a_file_is_written_whole_with_its_folder_and_nothing_else_stays(tmp_path: Path) -> None:
    write_file(tmp_path / "neu" / "ä.txt", "größe")
    assert (tmp_path / "neu" / "ä.txt").read_text("utf-8") == "größe"
    assert [item.name for item in (tmp_path / "neu").iterdir()] == ["ä.txt"]


def test_a_name_may_be_as_long_as_names_can_be(tmp_path: Path) -> None:
    write_file(tmp_path / ("a" * 255), "whole")
    assert (tmp_path / ("a" * 255)).read_text() == "whole"


def test_a_name_that_is_not_utf_8_keeps_its_bytes(tmp_path: Path) -> None:
    write_file(tmp_path / "names.csv", os.fsdecode(b"file\ncaf\xe9.png\n"))
    assert (tmp_path / "names.csv").read_bytes() == b"file\ncaf\xe9.png\n"


@pytest.mark.skipif(os.name == "nt", reason="no umask here")
@pytest.mark.parametrize(("umask", "mode"), [(0o077, 0o600), (0o022, 0o644), (0o002, 0o664)])
def test_who_may_read_a_file_is_what_the_umask_says(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        write_file(tmp_path / "faces.csv", "mine")
    finally:
        os.umask(before)
    assert (tmp_path / "faces.csv").stat().st_mode & 0o777 == mode


def test_a_place_that_cannot_be_written_is_told_and_the_old_file_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(OutputError, match="cannot be written"):
        write_file(tmp_path / "file" / "below", b"new")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match=r"folder: cannot be written"):
        write_file(tmp_path / "folder", b"new")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["file", "folder"]


@pytest.mark.parametrize("path", ["", ".", "/"])
def test_a_path_without_a_name_is_told(path: str) -> None:
    with pytest.raises(OutputError, match="names no file to write; give one"):
        write_file(Path(path), b"new")


def test_what_a_killed_process_left_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for name in (f".{16 * 'a'}{UNFINISHED}", f"below/.model{UNFINISHED}.keras", "history.csv", ".keep"):
        (tmp_path / name).write_text("")
    clear_unfinished(tmp_path)
    assert {item.name for item in tmp_path.rglob("*")} == {"below", "history.csv", ".keep"}


def test_a_name_that_is_not_utf8_can_be_shown():
    assert printable(os.fsdecode(b"caf\xe9.jpg")) == "caf\ufffd.jpg"
