from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mien.cli.export import export
from mien.errors import ModelError
from tests.conftest import make_model

app = typer.Typer()
app.command()(export)


def test_a_folder_that_is_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"has no model\.onnx; give a finished run"):
        CliRunner().invoke(app, [str(tmp_path)], catch_exceptions=False)


def test_a_file_of_another_kind_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    made = CliRunner().invoke(
        app, [str(make_model(tmp_path / "model.onnx").parent), "--out", str(tmp_path / "notes.txt")]
    )
    assert made.exit_code == 2
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_an_unknown_format_is_wrong_usage(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, [str(tmp_path), "--format", "tflite"]).exit_code == 2


def test_int8_is_a_kind_of_onnx_only(tmp_path: Path) -> None:
    run = make_model(tmp_path / "model.onnx").parent
    made = CliRunner().invoke(app, [str(run), "--format", "litert", "--int8"])
    assert made.exit_code == 2
    assert "goes with --format onnx only" in made.output
