"""The private folder for the files of video jobs."""

import os
from pathlib import Path

import pytest

from mien.errors import OutputError
from mien.web.scratch import Scratch
from mien.web.settings import Settings


def test_the_folder_is_private_and_goes_with_everything_in_it(tmp_path: Path):
    scratch = Scratch(Settings(folder=tmp_path / "jobs"))
    (scratch.add("a") / "video.mp4").write_bytes(b"pictures")
    for folder in (scratch.folder, scratch.folder / "a"):
        assert folder.stat().st_mode & 0o777 == 0o700
    scratch.close()
    assert not (tmp_path / "jobs").exists()


def test_states_are_remembered_and_what_cannot_be_read_is_removed(tmp_path: Path):
    settings = Settings(folder=tmp_path)
    first = Scratch(settings)
    first.add("good")
    first.remember("good", {"state": "done"})
    (first.add("none") / "video.mp4").write_bytes(b"pictures")
    (first.add("broken") / "state.json").write_text("{")
    assert list(Scratch(settings).remembered()) == [("good", {"state": "done"})]
    assert [path.name for path in tmp_path.iterdir()] == ["good"]


def test_servers_on_two_ports_do_not_share_a_folder():
    folders = [Scratch(Settings(port=port)).folder for port in (1, 2)]
    for folder in folders:
        folder.rmdir()
    assert folders[0] != folders[1]


def test_a_link_that_somebody_laid_there_is_not_followed(tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "jobs").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="it is not a folder"):
        Scratch(Settings(folder=tmp_path / "jobs"))


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="users have no numbers here")
def test_a_folder_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "jobs").mkdir()
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with pytest.raises(OutputError, match="belongs to another user"):
        Scratch(Settings(folder=tmp_path / "jobs"))
