import os

import pytest

from mien.cli.quiet import native_notes_hidden
from mien.errors import DataError


def test_what_native_code_writes_is_hidden(capfd: pytest.CaptureFixture[str]) -> None:
    with native_notes_hidden():
        os.write(2, b"a note on the build")
    os.write(2, b"after")
    assert capfd.readouterr().err == "after"


def test_it_stays_hidden_where_the_input_is_wrong(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DataError), native_notes_hidden():
        os.write(2, b"a note on the build")
        raise DataError("no such folder")
    assert capfd.readouterr().err == ""


def test_it_is_shown_where_the_block_fails(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="broken"), native_notes_hidden():
        os.write(2, b"why it broke")
        raise ValueError("broken")
    assert "why it broke" in capfd.readouterr().err
