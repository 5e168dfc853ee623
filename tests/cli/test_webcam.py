"""mien webcam: how it ends where there is no camera, no display or no window. For real: test_window_xvfb.py."""

from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from mien import errors
from mien.cli.webcam import webcam
from mien.errors import MissingExtra, ModelError, OutputError, PictureError
from mien.vision import live
from tests.vision.filming import FakeCamera, film

app = typer.Typer(rich_markup_mode="markdown", pretty_exceptions_enable=False)
app.command()(webcam)


@pytest.fixture(autouse=True)
def dummy_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


def run(model: Path, *arguments: object) -> Result:
    return CliRunner().invoke(app, ["--model", str(model), *map(str, arguments)])


def test_a_missing_camera_is_named(model: Path, capfd: pytest.CaptureFixture[str]):
    result = run(model, "--camera", 97)
    assert isinstance(result.exception, PictureError)
    assert "camera 97: cannot be opened" in str(result.exception)
    assert capfd.readouterr().err == ""


def test_a_camera_without_a_picture_is_told(model: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "_FIRST_PATIENCE", 0.1)
    camera = FakeCamera(0).plug(monkeypatch)
    result = run(model)
    assert isinstance(result.exception, PictureError)
    assert "camera 0: opens but gives no picture" in str(result.exception)
    assert camera.released == 1


def test_a_camera_that_stops_is_told(model: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "PATIENCE", 0.1)
    camera = FakeCamera(20).plug(monkeypatch)
    result = run(model)
    assert isinstance(result.exception, PictureError)
    assert "camera 0: stopped giving pictures" in str(result.exception)
    assert camera.released == 1


def test_a_missing_display_is_told_before_the_camera_is_opened(model: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    result = run(model, "--camera", 97)
    assert isinstance(result.exception, OutputError)
    assert "no display" in str(result.exception)


def test_a_display_that_sdl_cannot_use_releases_the_camera(model: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    camera = FakeCamera().plug(monkeypatch)
    assert isinstance(run(model).exception, OutputError)
    assert camera.released == 1


def test_a_missing_pygame_names_the_command(model: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(errors, "find_spec", lambda name: None)
    result = run(model)
    assert isinstance(result.exception, MissingExtra)
    assert "pip install 'mien[window]" in str(result.exception)


def test_a_video_plays_to_its_end(model: Path, tmp_path: Path):
    result = run(model, "--camera", film(tmp_path / "clip.mp4", count=8), "--mirror", "--out", tmp_path / "out")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "q or Esc quits" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["gone.mp4", "-1"])
def test_a_camera_that_is_neither_number_nor_file_is_an_error(model: Path, name: str):
    result = run(model, f"--camera={name}")
    assert isinstance(result.exception, PictureError)
    assert f"{name}: cannot be read" in str(result.exception)


def test_a_model_that_is_none_is_a_clear_error(tmp_path: Path):
    assert isinstance(run(tmp_path / "gone.onnx").exception, ModelError)


def test_an_unknown_finder_is_wrong_usage(model: Path):
    result = run(model, "--faces", "best")
    assert result.exit_code == 2
    assert "is not one of" in result.stderr


def test_help_tells_the_keys_and_has_examples():
    text = " ".join(CliRunner().invoke(app, ["--help"]).stdout.split())
    assert "mien webcam --camera clip.mp4" in text
    assert "space pauses" in text


def test_a_picture_or_a_file_to_save_into_is_wrong_usage(model: Path, tmp_path: Path):
    assert run(model, "--camera", "face.JPG").exit_code == 2
    (tmp_path / "file").touch()
    assert run(model, "--camera", 97, "--out", tmp_path / "file").exit_code == 2
