import re
from pathlib import Path

import numpy as np
import pytest

from mien.data import fer_csv
from mien.errors import DataError

from .building import picture, row, write_csv


def test_empty_file_lacks_columns(tmp_path: Path) -> None:
    (tmp_path / "fer.csv").touch()
    with pytest.raises(DataError, match=r"has no column emotion .*its columns: none"):
        fer_csv.read(tmp_path / "fer.csv", "train")


def test_table_without_rows_has_no_split(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no rows of split 'train'"):
        fer_csv.read(write_csv(tmp_path / "fer.csv", []), "train")


def test_missing_usage_is_a_clear_error(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "fer.csv", [row(0, 0)[:2]], header=("emotion", "pixels"))
    with pytest.raises(DataError, match=r"has no column usage \(its columns: emotion, pixels\)"):
        fer_csv.read(table, "train")


def test_missing_split_says_which_there_are(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "fer.csv", [row(0, 0), row(1, 1, "PublicTest")])
    with pytest.raises(DataError, match="has no rows of split 'private'; it has train, test"):
        fer_csv.read(table, "private")


def test_numbers_count_in_fer2013s_order(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "fer.csv", [row(number, number) for number in range(7)])
    dataset = fer_csv.read(table, "train")
    assert [dataset.classes[label] for label in dataset.labels] == [
        *("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
    ]
    assert dataset.classes == tuple(sorted(dataset.classes))
    assert np.array_equal(dataset.images[5], picture(5))


def test_usage_names_the_split(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "fer.csv", [row(0, 0), row(1, 1, "PublicTest"), row(2, 2, "PrivateTest")])
    assert fer_csv.splits(table) == ("train", "test", "private")
    assert fer_csv.read(table, "private").names == ("row0000002",)
    assert fer_csv.read(table, "test").classes == ("angry", "disgust", "fear")


def test_icml_headers_have_spaces_and_another_order(tmp_path: Path) -> None:
    emotion, pixels, usage = row(3, 0)
    table = write_csv(tmp_path / "icml.csv", [(emotion, usage, pixels)], header=("emotion", " Usage", " pixels"))
    assert np.array_equal(fer_csv.read(table, "train").images[0], picture(0))


def test_byte_order_mark_and_quotes_are_read(tmp_path: Path) -> None:
    emotion, pixels, usage = row(3, 0)
    (tmp_path / "fer.csv").write_text(f'\ufeff"emotion","pixels","Usage"\r\n{emotion},"{pixels}",{usage}\r\n', "utf-8")
    assert len(fer_csv.read(tmp_path / "fer.csv", "train")) == 1


@pytest.mark.parametrize(
    ("emotion", "pixels", "usage", "reason"),
    [
        ("3", "1 2 3", "Training", "3 pixels, expected 2304"),
        ("3", "", "Training", "0 pixels, expected 2304|pixel ''"),
        ("7", None, "Training", "emotion '7', expected a number from 0 to 6"),
        ("", None, "Training", "emotion '', expected a number from 0 to 6"),
        ("nan", None, "Training", "emotion 'nan'"),
        ("3", "nan " * 2304, "Training", "pixel 'nan', expected whole numbers"),
        ("3", "256 " * 2304, "Training", "pixels from 256 to 256, expected whole numbers from 0 to 255"),
        ("3", "-1 " * 2304, "Training", "pixels from -1 to -1"),
        ("3", "1.5 " * 2304, "Training", r"pixel '1\.5'"),
        ("3", None, "Validation", "Usage 'Validation', expected Training"),
    ],
)
def test_malformed_row_is_listed_with_its_number(
    tmp_path: Path, emotion: str, pixels: str | None, usage: str, reason: str
) -> None:
    bad = (emotion, row(0, 9)[1] if pixels is None else pixels, usage)
    dataset = fer_csv.read(write_csv(tmp_path / "fer.csv", [row(3, 0), bad, row(3, 1)]), "train")
    assert dataset.names == ("row0000000", "row0000002")
    (entry,) = dataset.unreadable
    assert entry.startswith("row0000001: ")
    assert entry.endswith("(line 3)")
    assert re.search(reason, entry)


def test_short_row_is_listed(tmp_path: Path) -> None:
    dataset = fer_csv.read(write_csv(tmp_path / "fer.csv", [row(3, 0), ("3",)]), "train")
    assert len(dataset.unreadable) == 1


def test_file_of_malformed_rows_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="none of 1 rows can be read, the first is row0000000: 2 pixels"):
        fer_csv.read(write_csv(tmp_path / "fer.csv", [("3", "1 2", "Training")]), "train")


def test_binary_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "fer.csv").write_bytes(bytes(range(256)) * 2000)
    with pytest.raises(DataError, match=r"fer\.csv"):
        fer_csv.read(tmp_path / "fer.csv", "train")


def test_rows_of_the_official_table_have_names_of_their_own() -> None:
    assert fer_csv.row_name(7, fer_csv.OFFICIAL_ROWS) == "fer2013-00007"
    assert fer_csv.row_name(7, 100) == "row0000007"


def test_pictures_are_resized(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "fer.csv", [row(3, 0)])
    assert fer_csv.read(table, "train", size=24).images.shape == (1, 24, 24)


def test_progress_counts_lines(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    fer_csv.read(write_csv(tmp_path / "fer.csv", [row(3, 0)]), "train", watch=lambda *step: seen.append(step))
    assert seen == [(2, 2)]
