"""Parts: the same sources give the same parts, in order, none too large."""

from pathlib import Path

import pytest

from mien.cluster import parts as module
from mien.cluster.parts import Part, cut
from mien.cluster.stored import Rows
from mien.vision.sources import WITH_TABLES, Source, expand
from tests.cluster.photos import store


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PICTURES", 10)


def named(*names: str) -> list[Source]:
    return [Source(Path(name), Path(name)) for name in names]


def spans(path: Path) -> list[tuple[int, int]]:
    parts = cut(named(str(path)))
    assert [part.number for part in parts] == list(range(len(parts)))
    return [(part.pictures.start, part.pictures.stop) for part in parts if isinstance(part.pictures, Rows)]


def test_nothing_has_no_parts(tmp_path: Path):
    assert cut([]) == []
    assert spans(store(tmp_path / "none.parquet", [])) == []


def test_pictures_are_cut_in_their_order():
    parts = cut(named(*(f"{number}.jpg" for number in range(23))))
    assert [part.count for part in parts] == [10, 10, 3]
    assert [part.number for part in parts] == [0, 1, 2]
    assert parts[1].pictures == tuple(f"{number}.jpg" for number in range(10, 20))
    assert parts[2].name == "20.jpg to 22.jpg"


def test_small_row_groups_are_one_part(tmp_path: Path):
    assert spans(store(tmp_path / "a.parquet", [b"1"] * 24, group=4)) == [(0, 8), (8, 16), (16, 24)]


def test_a_large_row_group_is_several_parts(tmp_path: Path):
    assert spans(store(tmp_path / "a.parquet", [b"1"] * 24)) == [(0, 10), (10, 20), (20, 24)]


def test_a_huge_row_group_is_not_cut_too_often(tmp_path: Path):
    found = spans(store(tmp_path / "a.parquet", [b"1"] * 480))
    assert len(found) == 16
    assert found[-1] == (450, 480)


def test_of_very_many_pictures_parts_are_larger(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_MOST", 4)
    assert [part.count for part in cut(named(*(f"{number}.jpg" for number in range(50))))] == [13, 13, 13, 11]


def test_files_and_tables_keep_the_order_of_the_sources(tmp_path: Path):
    for name in ("a.jpg", "c.jpg", "d.jpg"):
        (tmp_path / name).touch()
    store(tmp_path / "b.parquet", [b"1", b"2"])
    parts = cut(expand([tmp_path], suffixes=WITH_TABLES))
    assert [part.name for part in parts] == [
        f"{tmp_path}/a.jpg to {tmp_path}/a.jpg",
        f"rows 0 to 1 of {tmp_path}/b.parquet",
        f"{tmp_path}/c.jpg to {tmp_path}/d.jpg",
    ]
    assert parts[1] == Part(1, Rows(f"{tmp_path}/b.parquet", "image", 0, 2))
