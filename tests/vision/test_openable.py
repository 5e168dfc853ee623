"""Names that OpenCV can open, whatever bytes they have."""

import os
import sys
from pathlib import Path

import pytest

from mien.errors import PictureError
from mien.vision.openable import openable

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="names that are not UTF-8 are Linux's")


def test_a_usual_name_is_only_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with openable(Path("http:clip 笑.mp4")) as name:
        assert name == str(tmp_path / "http:clip 笑.mp4")


def test_a_name_that_is_not_utf_8_has_another_for_the_while(tmp_path: Path):
    path = tmp_path / os.fsdecode(b"caf\xe9") / os.fsdecode(b"\xe9.mp4")
    path.parent.mkdir()
    path.write_bytes(b"video")
    with openable(path) as name:
        assert name.isascii()
        assert name.endswith(".mp4")
        file = Path(name).open("rb")  # noqa: SIM115 (as OpenCV does: open after the name is gone)
    with file:
        assert file.read() == b"video"
    assert not Path(name).parent.exists()


def test_where_there_can_be_no_link_the_repair_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    with pytest.raises(PictureError, match=r"its name is not UTF-8, .*; rename it"), openable(tmp_path / "\udce9.mp4"):
        pass
