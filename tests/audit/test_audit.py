import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mien.audit.audit import audit, parted
from mien.audit.findings import KINDS
from mien.errors import DataError, ModelError
from tests.conftest import make_model
from tests.data.building import make_folder, row, write_csv, write_picture


def test_missing_source_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        audit(tmp_path / "nowhere")


def test_only_unreadable_files_are_still_audited(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "train" / name).mkdir(parents=True)
        (tmp_path / "train" / name / "x.png").touch()
    found = audit(tmp_path)
    assert [(finding.file, finding.kind, finding.label) for finding in found.findings] == [
        ("train/a/x.png", "unreadable", "a"),
        ("train/b/x.png", "unreadable", "b"),
    ]
    assert "is empty" in found.findings[0].note


def test_sound_data_has_no_findings_and_says_what_was_not_looked_for(tmp_path: Path) -> None:
    found = audit(make_folder(tmp_path, {"train/a": 8, "train/b": 4}))
    assert found.findings == ()
    assert found.counts() == dict.fromkeys(KINDS, 0)
    assert found.skipped == ("non-face", "label")
    assert any("non-faces were not looked for" in note for note in found.notes)
    assert any("labels were not doubted" in note for note in found.notes)


def test_findings_come_kind_by_kind(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 6, "train/b": 3, "test/a": 1})
    (tmp_path / "train" / "a" / "z.png").touch()
    write_picture(tmp_path / "train" / "b" / "z.png", 0)
    kinds = [finding.kind for finding in audit(tmp_path).findings]
    assert kinds == ["unreadable", "conflict", "conflict"]


def test_a_table_is_audited_too(tmp_path: Path) -> None:
    rows = [row(0, 0), row(0, 1), row(3, 2), row(3, 3), row(3, 3, "PublicTest"), ("0", "1", "Nowhere")]
    found = audit(write_csv(tmp_path / "fer.csv", rows))
    assert [(finding.kind, finding.file, finding.partner) for finding in found.findings] == [
        ("unreadable", "row0000005", ""),
        ("twin-across", "row0000003", "row0000004"),
    ]
    assert any("in a table all have the same size" in note for note in found.notes)


def test_a_model_doubts_labels_and_it_is_said_whether_it_saw_them(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "data", {"train/a": 20, "train/b": 20})
    model = make_model(tmp_path / "model.onnx", labels=("a", "b"))
    found = audit(folder, model=model)
    assert found.counts()["label"] > 0
    assert any("may have been trained on these very pictures" in note for note in found.notes)


def test_a_model_of_other_classes_is_refused(tmp_path: Path, model: Path) -> None:
    with pytest.raises(ModelError, match="does not know the class 'a'"):
        audit(make_folder(tmp_path / "data", {"train/a": 2, "train/b": 2}), model=model)


def test_every_step_shows_its_progress(tmp_path: Path) -> None:
    steps: list[str] = []

    @contextmanager
    def progress(description: str) -> Iterator:
        steps.append(description)
        yield lambda done, total: None

    audit(make_folder(tmp_path, {"train/a": 2, "train/b": 2}), progress=progress)
    assert steps == ["Reading pictures", "Measuring", "Comparing pictures"]


def test_an_audit_becomes_json_with_the_report_in_it(tmp_path: Path) -> None:
    values = json.loads(json.dumps(audit(make_folder(tmp_path, {"train/a": 3, "train/b": 3})).to_dict()))
    assert values["splits"][0]["counts"] == {"a": 3, "b": 3}
    assert values["kinds"]["blank"] == {"rule": "all pixels are equal", "findings": 0}
    assert values["findings"] == []


@pytest.mark.parametrize(
    ("entry", "name"),
    [("a/x.png: is empty", "a/x.png"), ("a/x: 1.PNG: b: c", "a/x: 1.PNG"), ("row7: 3 pixels (line 8)", "row7")],
)
def test_a_name_is_parted_from_its_reason(entry: str, name: str) -> None:
    assert parted(entry) == (name, entry.removeprefix(f"{name}: "))


def test_real_data_is_audited(fer2013: Path) -> None:
    counts = audit(fer2013).counts()
    assert (counts["unreadable"], counts["blank"], counts["conflict"]) == (0, 0, 117)
    assert 1000 < counts["near-duplicate"] < 2000
    assert counts["non-face"] < 50
