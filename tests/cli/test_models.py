"""``mien models``: what can be pulled, and pulling it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from mien.cli.main import app
from mien.errors import DownloadError


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_list_says_how_to_get_what_is_not_here():
    result = CliRunner().invoke(app, ["models", "list"])
    assert result.exit_code == 0
    assert "yunet  0.23 MB  MIT" in result.stdout
    assert "not here: mien models pull yunet" in result.stdout


def test_what_was_pulled_is_listed_with_its_place(cache: Path, yunet: Path):
    cache.mkdir()
    (cache / yunet.name).write_bytes(yunet.read_bytes())
    assert f"in {cache / yunet.name}" in CliRunner().invoke(app, ["models", "list"]).stdout
    assert CliRunner().invoke(app, ["models", "pull", "yunet"]).stdout == f"yunet: {cache / yunet.name}\n"


def test_an_unknown_name_is_wrong_usage():
    result = CliRunner().invoke(app, ["models", "pull", "retina"])
    assert result.exit_code == 2
    assert "'retina' is not one of yunet" in result.stderr


def test_a_failed_pull_is_the_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MIEN_MIRROR", "http://127.0.0.1:9")
    assert isinstance(CliRunner().invoke(app, ["models", "pull", "yunet"]).exception, DownloadError)


def test_help_has_an_example():
    assert "mien models pull yunet" in CliRunner().invoke(app, ["models", "pull", "--help"]).stdout
