import json
from pathlib import Path

import pytest

from mien.audit.audit import Audit, audit
from mien.audit.files import HEADER, read_findings, read_fingerprints, write_audit
from mien.errors import DataError, OutputError
from tests.data.building import make_folder, write_picture


@pytest.fixture
def found(tmp_path: Path) -> Audit:
    folder = make_folder(tmp_path / "data", {"train/a": 3, "train/b": 3})
    write_picture(folder / "train" / "a" / "copy, of.png", 0)
    (folder / "train" / "a" / "bad.png").touch()
    return audit(folder)


def test_an_audit_is_read_as_it_was_written(tmp_path: Path, found: Audit) -> None:
    write_audit(found, tmp_path / "audit")
    assert read_findings(tmp_path / "audit" / "audit.csv") == found.findings
    assert len(found.findings) == 2
    assert json.loads((tmp_path / "audit" / "audit.json").read_text())["findings"][0]["kind"] == "unreadable"
    assert "copy, of.png" in (tmp_path / "audit" / "audit.html").read_text("utf-8")


def test_an_audit_that_a_spreadsheet_saved_is_read(tmp_path: Path, found: Audit) -> None:
    write_audit(found, tmp_path / "audit")
    path = tmp_path / "audit" / "audit.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_findings(path) == found.findings


@pytest.mark.parametrize("told", [None, "[]", '{"splits": [{"split": "train"}]}', "half {"])
def test_without_a_whole_audit_json_there_are_no_fingerprints(tmp_path: Path, found: Audit, told: str | None) -> None:
    write_audit(found, tmp_path / "audit")
    assert list(read_fingerprints(tmp_path / "audit" / "audit.csv")) == ["train"]
    path = tmp_path / "audit" / "audit.json"
    path.unlink() if told is None else path.write_text(told)
    assert read_fingerprints(tmp_path / "audit" / "audit.csv") == {}


def test_names_that_are_not_utf8_survive(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "data", {"train/a": 3, "train/b": 3})
    name = b"caf\xe9.png".decode("utf-8", "surrogateescape")
    write_picture(folder / "train" / "a" / name, 0)
    found = audit(folder)
    write_audit(found, tmp_path / "audit")
    assert read_findings(tmp_path / "audit" / "audit.csv") == found.findings


def test_a_file_is_no_place_for_an_audit(tmp_path: Path, found: Audit) -> None:
    (tmp_path / "audit").touch()
    with pytest.raises(OutputError, match="is a file; expected a folder"):
        write_audit(found, tmp_path / "audit")


def test_a_missing_audit_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot be read .* expected an audit\.csv"):
        read_findings(tmp_path / "audit.csv")


@pytest.mark.parametrize("text", ["", "file,split\na,train\n", "\0\n", "\x89PNG"])
def test_another_file_is_no_audit(tmp_path: Path, text: str) -> None:
    (tmp_path / "audit.csv").write_text(text)
    with pytest.raises(DataError, match="expected an audit"):
        read_findings(tmp_path / "audit.csv")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a.png,train,strange,,,a,", "has no known kind"),
        ("a.png,train", "has no known kind"),
        ("a.png,train,blank,high,,a,", "the score 'high' of a.png is no number"),
        ("../a.png,train,blank,,,a,", "outside the data set"),
        ("train\\..\\..\\a.png,train,blank,,,a,", "outside the data set"),
        ("/etc/passwd,train,blank,,,a,", "outside the data set"),
    ],
)
def test_a_strange_row_is_refused(tmp_path: Path, row: str, reason: str) -> None:
    (tmp_path / "audit.csv").write_text(f"{','.join(HEADER)}\n{row}\n")
    with pytest.raises(DataError, match=reason):
        read_findings(tmp_path / "audit.csv")
