from pathlib import Path

import pytest

from mien.audit.audit import Audit, audit
from mien.audit.findings import KINDS
from mien.audit.page import TITLES, audit_page, summary
from tests.data.building import make_folder, write_picture


@pytest.fixture
def found(tmp_path: Path) -> Audit:
    folder = make_folder(tmp_path / "faces", {"train/a": 3, "train/<b>": 3, "test/a": 1})
    for number in range(14):
        write_picture(folder / "train" / "a" / f"copy-{number}.png", 0)
    return audit(folder)


def test_sound_data_makes_a_page_without_findings(tmp_path: Path) -> None:
    found = audit(make_folder(tmp_path / "faces", {"train/a": 3, "train/b": 3}))
    assert summary(found) == "Nothing was found in 6 pictures."
    page = audit_page(found)
    assert "What is wrong with faces?" in page
    assert "<img" not in page
    assert "<b>Blank</b>" in page
    assert "<b>Labels that the model doubts</b>" not in page  # no model was asked


def test_a_finding_stands_beside_its_partner(found: Audit) -> None:
    page = audit_page(found)
    assert "Twins within a split: 14" in page
    assert page.count("<img") == 24
    assert "And 2 more in audit.csv." in page
    assert "= train/a/copy-0.png" in page


def test_what_cannot_be_read_is_counted(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "faces", {"train/a": 3, "train/b": 3})
    (folder / "train" / "a" / "x.png").touch()
    assert summary(audit(folder)) == "1 findings on 1 of 7 pictures."


def test_a_contradicting_pair_is_shown_once(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "faces", {"train/a": 3, "train/b": 3})
    write_picture(folder / "train" / "b" / "clash.png", 0)
    page = audit_page(audit(folder))
    assert "labelled differently: 2" in page
    assert page.count("<img") == 2


def test_without_thumbnails_no_picture_is_shown(found: Audit) -> None:
    page = audit_page(found, thumbnails=False)
    assert "<img" not in page
    assert "train/a/copy-0.png" in page


def test_class_names_are_escaped(found: Audit) -> None:
    assert "<b>:" not in audit_page(found)
    assert "&lt;b&gt;" in audit_page(found)


def test_an_obstacle_leads(tmp_path: Path) -> None:
    found = audit(make_folder(tmp_path / "faces", {"train/a": 3, "train/b": 1}))
    (tmp_path / "faces" / "train" / "a" / "x.png").touch()
    assert "It cannot be trained on" in summary(audit(tmp_path / "faces"))
    assert found.report.obstacle is not None


def test_every_kind_has_a_title() -> None:
    assert list(TITLES) == list(KINDS)
