import math

import pytest

from mien.errors import RunError
from mien.evaluation.history import best_row, curve, read_history


def test_no_epochs_have_no_best():
    assert best_row([]) is None


def test_empty_file_has_no_rows(tmp_path):
    (tmp_path / "history.csv").write_text("epoch,loss\n")
    assert read_history(tmp_path / "history.csv") == []


def test_empty_cells_are_nan(tmp_path):
    (tmp_path / "history.csv").write_text("epoch,loss\n1,\n2,0.5\n")
    rows = read_history(tmp_path / "history.csv")
    assert math.isnan(rows[0]["loss"])
    assert curve(rows, "loss") == ([2.0], [0.5])


def test_broken_file_is_named(tmp_path):
    (tmp_path / "history.csv").write_text("epoch,loss\n1,low\n")
    with pytest.raises(RunError, match=r"history.csv: cannot be read as one row of numbers an epoch"):
        read_history(tmp_path / "history.csv")


def test_best_is_the_lowest_validation_loss():
    assert (
        best_row([{"epoch": 1, "val_loss": 2.0}, {"epoch": 2, "val_loss": math.nan}, {"epoch": 3, "val_loss": 1.0}])[
            "epoch"
        ]
        == 3
    )


def test_mark_wins_over_the_lowest_loss():
    assert best_row([{"epoch": 1, "val_loss": 1.0}, {"epoch": 2, "val_loss": 2.0, "best": 1}])["epoch"] == 2
