import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from mien.audit.check import check
from mien.errors import DataError
from tests.data.building import make_folder, row, write_csv, write_picture


def test_empty_folder_is_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no split 'train'; expected DIR/train/<class>/"):
        check(tmp_path)


def test_missing_source_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        check(tmp_path / "nowhere")


def test_sound_data_has_no_obstacle(tmp_path: Path) -> None:
    report = check(make_folder(tmp_path, {"train/a": 8, "train/b": 2, "test/a": 1, "test/b": 1}))
    assert report.obstacle is None
    assert report.splits[0].counts == {"a": 8, "b": 2}
    assert report.splits[0].imbalance == 4.0
    assert report.shared == {("train", "test"): 0}
    assert report.contradictions == ()
    assert report.votes is None


@pytest.mark.parametrize(("count", "amount"), [(0, "no pictures"), (1, "one picture")])
def test_poor_class_is_reported_as_the_obstacle(tmp_path: Path, count: int, amount: str) -> None:
    report = check(make_folder(tmp_path, {"train/a": 3, "train/b": count, "test/a": 1}))
    assert report.splits[0].counts["b"] == count
    assert report.obstacle is not None
    assert f"class 'b' has {amount} in train" in report.obstacle


def test_missing_train_is_the_obstacle(tmp_path: Path) -> None:
    report = check(make_folder(tmp_path, {"test/a": 3}))
    assert report.obstacle is not None
    assert "has no split 'train' to train on; it has test" in report.obstacle


def test_broken_split_is_reported_beside_the_others(tmp_path: Path) -> None:
    report = check(make_folder(tmp_path, {"train/a": 3, "train/b": 3, "test": 0}))
    assert report.obstacle is None
    assert [split.split for split in report.splits] == ["train"]
    assert "has no class folders" in report.broken[0]


def test_broken_and_blank_pictures_are_named(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 3, "train/b": 3})
    (tmp_path / "train" / "a" / "x.png").touch()
    blank = cv2.imencode(".png", np.zeros((48, 48), np.uint8))[1].tobytes()
    (tmp_path / "train" / "b" / "black.png").write_bytes(blank)
    (train,) = check(tmp_path).splits
    assert train.unreadable[0].startswith("train/a/x.png: is empty")
    assert train.blank == ("train/b/black.png",)


def test_twins_and_their_contradictions_are_found(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 3, "train/b": 3, "test/a": 1, "test/b": 1})
    write_picture(tmp_path / "train" / "a" / "same.png", 0)
    write_picture(tmp_path / "test" / "b" / "other.png", 1)
    report = check(tmp_path)
    assert report.splits[0].twins == 1
    assert report.shared == {("train", "test"): 1}
    assert report.contradictions == (("train/a/train-a-1.png (a)", "test/b/other.png (b)"),)


def test_votes_are_compared_with_labels(tmp_path: Path) -> None:
    data = make_folder(tmp_path / "data", {"train/angry": 2, "train/happy": 2})
    votes = tmp_path / "votes.csv"
    votes.write_text("image,anger,happiness\ntrain-angry-0.png,3,3\ntrain-angry-1.png,1,3\ntrain-happy-0,0,9\n")
    report = check(data, votes=votes).votes
    assert report is not None
    assert (report.joined, report.pictures) == (3, 4)
    assert report.agreement == pytest.approx(2 / 3)


def test_votes_on_other_pictures_join_to_nothing(tmp_path: Path) -> None:
    data = make_folder(tmp_path / "data", {"train/angry": 2, "train/happy": 2})
    (tmp_path / "votes.csv").write_text("image,anger,happiness\nz.png,3,3\n")
    report = check(data, votes=tmp_path / "votes.csv").votes
    assert report is not None
    assert (report.joined, report.agreement) == (0, None)


def test_table_is_checked_like_a_folder(tmp_path: Path) -> None:
    rows = [row(0, 0), row(0, 1), row(3, 2), row(3, 3), row(3, 0, "PublicTest"), ("9", "1", "Training")]
    report = check(write_csv(tmp_path / "fer.csv", rows))
    assert report.obstacle is None
    assert [split.split for split in report.splits] == ["train", "test"]
    assert report.contradictions == (("row0000000 (angry)", "row0000004 (happy)"),)
    assert len(report.splits[0].unreadable) == 1


def test_report_becomes_json(tmp_path: Path) -> None:
    report = check(make_folder(tmp_path, {"train/a": 3, "train/b": 3, "test/a": 1}))
    values = json.loads(json.dumps(report.to_dict()))
    assert values["shared"] == [{"splits": ["train", "test"], "twins": 0}]
    assert values["splits"][0]["counts"] == {"a": 3, "b": 3}
    assert values["splits"][1]["imbalance"] is None


def test_real_data_is_reported(fer2013: Path, real_data: Path) -> None:
    report = check(fer2013, votes=real_data / "ferplus-votes.csv")
    assert report.obstacle is None
    assert report.shared == {("train", "test"): 279}
    assert report.votes is not None
    assert report.votes.joined == report.votes.pictures == 32137
