"""mien explain: what comes out where, and how it ends."""

from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from mien.cli.explain import explain
from mien.errors import ModelError, OutputError, PictureError
from mien.pictures import read_picture
from tests.cli.processes import wrong_usage
from tests.test_explain import corner_model

app = typer.Typer(rich_markup_mode="markdown", pretty_exceptions_enable=False)
app.command()(explain)
ASTRONAUT = files("mien.data") / "samples" / "astronaut.jpg"


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A picture with a face, one with two, one without."""
    folder = tmp_path / "photos"
    (folder / "trip").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(ASTRONAUT.read_bytes())
    twice = np.hstack([read_picture(ASTRONAUT.read_bytes())] * 2)
    (folder / "trip" / "笑.png").write_bytes(cv2.imencode(".png", twice)[1].tobytes())
    cv2.imwrite(str(folder / "wall.png"), np.full((80, 90, 3), 90, np.uint8))
    monkeypatch.chdir(tmp_path)
    return folder


def run(tmp_path: Path, *arguments: object, listed: str | None = None) -> Result:
    model = tmp_path / "corner.onnx"
    if not model.exists():
        corner_model(model)
    return CliRunner().invoke(app, ["--model", str(model), *map(str, arguments)], input=listed)


def test_no_picture_is_wrong_usage(tmp_path: Path):
    assert run(tmp_path).exit_code == 2


def test_a_picture_without_a_face_says_so_and_writes_nothing(photos: Path, tmp_path: Path):
    result = run(tmp_path, photos / "wall.png")
    assert result.exit_code == 0
    assert "no face found" in result.stdout
    assert not (tmp_path / "mien-explain").exists()


def test_every_face_has_a_row_and_every_picture_its_maps(photos: Path, tmp_path: Path):
    result = run(tmp_path, photos, "--out", "maps")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0][:4] == ["picture", "face", "expression", "confidence"]
    assert [line[1] for line in lines[1:]] == ["0", "no", "0", "1"]
    assert lines[1][-1] in ("point", "points")
    written = sorted(path.relative_to("maps").as_posix() for path in Path("maps").rglob("*") if path.is_file())
    assert written == ["a.png", "trip/笑.png"]
    assert read_picture("maps/trip/笑.png").shape == (512, 1024, 3)
    assert "wrote maps" in result.stderr


def test_a_picture_on_its_side_is_turned(tmp_path: Path, photos: Path):
    turned = cv2.rotate(read_picture(photos / "a.jpg"), cv2.ROTATE_90_COUNTERCLOCKWISE)
    data = cv2.imencode(".jpg", turned)[1].tobytes()
    exif = b"\xff\xe1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    (photos / "phone.jpg").write_bytes(data[:2] + exif + data[2:])
    assert " 0 " in run(tmp_path, photos / "phone.jpg").stdout


def test_the_part_that_mattered_is_told(tmp_path: Path, photos: Path):
    crop = np.full((48, 48), 40, np.uint8)
    crop[:12, 36:] = 250
    cv2.imwrite(str(photos / "crop.png"), crop)
    line = run(tmp_path, photos / "crop.png", "--faces", "none").stdout.splitlines()[1]
    assert "happy" in line
    assert "surroundings" in line or "forehead" in line


def test_another_expression_can_be_asked_for(tmp_path: Path, photos: Path):
    assert "sad" in run(tmp_path, photos / "a.jpg", "--expression", "sadness").stdout


def test_an_unknown_expression_is_wrong_usage(tmp_path: Path, photos: Path):
    told = wrong_usage(run(tmp_path, photos / "wall.png", "--expression", "bored"))
    assert "expression 'bored': unknown to" in told
    assert "expected one of angry, disgust" in told


def test_an_unknown_face_finder_is_wrong_usage(tmp_path: Path, photos: Path):
    assert run(tmp_path, photos, "--faces", "magic").exit_code == 2


def test_a_model_without_metadata_is_a_clear_error(tmp_path: Path, photos: Path):
    import onnx

    model = onnx.load(str(corner_model(tmp_path / "corner.onnx")))
    del model.metadata_props[:]
    onnx.save(model, str(tmp_path / "corner.onnx"))
    result = run(tmp_path, photos)
    assert isinstance(result.exception, ModelError)
    assert "corner.onnx: has no mien metadata" in str(result.exception)


def test_a_file_that_is_no_picture_is_told_and_the_rest_goes_on(tmp_path: Path, photos: Path):
    (photos / "broken.jpg").write_bytes(b"no picture")
    (photos / "clip.mp4").write_bytes(b"no video")
    result = run(tmp_path, photos)
    assert result.exit_code == 0
    assert "broken.jpg: not a picture" in result.stderr
    assert "clip.mp4: a video" in result.stderr
    assert "2 of 5 files could not be read" in result.stderr


def test_one_bad_picture_alone_is_an_error(tmp_path: Path):
    result = run(tmp_path, tmp_path / "nowhere.jpg")
    assert isinstance(result.exception, PictureError)


def test_only_bad_pictures_end_in_failure(tmp_path: Path):
    assert run(tmp_path, tmp_path / "a.jpg", tmp_path / "b.jpg").exit_code == 1


def test_a_source_is_never_replaced(tmp_path: Path, photos: Path):
    (photos / "same.png").write_bytes((photos / "trip" / "笑.png").read_bytes())
    before = (photos / "same.png").read_bytes()
    result = run(tmp_path, photos / "same.png", "--out", photos)
    assert isinstance(result.exception, OutputError)
    assert (photos / "same.png").read_bytes() == before


def test_a_list_comes_on_stdin(tmp_path: Path, photos: Path):
    assert "a.jpg" in run(tmp_path, "-", listed=f"{photos / 'a.jpg'}\n").stdout
