"""mien detect: what comes out where, and how it ends."""

import csv
import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from mien.cli.detect import detect
from mien.errors import MienError, ModelError, PictureError
from mien.pictures import read_picture
from tests.conftest import make_model

app = typer.Typer(rich_markup_mode="markdown", pretty_exceptions_enable=False)
app.command()(detect)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two pictures with a face, one without."""
    import cv2

    folder = tmp_path / "photos"
    (folder / "trip").mkdir(parents=True)
    data = (files("mien.data") / "samples" / "astronaut.jpg").read_bytes()
    (folder / "a.jpg").write_bytes(data)
    (folder / "trip" / "笑.jpg").write_bytes(data)
    cv2.imwrite(str(folder / "wall.png"), np.full((80, 90, 3), 90, np.uint8))
    return folder


def run(model: Path, *arguments: object, listed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["--model", str(model), *map(str, arguments)], input=listed)


def test_no_source_is_wrong_usage(model: Path):
    assert run(model).exit_code == 2


def test_an_empty_folder_is_a_clear_error(model: Path, tmp_path: Path):
    (tmp_path / "none").mkdir()
    result = run(model, tmp_path / "none")
    assert isinstance(result.exception, PictureError)
    assert "names no picture" in str(result.exception)


def test_the_table_has_a_row_a_face_and_nothing_is_written(model: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(photos)
    before = sorted(photos.rglob("*"))
    result = run(model, ".")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == ["picture", "face", "box", "(x", "y", "width", "height)", "expression", "confidence"]
    assert [line[0] for line in lines[1:]] == ["a.jpg", "wall.png", "trip/笑.jpg"]
    assert lines[1][1:6] == ["0", "176", "65", "96", "96"]
    assert lines[1][-1].endswith("%")
    assert lines[2][1:] == ["no", "face", "found"]
    assert sorted(photos.rglob("*")) == before


def test_long_names_are_not_cut_in_a_pipe(model: Path, photos: Path):
    deep = photos / ("d" * 90)
    deep.mkdir()
    (photos / "a.jpg").rename(deep / "[bold]a.jpg")
    assert f"{deep / '[bold]a.jpg'}" in run(model, deep).stdout


def test_an_uncertain_expression_has_a_question_mark(tmp_path: Path, photos: Path):
    sure = run(make_model(tmp_path / "sure.onnx", uncertain_below=0.0), photos / "a.jpg").stdout
    unsure = run(make_model(tmp_path / "unsure.onnx", uncertain_below=1.0), photos / "a.jpg").stdout
    assert "?" not in sure
    assert "? " in unsure


def test_json_is_one_line_a_picture(model: Path, photos: Path):
    result = run(model, photos, "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [len(row["faces"]) for row in rows] == [1, 0, 1]
    assert rows[0]["source"] == str(photos / "a.jpg")
    assert rows[0]["faces"][0]["box"] == [176, 65, 96, 96]


def test_save_writes_what_it_names_below_out_and_says_where(model: Path, photos: Path, tmp_path: Path):
    out = tmp_path / "out"
    result = run(model, photos, "--save", "picture, csv,jsonl", "--out", out)
    assert result.exit_code == 0
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert written == ["a.jpg", "faces.csv", "faces.jsonl", "trip/笑.jpg", "wall.png"]
    assert read_picture(out / "a.jpg").shape == (512, 512, 3)
    with (out / "faces.csv").open(encoding="utf-8") as file:
        assert [row["source"] for row in csv.DictReader(file)] == [
            str(photos / "a.jpg"),
            str(photos / "trip" / "笑.jpg"),
        ]
    assert len((out / "faces.jsonl").read_text().splitlines()) == 3
    for target in (out, out / "faces.csv", out / "faces.jsonl"):
        assert f"wrote {target}" in result.stderr
    assert "wrote" not in result.stdout


def test_results_inside_the_source_folder_are_not_sources_next_time(model: Path, photos: Path):
    counts = []
    for _ in range(2):
        run(model, photos, "--save", "picture,jsonl", "--out", photos / "out")
        counts.append(len((photos / "out" / "faces.jsonl").read_text().splitlines()))
    assert counts == [3, 3]


def test_a_list_comes_on_stdin(model: Path, photos: Path):
    result = run(model, "-", "--json", listed=f"{photos / 'a.jpg'}\n{photos / 'wall.png'}\n")
    assert [Path(json.loads(line)["source"]).name for line in result.stdout.splitlines()] == ["a.jpg", "wall.png"]


def test_a_glob_is_expanded_where_no_shell_did(model: Path, photos: Path):
    assert len(run(model, photos / "*.[jp]*g", "--json").stdout.splitlines()) == 2


def test_one_bad_picture_among_many_is_told_and_the_others_go_on(model: Path, photos: Path):
    (photos / "b.jpg").write_bytes(b"")
    result = run(model, photos, "--json")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 3
    assert f"skipped: {photos / 'b.jpg'}: is empty" in result.stderr
    assert "1 of 4 pictures could not be read" in result.stderr


def test_a_single_bad_picture_is_the_error(model: Path, tmp_path: Path):
    result = run(model, tmp_path / "gone.jpg")
    assert isinstance(result.exception, PictureError)
    assert "gone.jpg: cannot be read" in str(result.exception)
    assert result.stdout == ""


def test_nothing_but_bad_pictures_fails(model: Path, tmp_path: Path):
    result = run(model, tmp_path / "gone.jpg", tmp_path / "lost.jpg")
    assert result.exit_code == 1
    assert "2 of 2 pictures could not be read" in result.stderr


def test_a_model_that_is_none_is_a_clear_error(photos: Path):
    result = run(photos / "a.jpg", photos / "a.jpg")
    assert isinstance(result.exception, ModelError)


def test_a_source_is_not_replaced_by_its_annotated_picture(model: Path, photos: Path):
    before = (photos / "a.jpg").read_bytes()
    result = run(model, photos / "a.jpg", "--save", "picture", "--out", photos)
    assert isinstance(result.exception, MienError)
    assert (photos / "a.jpg").read_bytes() == before


@pytest.mark.parametrize(("option", "value"), [("--save", "picture,xlsx"), ("--faces", "best")])
def test_an_unknown_choice_is_wrong_usage(model: Path, photos: Path, option: str, value: str):
    result = run(model, photos, option, value)
    assert result.exit_code == 2
    assert "is not one of" in result.stderr


def test_whole_pictures_can_be_the_faces(model: Path, photos: Path):
    row = json.loads(run(model, photos / "wall.png", "--faces", "none", "--json").stdout)
    assert row["faces"][0]["box"] == [0, 0, 90, 80]


def test_help_has_examples_and_says_how_it_ends():
    text = CliRunner().invoke(app, ["--help"]).stdout
    assert "mien detect photo.jpg" in text
    assert '"shots/*.png"' in text
    assert "exit code" in " ".join(text.split())
