import csv
from pathlib import Path

import numpy as np
import pytest

from mien.data.load import load
from mien.data.writing import import_csv, new_folder
from mien.errors import DataError, OutputError
from mien.labels import FER_ORDER

from .building import picture, row, write_csv


def test_folder_is_refused_as_a_table(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"is a folder; expected fer2013\.csv"):
        import_csv(tmp_path, tmp_path / "out")


def test_failed_import_leaves_nothing_behind(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "fer.csv", [row(0, 0), ("3", "1 2", "PublicTest")])
    with pytest.raises(DataError, match="none of 1 rows can be read"):
        import_csv(table, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["fer.csv"]


def test_import_writes_the_same_pixels_as_folders(tmp_path: Path) -> None:
    rows = [row(0, 0), row(0, 1), row(3, 2), row(3, 3), row(3, 4, "PublicTest"), row(0, 5, "PrivateTest"), ("3", "1")]
    table = write_csv(tmp_path / "fer.csv", rows)
    written = import_csv(table, tmp_path / "out")
    assert {split: len(part) for split, part in written.items()} == {"train": 4, "test": 1, "private": 1}
    assert len(written["train"].unreadable) == 1
    assert load(tmp_path / "out", "train").names[0] == "train/angry/row0000000.png"
    assert np.array_equal(load(tmp_path / "out", "test").images[0], picture(4))
    assert load(tmp_path / "out", "private").classes == ("angry", "happy")


def test_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "fer.csv", [row(0, 0)])
    with pytest.raises(OutputError, match="exists and is not an empty folder"):
        import_csv(table, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["fer.csv"]


def test_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with new_folder(tmp_path / "out") as folder:
        (folder / "a").touch()
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "a"]


def test_place_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"), new_folder(tmp_path / "file" / "out"):
        pass


def test_real_table_imports_to_the_same_pixels(fer2013: Path, tmp_path: Path) -> None:
    test = load(fer2013, "test")
    with (tmp_path / "fer2013.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["emotion", "pixels", "Usage"])
        for image, label in zip(test.images, test.labels, strict=True):
            writer.writerow([FER_ORDER.index(test.classes[label]), " ".join(map(str, image.ravel())), "PublicTest"])
    import_csv(tmp_path / "fer2013.csv", tmp_path / "out")
    imported = load(tmp_path / "out", "test")
    assert imported.unreadable == ()
    assert sorted(imported.hashes()) == sorted(test.hashes())
    assert imported.counts().tolist() == test.counts().tolist()
