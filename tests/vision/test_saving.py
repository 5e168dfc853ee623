"""Saving a picture whole, or saying why not."""

import os
from pathlib import Path

import numpy as np
import pytest

from mien.errors import OutputError
from mien.pictures import read_picture
from mien.vision.saving import InFolder, told, write_picture


@pytest.mark.parametrize(("name", "start"), [("a.jpg", b"\xff\xd8"), ("a.PNG", b"\x89PNG"), ("a.jpeg", b"\xff\xd8")])
def test_the_suffix_names_the_format(tmp_path: Path, name: str, start: bytes):
    write_picture(tmp_path / "new" / name, np.full((4, 6, 3), 200, np.uint8))
    assert (tmp_path / "new" / name).read_bytes().startswith(start)
    assert read_picture(tmp_path / "new" / name).shape == (4, 6, 3)


def test_a_picture_too_large_for_its_format_is_a_clear_error(tmp_path: Path):
    with pytest.raises(OutputError, match=r"wide\.jpg: a picture of 70000 x 1 pixels does not fit this format"):
        write_picture(tmp_path / "wide.jpg", np.zeros((1, 70_000, 3), np.uint8))


def test_the_systems_error_names_the_file(tmp_path: Path):
    with (
        pytest.raises(OutputError, match=r"none: cannot be written \(No such file or directory\); give another folder"),
        told(tmp_path / "none"),
    ):
        (tmp_path / "none" / "file").touch()


def test_a_folder_that_takes_no_files_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match=r"cannot be written \(Permission denied\); give another"), InFolder(tmp_path):
        pass
