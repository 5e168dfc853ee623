"""Every line of mien's in docs/coming-from.md runs."""

import re
import shlex
from pathlib import Path

import cv2
import pytest
from typer.testing import CliRunner

from mien.cli.main import app
from mien.data.samples import astronaut
from mien.pictures import read_picture
from tests.vision.filming import film

PAGE = (Path(__file__).parents[1] / "docs" / "coming-from.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """Return the blocks of a language that are mien's and need no file that was pulled."""
    return re.findall(rf"```{language}\n# mien\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    picture = read_picture(astronaut())
    (tmp_path / "photos").mkdir()
    for name in ("photo.jpg", "photos/a.jpg"):
        cv2.imwrite(str(tmp_path / name), picture)
    cv2.imwrite(str(tmp_path / "crop.png"), picture[68:160, 180:272])
    film(tmp_path / "clip.mp4", count=3)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_the_page_has_blocks_to_run():
    assert len(blocks("python")) == 6
    assert len(blocks("sh")) == 2


def test_the_python_runs(folder: Path, capsys: pytest.CaptureFixture[str]):
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(block, names)
    assert names["emotion"] == "happy"
    assert names["probabilities"].shape == (100, 7)  # type: ignore[attr-defined]
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_the_finder_that_is_pulled_runs(folder: Path, yunet: Path):
    (block,) = re.findall(r"```python\n# mien, after: mien models pull yunet\n(.*?)```", PAGE, re.DOTALL)
    (folder / "cache").mkdir()
    (folder / "cache" / yunet.name).write_bytes(yunet.read_bytes())
    names: dict[str, object] = {}
    exec(f"import mien\n{block}", names)
    assert len(names["detector"]("photo.jpg")) == 1  # type: ignore[operator]


def test_the_commands_run(folder: Path):
    for block in blocks("sh"):
        for line in block.splitlines():
            program, *words = shlex.split(line)
            result = CliRunner().invoke(app, words)
            assert (program, result.exit_code) == ("mien", 0), result.output
    assert (folder / "out" / "clip.mp4").is_file()
    assert (folder / "out" / "faces.csv").is_file()
