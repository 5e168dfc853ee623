import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mien.cli import backend as module
from mien.cli.backend import need_keras
from mien.cli.demo import demo
from mien.cli.export import export
from mien.cli.train import train
from mien.errors import MissingExtra, RecipeError


@pytest.fixture(autouse=True)
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where nobody told Keras anything."""
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))


def test_nothing_told_is_tensorflow() -> None:
    need_keras("mien train")


def test_a_backend_that_is_not_installed_is_told_with_the_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"KERAS_BACKEND=jax needs jax, not installed.*: pip install jax"):
        need_keras("mien train")


@pytest.mark.parametrize("verb", [train, demo, export])
def test_every_verb_that_loads_keras_refuses_an_unknown_backend(
    verb: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "foo")
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(verb)  # type: ignore[type-var]
    words = [] if verb is demo else ["run"] if verb is export else ["--data", "faces"]
    with pytest.raises(RecipeError, match=r"KERAS_BACKEND=foo; expected one of tensorflow, jax, torch"):
        CliRunner().invoke(app, words, catch_exceptions=False)


def test_a_backend_of_keras_own_file_is_looked_at_and_its_file_named(tmp_path: Path) -> None:
    file = tmp_path / "keras.json"
    file.write_text(json.dumps({"backend": "numpy"}))
    with pytest.raises(RecipeError, match=r"keras\.json: backend = 'numpy'; expected one of tensorflow"):
        need_keras("mien train")


@pytest.mark.parametrize("text", ["", "no JSON", "[1]", "{}"])
def test_a_file_that_keras_cannot_use_tells_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text(text)
    need_keras("mien train")


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keras.json").write_text(json.dumps({"backend": "numpy"}))
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    need_keras("mien train")


def test_tensorflow_is_needed_on_every_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setattr("mien.errors.find_spec", lambda name: None if name == "tensorflow" else object())
    with pytest.raises(MissingExtra, match=r"mien train needs tensorflow, .* pip install 'mien\[train\]"):
        need_keras("mien train")
