"""mien info: works on any installation, also a broken one."""

import json
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from mien import __version__
from mien.cli import info as module
from mien.errors import ModelError
from tests.conftest import make_model

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(module.info)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def missing_bundled(path: Path | None) -> None:
    raise ModelError("the bundled model is missing from this installation; install mien again")


def test_a_missing_bundled_model_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "read_model", missing_bundled)
    result = run()
    assert result.exit_code == 0
    assert "the bundled model is missing from this installation; install mien again" in result.stdout
    assert json.loads(run("--json").stdout)["model"]["error"].startswith("the bundled model is missing")


def test_a_named_model_that_is_missing_is_an_error(tmp_path: Path):
    result = run(tmp_path / "gone.onnx")
    assert isinstance(result.exception, ModelError)


def test_versions_and_machine_are_told(model: Path):
    lines = dict(line.split(maxsplit=1) for line in run(model).stdout.splitlines() if len(line.split()) > 1)
    assert lines["mien"].strip() == __version__
    assert lines["numpy"].strip() == version("numpy")
    assert lines["onnxruntime"].strip() == version("onnxruntime")
    assert lines["python"].strip() == sys.version.split()[0]
    assert int(lines["cores"]) >= 1


def test_a_model_tells_its_labels_and_figures(tmp_path: Path):
    figures = {"test": {"accuracy": 0.66123, "n": 3589}, "note": "measured once"}
    path = make_model(tmp_path / "m.onnx", recipe="compact", uncertain_below=0.4, figures=figures)
    text = run(path).stdout
    assert "angry disgust fear happy neutral sad surprise" in text
    assert "accuracy 0.6612, n 3589" in text
    assert "measured once" in text
    assert "compact" in text


def test_json_holds_the_same(tmp_path: Path):
    facts = json.loads(run(make_model(tmp_path / "m.onnx", recipe="compact"), "--json").stdout)
    assert facts["mien"] == __version__
    assert facts["versions"]["numpy"] == version("numpy")
    assert facts["model"]["recipe"] == "compact"
    assert facts["model"]["bytes"] == (tmp_path / "m.onnx").stat().st_size


def test_a_missing_extra_comes_with_its_install_line(model: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == "sklearn" else object())
    text = run(model).stdout
    assert "missing sklearn: pip install 'mien[evaluate]" in text
    missing = json.loads(run(model, "--json").stdout)["extras"]
    assert missing == {name: ["sklearn"] if name == "evaluate" else [] for name in module.EXTRAS}


def test_a_package_that_is_not_installed_is_told_so(model: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_PACKAGES", {"nothing": ("surely-no-such-package",)})
    assert "not installed" in run(model).stdout
    assert module.versions() == {"nothing": None}


def test_the_extras_are_those_of_the_project():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert set(module.EXTRAS) == set(project["optional-dependencies"]) - {"all"}


def test_nothing_heavy_is_imported(model: Path):
    code = (
        "import sys; from mien.cli.info import extras, versions; extras(); versions(); "
        "print(sorted({'keras', 'tensorflow', 'sklearn', 'matplotlib', 'jax', 'torch', 'onnx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
