import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mien.cli.evaluate import _print, evaluate
from mien.errors import MissingExtra
from mien.evaluation.metrics import HEADLINE
from tests.evaluation.samples import two_class_data, two_class_run

app = typer.Typer()
app.command()(evaluate)


@pytest.fixture
def data(tmp_path):
    return two_class_data(tmp_path / "data")


@pytest.fixture
def run(tmp_path):
    return two_class_run(tmp_path / "runs" / "a")


@pytest.fixture
def mien(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner(env={"COLUMNS": "120"}).invoke(
        app, [str(word) for word in words], catch_exceptions=False
    )


def test_data_must_be_named(mien):
    assert mien().exit_code == 2


def test_a_home_that_takes_no_file_is_not_worth_a_line():
    command = [sys.executable, "-m", "mien", "evaluate", "--data", "nowhere"]
    done = subprocess.run(command, env={"HOME": os.devnull}, capture_output=True, text=True, check=False)
    assert done.stderr.startswith("error: nowhere: no such file")


def test_split_must_be_known(mien, data):
    assert mien("--data", data, "--split", "best").exit_code == 2


def test_help_has_an_example(mien):
    assert "mien evaluate runs/" in mien("--help").stdout


def test_run_is_judged_into_its_folder(mien, data, run):
    (run / "history.csv").write_text("epoch,loss,val_loss\n1,2.5,2.0\n")
    result = mien(run, "--data", data)
    assert result.exit_code == 0
    assert "without twins" in result.stdout
    assert "calm" in result.stdout
    assert f"Report: {run / 'evaluation' / 'test' / 'report.html'}" in result.stdout
    assert "How it learned" in (run / "evaluation" / "test" / "report.html").read_text()


def test_names_in_square_brackets_are_shown_as_they_are(capsys):
    figures = {"precision": 1.0, "recall": 1.0, "f1": 1.0, "auc": 1.0, "support": 3}
    row = {**dict.fromkeys(HEADLINE, 0.5), "n": 3}
    metrics = {
        **row,
        "per_class": {"[happy]": figures, "a[/b]": figures},
        "classes": ["[happy]", "a[/b]"],
        "confusion": [[3, 0], [0, 0]],
        "intervals": dict.fromkeys(row),
        "flip": row,
        "without_twins": None,
        "notes": [],
        "split": "test",
        "model": {"name": "[runs]"},
    }
    _print(metrics, Path("out"))
    told = capsys.readouterr().out
    assert told.startswith("[runs] on test")
    assert "[happy]" in told
    assert "a[/b]" in told


def test_file_is_judged_into_the_present_folder(mien, data, run, tmp_path):
    mien(run / "model.onnx", "--data", data)
    assert (tmp_path / "mien-evaluation" / run.name / "test" / "metrics.json").is_file()


def test_json_to_stdout_is_alone_there(mien, data, run, tmp_path):
    result = mien(run, "--data", data, "--json", "-", "--out", tmp_path / "out")
    assert json.loads(result.stdout) == json.loads((tmp_path / "out" / "metrics.json").read_text())


def test_json_to_a_file(mien, data, run, tmp_path):
    result = mien(run, "--data", data, "--json", tmp_path / "figures.json")
    assert json.loads((tmp_path / "figures.json").read_text())["n"] == 8
    assert "accuracy" in result.stdout


def test_missing_extra_says_how_to_install(mien, data, monkeypatch):
    monkeypatch.setattr("mien.errors.find_spec", lambda _name: None)
    with pytest.raises(
        MissingExtra, match=r"mien evaluate needs sklearn, matplotlib, .* pip install 'mien\[evaluate\]"
    ):
        mien("--data", data)
