import pytest
import typer

from mien.cli.usage import wrong_usage
from mien.errors import DataError


def test_an_error_names_the_option() -> None:
    with pytest.raises(typer.BadParameter, match="no such kind") as found, wrong_usage("--drop"):
        raise DataError("no such kind")
    assert found.value.param_hint == "--drop"
    assert found.value.exit_code == 2


def test_other_errors_are_none_of_usage() -> None:
    with pytest.raises(ValueError, match="else"), wrong_usage():
        raise ValueError("else")
