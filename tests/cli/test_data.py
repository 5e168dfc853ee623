import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mien.cli.data import app
from mien.errors import DataError, OutputError
from tests.cli.processes import wrong_usage
from tests.conftest import make_model
from tests.data.building import make_folder, row, write_csv, write_picture


def run(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("verb", ["check", "clean", "import", "synth"])
def test_help_has_an_example(verb: str) -> None:
    assert f"mien data {verb}" in run(verb, "--help")


def test_check_of_nothing_fails_with_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        run("check", tmp_path / "nowhere")


def test_check_prints_counts_and_findings(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 6, "train/b": 3})
    (tmp_path / "train" / "a" / "x[1].png").touch()
    text = run("check", tmp_path)
    assert "2.0 : 1" in text
    assert "train: unreadable: 1" in text
    assert "train/a/x[1].png: is empty" in text
    assert "There is no test split" in text


def test_check_prints_what_it_found_before_it_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_folder(tmp_path, {"train/a": 6, "train/b": 1})
    with pytest.raises(DataError, match="class 'b' has one picture in train"):
        app(["check", str(tmp_path)], standalone_mode=False)
    assert "6.0 : 1" in capsys.readouterr().out


def test_check_prints_json_alone(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 6, "train/b": 3})
    assert json.loads(run("check", tmp_path, "--json", "-"))["splits"][0]["counts"] == {"a": 6, "b": 3}


def test_check_writes_json_beside_the_text(tmp_path: Path) -> None:
    make_folder(tmp_path / "data", {"train/a": 6, "train/b": 3})
    assert "largest" in run("check", tmp_path / "data", "--json", tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text())["obstacle"] is None


def test_check_shows_votes(tmp_path: Path) -> None:
    make_folder(tmp_path / "data", {"train/a": 2, "train/b": 2})
    (tmp_path / "votes.csv").write_text("image,a,b\ntrain-a-0.png,3,0\n")
    text = run("check", tmp_path / "data", "--votes", tmp_path / "votes.csv")
    assert "votes: on 1 of 4 pictures; the label leads the votes in 100.0% of them" in text


def test_check_writes_an_audit_only_where_it_is_told_to(tmp_path: Path) -> None:
    make_folder(tmp_path / "data", {"train/a": 6, "train/b": 3})
    before = set(tmp_path.rglob("*"))
    run("check", tmp_path / "data")
    assert set(tmp_path.rglob("*")) == before
    text = run("check", tmp_path / "data", "--out", tmp_path / "audit", "--no-thumbnails")
    assert "audit.html" in text
    assert {path.name for path in (tmp_path / "audit").iterdir()} == {"audit.csv", "audit.html", "audit.json"}


def test_check_says_that_there_is_no_page_to_leave_pictures_out_of(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 6, "train/b": 3})
    told = CliRunner().invoke(app, ["check", str(tmp_path), "--no-thumbnails"]).stderr
    assert "nothing for --no-thumbnails: without --out no page is written" in told


def test_check_counts_findings_by_kind(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 6, "train/b": 3})
    write_picture(tmp_path / "train" / "a" / "z.png", 0)
    lines = [line.split() for line in run("check", tmp_path).splitlines()]
    assert ["twin", "1", "train/a/z.png", "=", "train/a/train-a-0.png"] in lines
    assert ["blank", "0"] in lines


def test_check_with_a_model_says_how_far_to_trust_it(tmp_path: Path) -> None:
    make_folder(tmp_path / "data", {"train/a": 6, "train/b": 3})
    model = make_model(tmp_path / "model.onnx", labels=("a", "b"))
    text = run("check", tmp_path / "data", "--model", model)
    assert "may have been trained on these very pictures" in text


def test_clean_says_what_it_left_out_and_why(tmp_path: Path) -> None:
    make_folder(tmp_path / "data", {"train/a": 6, "train/b": 3})
    write_picture(tmp_path / "data" / "train" / "a" / "z.png", 0)
    run("check", tmp_path / "data", "--out", tmp_path / "audit")
    words = ("clean", tmp_path / "data", "--audit", tmp_path / "audit" / "audit.csv", "--out")
    text = run(*words, tmp_path / "out")
    assert "left out: 1 pictures" in text
    assert "twin: 1 (the same pixels and the same label as an earlier picture of its split)" in text
    assert "train: 9 pictures" in text
    assert len(list((tmp_path / "out").rglob("*.png"))) == 9
    refused = CliRunner().invoke(app, [*map(str, words), str(tmp_path / "other"), "--drop", "twin, ugly"])
    assert "ugly: is no kind of finding; expected some of" in wrong_usage(refused)


def test_import_says_what_was_written_and_left_out(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "fer.csv", [row(0, 0), row(3, 1, "PublicTest"), ("9", "1", "Training")])
    text = run("import", table, "--out", tmp_path / "out")
    assert "train: 1 pictures" in text
    assert "rows left out: 1" in text
    assert len(list((tmp_path / "out").rglob("*.png"))) == 2


def test_synth_draws_so_many_faces(tmp_path: Path) -> None:
    text = run("synth", "--out", tmp_path / "faces", "--count", 200, "--seed", 1)
    assert "Faces written to" in text
    assert len(list((tmp_path / "faces").rglob("*.png"))) == 200


def test_synth_leaves_a_full_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(OutputError, match="choose another --out"):
        run("synth", "--out", tmp_path)
