from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mien.cli.export import export
from mien.errors import RunError

app = typer.Typer()
app.command()(export)


def test_a_folder_that_is_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="give the folder of a finished mien train"):
        CliRunner().invoke(app, [str(tmp_path)], catch_exceptions=False)


def test_an_unknown_format_is_wrong_usage(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, [str(tmp_path), "--format", "tflite"]).exit_code == 2
