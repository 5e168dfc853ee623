import json

import pytest
import typer
from typer.testing import CliRunner

from mien.cli.compare import compare
from mien.errors import MissingExtra
from tests.cli.processes import wrong_usage
from tests.conftest import make_model
from tests.evaluation.samples import TWO_CLASSES, two_class_data, two_class_run

app = typer.Typer()
app.command()(compare)


@pytest.fixture
def data(tmp_path):
    return two_class_data(tmp_path / "data")


@pytest.fixture
def models(tmp_path):
    return [two_class_run(tmp_path / "a"), make_model(tmp_path / "b.onnx", labels=TWO_CLASSES, size=16, seed=1)]


@pytest.fixture
def mien(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner(env={"COLUMNS": "120"}).invoke(
        app, [str(word) for word in words], catch_exceptions=False
    )


def test_models_and_data_must_be_named(mien, data, models):
    assert mien("--data", data).exit_code == 2
    assert mien(*models).exit_code == 2


def test_help_has_an_example(mien):
    assert "mien compare bundled runs/" in mien("--help").stdout


def test_one_model_is_wrong_usage(mien, data, models):
    assert "alone cannot be compared; expected two" in wrong_usage(mien("bundled", "--data", data))


def test_models_are_compared_into_a_folder(mien, data, models, tmp_path):
    result = mien(*models, "--data", data)
    assert result.exit_code == 0
    for words in ("balanced accuracy", "b.onnx minus a", "recall of", "only one of them is right", "McNemar"):
        assert words in result.stdout
    assert "Report: mien-compare/comparison.html" in result.stdout
    rows = (tmp_path / "mien-compare" / "disagreements.csv").read_text().splitlines()[1:]
    assert f"They disagree on {len(rows)} of 8 pictures" in result.stdout
    assert rows[0].split(",")[0] in result.stdout
    assert (tmp_path / "mien-compare" / "disagreements.csv").is_file()


def test_json_alone_goes_to_stdout(mien, data, models, tmp_path):
    result = mien(*models, "--data", data, "--out", tmp_path / "out", "--json", "-")
    assert [model["name"] for model in json.loads(result.stdout)["models"]] == ["a", "b.onnx"]
    assert json.loads(result.stdout) == json.loads((tmp_path / "out" / "comparison.json").read_text())


def test_json_goes_to_a_file_too(mien, data, models, tmp_path):
    result = mien(*models, "--data", data, "--json", tmp_path / "more" / "c.json")
    assert "Report:" in result.stdout
    assert json.loads((tmp_path / "more" / "c.json").read_text())["n"] == 8


def test_missing_extra_names_the_command_that_installs_it(mien, data, models, monkeypatch):
    monkeypatch.setattr("mien.errors.find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match=r"mien compare needs .*scipy.*pip install 'mien\[evaluate\]"):
        mien(*models, "--data", data)
