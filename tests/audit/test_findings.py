from pathlib import Path

import numpy as np

from mien.audit.findings import KINDS, gather, robust_scores
from mien.data.load import read
from tests.audit.pictures import pictures, smooth
from tests.data.building import make_folder, row, write_csv


def test_no_values_have_no_scores() -> None:
    assert robust_scores(np.zeros(0)).shape == (0,)


def test_equal_values_are_no_outliers() -> None:
    assert robust_scores(np.array([5.0, 5, 5, 9])).tolist() == [0, 0, 0, 0]


def test_an_outlier_does_not_hide_itself() -> None:
    scores = robust_scores(np.array([1.0, 2, 3, 4, 1000]))
    assert abs(scores[2]) < 1e-9
    assert scores[4] > 100


def test_a_finding_takes_names_split_and_label_from_its_picture() -> None:
    found = pictures([smooth(0), smooth(1)], labels=["a", "b"], splits=["test", "train"]).finding(1, "twin", partner=0)
    assert (found.file, found.split, found.label, found.partner, found.score) == ("1", "train", "b", "0", None)


def test_a_pair_says_whether_it_is_equal_or_near() -> None:
    given = pictures([smooth(0), smooth(1)])
    assert given.finding(0, "blank").pair == "0"
    assert given.finding(0, "twin", partner=1).pair == "0 = 1"
    assert given.finding(0, "near-duplicate", partner=1).pair == "0 ≈ 1"


def test_test_pictures_come_first(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/a": 2, "val/a": 1, "test/b": 1})
    found = gather({split: read(tmp_path, split) for split in ("train", "val", "test")})
    assert found.splits == ("test", "val", "train", "train")
    assert found.labels == ("b", "a", "a", "a")
    assert found.sides.tolist() == [48] * 4


def test_rows_of_a_table_have_no_side(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "fer.csv", [row(0, 0), row(3, 1)])
    assert gather({"train": read(table, "train")}).sides.tolist() == [0, 0]


def test_every_kind_has_a_rule() -> None:
    assert all(rule and not rule.endswith(".") for rule in KINDS.values())
