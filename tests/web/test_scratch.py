"""The private folder for the files of video jobs."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from mien.errors import OutputError
from mien.web.job import Job
from mien.web.scratch import Scratch
from mien.web.settings import Settings


def test_the_folder_is_private_and_goes_with_everything_in_it(tmp_path: Path):
    scratch = Scratch(Settings(folder=tmp_path / "jobs"))
    job = scratch.add("a")
    (job / "video.mp4").write_bytes(b"pictures")
    for folder in (scratch.folder, job):
        assert folder.stat().st_mode & 0o777 == 0o700
    scratch.close()
    assert list((tmp_path / "jobs").iterdir()) == []


def test_states_are_remembered_and_what_cannot_be_read_is_removed(tmp_path: Path):
    settings = Settings(folder=tmp_path)
    first = Scratch(settings)
    good = first.add("good")
    state = {**Job("good", good).to_dict(), "ended": 0.0}
    first.remember("good", state)
    (first.add("none") / "video.mp4").write_bytes(b"pictures")
    for number, text in enumerate(("{", "{}", "[]", "1", '{"state": 3}')):
        (first.add(f"broken-{number}") / "state.json").write_text(text)
    assert list(Scratch(settings).remembered()) == [("good", state)]
    assert list(first.folder.iterdir()) == [good]


def test_files_of_somebody_survive_where_the_jobs_lie(tmp_path: Path):
    settings = Settings(folder=tmp_path)
    tmp_path.chmod(0o755)
    own = Scratch(settings).folder
    mine = [place / name for place in (tmp_path, own) for name in ("notes.txt", "holiday/a.jpg")]
    for file in mine:
        file.parent.mkdir(exist_ok=True)
        file.write_text("the only copy")
    scratch = Scratch(settings)
    assert list(scratch.remembered()) == []
    scratch.add("a")
    scratch.close()
    assert [file.read_text() for file in mine] == ["the only copy"] * 4
    assert sorted(path.name for path in own.iterdir()) == ["holiday", "notes.txt"]
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_servers_on_two_ports_do_not_share_a_folder():
    folders = [Scratch(Settings(port=port)).folder for port in (1, 2)]
    for folder in folders:
        folder.rmdir()
    assert folders[0] != folders[1]


def test_a_link_that_somebody_laid_there_is_not_followed(tmp_path: Path):
    own = Scratch(Settings(folder=tmp_path)).folder
    own.rmdir()
    (tmp_path / "elsewhere").mkdir()
    own.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="it is not a folder"):
        Scratch(Settings(folder=tmp_path))


def test_a_folder_that_was_cleaned_away_is_made_again_and_looked_at_again(tmp_path: Path):
    scratch = Scratch(Settings(folder=tmp_path))
    scratch.folder.rmdir()
    assert scratch.add("a").is_dir()
    assert scratch.folder.stat().st_mode & 0o777 == 0o700
    scratch.drop("a")
    scratch.folder.rmdir()
    scratch.folder.symlink_to(tmp_path)
    with pytest.raises(OutputError, match="it is not a folder"):
        scratch.add("b")


def test_a_place_that_is_a_file_is_named(tmp_path: Path):
    (tmp_path / "jobs").touch()
    with pytest.raises(OutputError, match=r"cannot hold video jobs \(.*give another folder with --folder"):
        Scratch(Settings(folder=tmp_path / "jobs"))


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="users have no numbers here")
def test_a_folder_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    own = Scratch(Settings(folder=tmp_path)).folder
    found = own.lstat()
    monkeypatch.setattr(Path, "lstat", lambda path: SimpleNamespace(st_mode=found.st_mode, st_uid=found.st_uid + 1))
    with pytest.raises(OutputError, match="belongs to another user"):
        Scratch(Settings(folder=tmp_path))
