from pathlib import Path

import pytest

from mien.audit.audit import audit
from mien.audit.clean import clean
from mien.audit.files import HEADER, write_audit
from mien.errors import DataError, OutputError
from tests.data.building import make_folder, row, write_csv, write_picture


def audited(source: Path) -> Path:
    place = source.with_name(f"{source.name}-audit")
    write_audit(audit(source), place)
    return place / "audit.csv"


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """Sound pictures 0-9 (train a 0-4, train b 5-7, test a 8, test b 9), and faults."""
    folder = make_folder(tmp_path / "data", {"train/a": 5, "train/b": 3, "test/a": 1, "test/b": 1})
    (folder / "train" / "a" / "bad.png").write_bytes(b"no picture")
    (folder / "test" / "a" / "bad.png").write_bytes(b"no picture")
    write_picture(folder / "train" / "a" / "twin.png", 0)
    write_picture(folder / "train" / "b" / "clash.png", 1)
    write_picture(folder / "train" / "a" / "leak.png", 8)
    write_picture(folder / "train" / "a" / "leak-clash.png", 9)
    write_picture(folder / "test" / "a" / "twin.png", 8)
    return folder


def test_sound_data_is_copied_whole(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "data", {"train/a": 3, "train/b": 3})
    cleaned = clean(folder, audited(folder), tmp_path / "out")
    assert cleaned.dropped == ()
    assert cleaned.kept == {"train": 6}
    assert names(tmp_path / "out") == names(folder)


def test_default_rules(tmp_path: Path, faulty: Path) -> None:
    before = {name: (faulty / name).read_bytes() for name in names(faulty)}
    cleaned = clean(faulty, audited(faulty), tmp_path / "out")
    gone = {"bad.png", "twin.png", "clash.png", "train-a-1.png", "leak.png", "leak-clash.png"}
    assert names(tmp_path / "out") == names(faulty) - {f"train/a/{name}" for name in gone} - {
        "train/b/clash.png",
        "test/a/bad.png",
    }
    assert cleaned.counts() == {"unreadable": 2, "twin": 1, "twin-across": 1, "conflict": 3}
    assert cleaned.spared == 2
    assert {name: (faulty / name).read_bytes() for name in names(faulty)} == before
    assert all((tmp_path / "out" / name).read_bytes() == before[name] for name in names(tmp_path / "out"))


def test_other_kinds_on_demand(tmp_path: Path, faulty: Path) -> None:
    cleaned = clean(faulty, audited(faulty), tmp_path / "out", drop=["twin"])
    assert cleaned.counts() == {"unreadable": 2, "twin": 1}  # what cannot be read is never copied
    assert (tmp_path / "out" / "train" / "a" / "leak.png").is_file()


def test_a_cleaned_copy_is_clean(tmp_path: Path, faulty: Path) -> None:
    clean(faulty, audited(faulty), tmp_path / "out")
    assert {finding.split for finding in audit(tmp_path / "out").findings} <= {"test"}


def test_a_table_becomes_folders(tmp_path: Path) -> None:
    rows = [row(0, 0), row(0, 1), row(0, 1), row(3, 2), row(3, 3), row(3, 3, "PublicTest"), ("9", "1", "Training")]
    table = write_csv(tmp_path / "fer.csv", rows)
    write_audit(audit(table), tmp_path / "audit")
    cleaned = clean(table, tmp_path / "audit" / "audit.csv", tmp_path / "out")
    assert cleaned.kept == {"train": 3, "test": 1}
    assert cleaned.counts() == {"unreadable": 1, "twin": 1, "twin-across": 1}
    assert names(tmp_path / "out") == {
        "train/angry/row0000000.png",
        "train/angry/row0000001.png",
        "train/happy/row0000003.png",
        "test/happy/row0000005.png",
    }


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="ugly: is no kind of finding; expected some of unreadable, blank"):
        clean(tmp_path, tmp_path / "audit.csv", tmp_path / "out", drop=["ugly"])


@pytest.mark.parametrize("change", ["other names", "other label"])
def test_the_audit_of_other_data_is_refused(tmp_path: Path, faulty: Path, change: str) -> None:
    path = audited(faulty)
    new = "strange.png" if change == "other names" else "twin.png"
    label = "b" if change == "other label" else "a"
    path.write_text(f"{','.join(HEADER)}\ntrain/a/{new},train,twin,2,,{label},\n")
    with pytest.raises(DataError, match="is the audit of other data: it names train/a/"):
        clean(faulty, path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("part", ["train", "test"])
def test_the_audit_of_like_named_data_is_refused(tmp_path: Path, faulty: Path, part: str) -> None:
    path = audited(faulty)
    write_picture(faulty / part / "b" / f"{part}-b-0.png", 99)
    with pytest.raises(DataError, match=f"or .*data was changed since: pictures or labels of {part} are"):
        clean(faulty, path, tmp_path / "out")


def test_what_can_be_read_by_now_stays(tmp_path: Path, faulty: Path) -> None:
    path = audited(faulty)
    path.with_name("audit.json").unlink()  # with it mien would ask for a new audit
    write_picture(faulty / "train" / "a" / "bad.png", 50)
    assert clean(faulty, path, tmp_path / "out").counts()["unreadable"] == 1
    assert (tmp_path / "out" / "train" / "a" / "bad.png").is_file()


def test_a_split_that_cannot_be_read_is_not_left_out_unsaid(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "data", {"train/a": 3, "train/b": 3})
    (folder / "test").mkdir()
    (folder / "test" / "loose.png").write_bytes(b"")
    path = audited(folder)
    with pytest.raises(DataError, match=r"has no class folders.*would be without test, so nothing was copied"):
        clean(folder, path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_full_folder_is_left_alone(tmp_path: Path, faulty: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(OutputError, match="choose another --out"):
        clean(faulty, audited(faulty), tmp_path / "out")


def test_the_source_is_no_place_for_the_copy(faulty: Path) -> None:
    with pytest.raises(OutputError, match="which is not touched"):
        clean(faulty, audited(faulty), faulty / "clean")
