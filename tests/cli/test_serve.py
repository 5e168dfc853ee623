"""mien serve: wrong usage; the server itself is tested in tests/web."""

import re
from dataclasses import fields

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from mien.cli import serve as module
from mien.errors import MissingExtra
from mien.web.settings import Limits
from tests.cli.processes import wrong_usage

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(module.serve)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.mark.parametrize("arguments", [("--faces", "magic"), ("--port", "70000"), ("--threads", "0")], ids=str)
def test_values_out_of_range_are_wrong_usage(arguments: tuple[str, str]):
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("limit", ["files=0", "files=many", "files", "fils=3"])
def test_a_limit_that_makes_no_sense_is_wrong_usage(limit: str):
    assert f"--limit {limit}: " in wrong_usage(run("--limit", limit))


def test_other_hosts_need_a_token():
    assert "needs a token; set MIEN_TOKEN" in wrong_usage(run("--host", "0.0.0.0"))


def test_a_missing_extra_is_told_with_its_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mien.errors.find_spec", lambda name: None if name == "fastapi" else name)
    error = run().exception
    assert isinstance(error, MissingExtra)
    assert "pip install 'mien[web]" in str(error)


def test_every_limit_and_its_value_is_in_the_help():
    text = " ".join((module.serve.__doc__ or "").split())
    for each in fields(Limits):
        assert re.search(rf"\b{each.name} {each.default:,.0f}\b|\b{each.name} {each.default:.0f}\b", text), each.name
    assert "Change a limit" in run("--help").stdout
