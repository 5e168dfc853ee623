"""Pictures in Parquet: the column, the rows, and what is told of other files."""

from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from mien.cluster.stored import Rows, read_stored, stored_pictures
from mien.errors import PictureError
from tests.cluster.photos import store


def test_no_rows_are_no_pictures(tmp_path: Path):
    path = store(tmp_path / "none.parquet", [])
    assert sum(stored_pictures(path)[1]) == 0
    assert list(read_stored(Rows(str(path), "image", 0, 0))) == []


def test_the_column_of_bytes_is_found_also_inside_structures(tmp_path: Path):
    assert stored_pictures(store(tmp_path / "a.parquet", [b"1", b"2", b"3"], group=2)) == ("image", [2, 1])
    assert stored_pictures(store(tmp_path / "b.parquet", [b"1"], inside=True)) == ("image.bytes", [1])


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize(("start", "stop"), [(0, 40), (0, 3), (19, 22), (21, 40)])
def test_rows_are_read_from_and_to(tmp_path: Path, inside: bool, start: int, stop: int):
    pictures = [b"%d" % number for number in range(40)]
    path = store(tmp_path / "a.parquet", pictures, group=7, inside=inside)
    rows = Rows(str(path), stored_pictures(path)[0], start, stop)
    assert list(read_stored(rows)) == [(number, pictures[number]) for number in range(start, stop)]


def test_a_row_without_a_picture_is_empty(tmp_path: Path):
    path = store(tmp_path / "a.parquet", [None, b""], inside=True)
    assert list(read_stored(Rows(str(path), "image.bytes", 0, 2))) == [(0, b""), (1, b"")]


def test_without_a_column_of_bytes_it_is_told(tmp_path: Path):
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"label": ["happy"]}), path)
    with pytest.raises(PictureError, match=r"a\.parquet: has no column of bytes; expected one, which holds picture"):
        stored_pictures(path)


def test_with_several_columns_of_bytes_it_is_told(tmp_path: Path):
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"image": [b"1"], "small": [b"2"]}), path)
    with pytest.raises(PictureError, match=r"several columns of bytes \(image, small\); expected one"):
        stored_pictures(path)


@pytest.mark.parametrize("content", [None, b"", b"no table"])
def test_what_is_no_parquet_is_told(tmp_path: Path, content: bytes | None):
    path = tmp_path / "a.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PictureError, match=r"a\.parquet: cannot be read \(.+\); give a whole Parquet file"):
        stored_pictures(path)


def test_a_file_that_was_damaged_since_is_told(tmp_path: Path):
    path = store(tmp_path / "a.parquet", [bytes(range(256)) * 40] * 50)
    data = bytearray(path.read_bytes())
    data[4:2000] = bytes(1996)
    path.write_bytes(data)
    with pytest.raises(PictureError, match=r"a\.parquet: cannot be read to row 49 \(.+\); write it again"):
        list(read_stored(Rows(str(path), "image", 0, 50)))
