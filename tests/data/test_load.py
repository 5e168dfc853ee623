import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from mien.data.load import load, splits
from mien.errors import DataError

from .building import make_folder, picture, row, write_csv, write_picture


def test_missing_source_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere: no such file or folder; expected DIR"):
        load(tmp_path / "nowhere", "train")


def test_empty_folder_says_the_layout(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no split 'train'; expected DIR/train/<class>/"):
        load(tmp_path, "train")


def test_missing_split_says_which_there_are(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 2, "test/a": 1})
    with pytest.raises(DataError, match="has no split 'val'; it has train, test"):
        load(tmp_path, "val")


def test_split_without_class_folders_is_an_error(tmp_path: Path) -> None:
    write_picture(tmp_path / "train" / "a.png", 0)
    with pytest.raises(DataError, match="train: has no class folders"):
        load(tmp_path, "train")


@pytest.mark.parametrize("split", ["train", "test"])
def test_empty_class_folder_is_an_error(tmp_path: Path, split: str) -> None:
    make_folder(tmp_path, {"train/b": 2, "test/b": 2, f"{split}/a": 0})
    with pytest.raises(DataError, match=r"a: has no pictures; add some, or remove the folder"):
        load(tmp_path, split)


def test_class_with_one_picture_cannot_be_trained_on(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 1, "train/b": 2, "test/a": 1})
    with pytest.raises(DataError, match=r"class 'a' has one picture in train .* expected 2 or more"):
        load(tmp_path, "train")
    assert len(load(tmp_path, "test")) == 1


def test_class_that_only_test_has_cannot_be_trained_on(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 2, "train/b": 2, "test/c": 1})
    with pytest.raises(DataError, match="class 'c' has no pictures in train"):
        load(tmp_path, "train")


def test_one_class_cannot_be_trained_on(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 3})
    with pytest.raises(DataError, match="has one class only"):
        load(tmp_path, "train")


def test_folder_in_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    make_folder(tmp_path, {"test/a": 0})
    (tmp_path / "test" / "a" / "x.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"none of 1 pictures can be read, the first is test/a/x\.png: "):
        load(tmp_path, "test")


def test_pictures_come_in_order_of_their_names_with_their_labels(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/b": 2, "train/a": 3})
    dataset = load(tmp_path, "train")
    assert dataset.names == tuple(sorted(dataset.names))
    assert dataset.names[0] == "train/a/train-a-0.png"
    assert dataset.classes == ("a", "b")
    assert dataset.labels.tolist() == [0, 0, 0, 1, 1]
    assert dataset.images.dtype == np.uint8
    assert np.array_equal(dataset.images[3], picture(0))


def test_labels_agree_between_splits_that_have_different_classes(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 2, "train/b": 2, "test/b": 1})
    assert load(tmp_path, "test").classes == ("a", "b")
    assert load(tmp_path, "test").labels.tolist() == [1]


def test_expressions_are_named_in_miens_words_in_every_split(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/Anger": 2, "train/happiness": 2, "test/angry": 1})
    assert load(tmp_path, "train").classes == ("angry", "happy")
    assert load(tmp_path, "test").classes == ("angry", "happy")


def test_one_unknown_name_leaves_all_names_as_they_are(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/anger": 2, "train/calm": 2})
    assert load(tmp_path, "train").classes == ("anger", "calm")


def test_a_class_whose_name_is_not_text_is_an_error(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 1, f"train/{os.fsdecode(b'caf' + bytes([0xE9]))}": 1})
    with pytest.raises(DataError, match=r"the class folder 'caf\\udce9' has no name in utf-8; rename it"):
        load(tmp_path, "train")


def test_two_spellings_in_one_split_stay_two_classes(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/anger": 2, "train/angry": 2})
    assert load(tmp_path, "train").classes == ("anger", "angry")


def test_hidden_and_other_files_are_ignored(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 2, "train/b": 2, "train/.cache": 0, ".git/a": 0})
    for name in (".DS_Store", "Thumbs.db", "notes.txt", "._a.png"):
        (tmp_path / "train" / "a" / name).write_bytes(b"x")
    dataset = load(tmp_path, "train")
    assert len(dataset) == 4
    assert dataset.unreadable == ()


def test_broken_pictures_are_listed_with_the_reason(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 2, "train/b": 2})
    (tmp_path / "train" / "a" / "empty.png").touch()
    (tmp_path / "train" / "b" / "x.jpg").write_bytes(b"no picture")
    dataset = load(tmp_path, "train")
    assert len(dataset) == 4
    assert [entry.split(": ")[0] for entry in dataset.unreadable] == ["train/a/empty.png", "train/b/x.jpg"]
    assert "is empty" in dataset.unreadable[0]
    assert str(tmp_path) not in dataset.unreadable[0]


def test_sizes_colours_and_suffixes_are_converted(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 2, "train/b": 2})
    colour = np.full((100, 60, 3), (0, 0, 255), np.uint8)
    (tmp_path / "train" / "a" / "RED.PNG").write_bytes(cv2.imencode(".png", colour)[1].tobytes())
    dataset = load(tmp_path, "train", size=32)
    assert dataset.images.shape == (5, 32, 32)
    assert set(dataset.images[dataset.names.index("train/a/RED.PNG")].ravel().tolist()) == {76}


def test_progress_ends_with_everything_read(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 2, "train/b": 2})
    seen: list[tuple[int, int]] = []
    load(tmp_path, "train", watch=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (4, 4)


def test_table_and_folder_go_through_one_door(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "fer2013.csv", [row(0, 1), row(0, 2), row(3, 3), row(3, 4), row(3, 5, "PublicTest")])
    assert load(str(table), "train").classes == ("angry", "happy")
    assert splits(table) == ("train", "test")


def test_table_with_one_row_of_a_class_cannot_be_trained_on(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "fer2013.csv", [row(0, 1), row(3, 2), row(3, 3)])
    with pytest.raises(DataError, match="class 'angry' has one picture in train"):
        load(table, "train")


def test_folder_that_cannot_be_opened_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    make_folder(tmp_path, {"train/a": 2, "train/b": 2})
    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(DataError, match=r"train: cannot be opened \(Permission denied\)"):
        load(tmp_path, "train")


def test_real_pictures_all_load(fer2013: Path) -> None:
    train, test = load(fer2013, "train"), load(fer2013, "test")
    assert (len(train), len(test)) == (28558, 3579)
    assert train.unreadable == test.unreadable == ()
    assert dict(zip(train.classes, train.counts().tolist(), strict=True))["disgust"] == 435
    assert train.names[0] == "train/angry/fer0000000.webp"


def test_a_path_below_a_folder_that_one_may_not_enter_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(DataError, match=r"faces: cannot be opened \(Permission denied\); make it readable"):
        load(tmp_path / "faces", "train")
