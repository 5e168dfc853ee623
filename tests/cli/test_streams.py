import io
import os
import sys

import pytest

from mien.cli.streams import fit_streams

LATIN_1_NAME = os.fsdecode(b"caf\xe9")


def test_streams_that_are_closed_swallow_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    fit_streams()
    with sys.stdin, sys.stdout, sys.stderr:
        assert sys.stdin.read() == ""
        assert not sys.stdout.isatty()
        print("happy")
        print("sad", file=sys.stderr)


def test_a_closed_stdin_is_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    fit_streams()
    with sys.stdin:
        assert list(sys.stdin) == []


@pytest.mark.parametrize(
    ("encoding", "printed"),
    [
        ("ascii", "é 顔".encode()),
        ("utf-8", "é 顔".encode()),
        ("latin-1", b"\xe9 ?"),
        ("cp1252", b"\xe9 ?"),
    ],
)
def test_every_letter_is_printed(encoding: str, printed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    fit_streams()
    print("é 顔", end="", flush=True)
    assert raw.getvalue() == printed


def test_a_name_that_is_not_utf_8_keeps_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="utf-8", errors="strict"))
    fit_streams()
    print(LATIN_1_NAME, end="", flush=True)
    assert raw.getvalue() == b"caf\xe9"


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_a_name_that_is_not_utf_8_can_be_listed(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"caf\xe9\n\xc3\xa9\n"), encoding=encoding))
    fit_streams()
    assert list(sys.stdin) == [f"{LATIN_1_NAME}\n", "é\n"]


def test_a_stream_that_is_no_file_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.StringIO()
    monkeypatch.setattr(sys, "stdout", text)
    fit_streams()
    assert sys.stdout is text
