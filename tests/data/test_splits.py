import os
from pathlib import Path

import numpy as np
import pytest

from mien.data.dataset import Dataset
from mien.data.load import load
from mien.data.splits import has_twin, load_split, load_whole, read_split, train_and_val, write_split
from mien.errors import DataError

from .building import make_folder, write_picture


def test_no_pictures_have_no_twins() -> None:
    none = Dataset(np.zeros((0, 48, 48), np.uint8), np.zeros(0, np.int64), ("a", "b"), ())
    assert has_twin(none, none).tolist() == []


def test_val_folder_is_taken_where_there_is_one(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 2, "train/b": 2, "val/a": 1})
    train, val = train_and_val(tmp_path)
    assert (len(train), val.names) == (4, ("val/a/val-a-0.png",))
    assert val.classes == train.classes


def test_each_class_gives_its_share(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 40, "train/b": 20, "train/c": 2})
    train, val = train_and_val(tmp_path, share=0.1)
    assert val.counts().tolist() == [4, 2, 1]
    assert train.counts().tolist() == [36, 18, 1]
    assert not set(train.names) & set(val.names)


def test_twins_are_never_parted(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 12, "train/b": 12})
    for number in range(12):
        write_picture(tmp_path / "train" / "a" / f"copy-{number}.png", number)
        write_picture(tmp_path / "train" / "b" / f"other-label-{number}.png", number % 4)
    for seed in range(5):
        train, val = train_and_val(tmp_path, share=0.3, seed=seed)
        assert not has_twin(val, train).any()
        assert val.counts().all()
        assert train.counts().all()


def test_same_seed_same_part_whatever_the_files_are_called(tmp_path: Path) -> None:
    make_folder(tmp_path / "one", {"train/a": 30, "train/b": 30})
    make_folder(tmp_path / "two", {"train/a": 30, "train/b": 30})
    for path in sorted((tmp_path / "two").rglob("*.png")):
        path.rename(path.with_name(f"{99 - int(path.stem.split('-')[-1])}.png"))
    first, again, renamed, other = (
        set(train_and_val(tmp_path / folder, seed=seed)[1].hashes())
        for folder, seed in (("one", 0), ("one", 0), ("two", 0), ("one", 1))
    )
    assert first == again == renamed
    assert first != other


def test_class_of_copies_cannot_validate(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 5, "train/b": 0})
    for number in range(3):
        write_picture(tmp_path / "train" / "b" / f"{number}.png", 77)
    with pytest.raises(DataError, match="class 'b': its pictures are copies of each other"):
        train_and_val(tmp_path)


@pytest.mark.parametrize("share", [0, 1, -0.1, float("nan")])
def test_share_out_of_range_is_an_error(tmp_path: Path, share: float) -> None:
    make_folder(tmp_path, {"train/a": 2, "train/b": 2})
    with pytest.raises(DataError, match="expected a number between 0 and 1"):
        train_and_val(tmp_path, share=share)


def test_unreadable_files_stay_listed(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 4, "train/b": 4})
    (tmp_path / "train" / "a" / "x.png").touch()
    assert len(train_and_val(tmp_path)[0].unreadable) == 1


@pytest.mark.parametrize("with_val", [False, True])
def test_written_split_brings_the_same_pictures_back(tmp_path: Path, with_val: bool) -> None:
    data = make_folder(tmp_path / "data", {"train/a": 10, "train/b": 10})
    if with_val:
        make_folder(data, {"val/a": 2, "val/b": 2}, first_seed=500)
    train, val = train_and_val(data)
    write_split(tmp_path / "split.csv", train, val)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["split.csv"]
    assert read_split(tmp_path / "split.csv") == {
        **dict.fromkeys(train.names, "train"),
        **dict.fromkeys(val.names, "val"),
    }
    assert load_split(data, tmp_path / "split.csv", "val").fingerprint() == val.fingerprint()
    assert load_split(data, tmp_path / "split.csv", "train").fingerprint() == train.fingerprint()


@pytest.mark.parametrize("with_val", [False, True])
def test_a_split_is_read_as_a_whole_in_the_order_of_the_source(tmp_path: Path, with_val: bool) -> None:
    classes = {"train/a": 10, "train/b": 20} | ({"val/a": 3, "val/b": 3} if with_val else {})
    data = make_folder(tmp_path / "data", classes)
    train, val = train_and_val(data)
    write_split(tmp_path / "split.csv", train, val)
    whole, held_out = load_whole(data, tmp_path / "split.csv")
    assert list(whole.names) == sorted([*train.names, *val.names])
    for part, rows in ((train, ~held_out), (val, held_out)):
        mine = whole.subset(np.flatnonzero(rows))
        assert mine.names == part.names
        assert mine.fingerprint() == part.fingerprint()
        assert np.array_equal(mine.sides, part.sides)


def test_a_split_that_gives_all_to_train_finds_those_of_the_val_folder(tmp_path: Path) -> None:
    data = make_folder(tmp_path / "data", {"train/a": 10, "train/b": 20, "val/a": 3, "val/b": 3})
    train, val = train_and_val(data)
    write_split(tmp_path / "split.csv", train.joined(val), train.subset([]))
    assert load_split(data, tmp_path / "split.csv", "train").names == (*train.names, *val.names)
    with pytest.raises(DataError, match="a refit holds none out, judge it by its test split"):
        load_split(data, tmp_path / "split.csv", "val")


def test_a_picture_whose_name_is_not_utf_8_is_parted_like_any(tmp_path: Path) -> None:
    data = make_folder(tmp_path / "data", {"train/a": 2, "train/b": 2, "val/a": 1})
    write_picture(data / "val" / "b" / os.fsdecode(b"caf\xe9.png"), 9)
    train, val = train_and_val(data)
    write_split(tmp_path / "split.csv", train, val)
    assert load_split(data, tmp_path / "split.csv", "val").fingerprint() == val.fingerprint()


def test_split_with_pictures_that_the_source_lacks_names_one(tmp_path: Path) -> None:
    data = make_folder(tmp_path / "data", {"train/a": 10, "train/b": 10})
    train, val = train_and_val(data)
    write_split(tmp_path / "split.csv", train, val)
    (data / val.names[0]).unlink()
    with pytest.raises(
        DataError, match=f"lacks 1 of 2 pictures of .*split.csv, for one {val.names[0]}; give the data set"
    ):
        load_split(data, tmp_path / "split.csv", "val")


def test_split_file_knows_train_and_val_only(tmp_path: Path) -> None:
    (tmp_path / "split.csv").write_text("file,split\na.png,train\n")
    with pytest.raises(DataError, match="has no pictures of split 'test'; expected train or val"):
        load_split(tmp_path, tmp_path / "split.csv", "test")


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "is not a split"), ("a,b\n", "is not a split"), ("file,split\na.png,test\n", "line 2 is 'a.png,test'")],
)
def test_other_tables_are_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "split.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_split(tmp_path / "split.csv")


def test_missing_split_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"split\.csv: cannot be read"):
        read_split(tmp_path / "split.csv")


def test_real_twins_across_train_and_test(fer2013: Path) -> None:
    assert has_twin(load(fer2013, "test"), load(fer2013, "train")).sum() == 279


def test_real_validation_part_has_no_twin_in_train(fer2013: Path) -> None:
    train, val = train_and_val(fer2013)
    assert len(train) + len(val) == 28558
    assert not has_twin(val, train).any()
    assert np.allclose(val.counts() / (train.counts() + val.counts()), 0.1, atol=0.002)
