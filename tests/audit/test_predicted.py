from pathlib import Path

import numpy as np
import pytest

from mien.audit.audit import audit
from mien.audit.predicted import read_predictions
from mien.errors import DataError
from tests.audit.pictures import pictures, smooth
from tests.data.building import make_folder

GIVEN = pictures([smooth(seed) for seed in range(4)], labels=["happy", "sad", "happy", "sad"])
HEAD = "file,label,predicted,confidence,"


def written(path: Path, *rows: str, classes: str = "sad,happy") -> Path:
    path.write_text("\n".join([HEAD + classes, *rows]) + "\n")
    return path


def test_predictions_are_joined_by_name(tmp_path: Path) -> None:
    path = written(tmp_path / "p.csv", "3,sad,sad,0.9,0.9,0.1", "elsewhere,sad,sad,1,1,0", "0,happy,sad,0.6,0.6,0.4")
    rows, probabilities = read_predictions(GIVEN, np.array([0, 1, 3]), [path])
    assert rows.tolist() == [0, 3]
    assert probabilities == pytest.approx(np.array([[0.4, 0.6], [0.1, 0.9]]))  # happy, sad


def test_of_several_predictions_the_mean_counts(tmp_path: Path) -> None:
    one = written(tmp_path / "1.csv", "0,happy,happy,1,0,1")
    other = written(tmp_path / "2.csv", "0,happy,sad,0.5,0.5,0.5", "1,sad,sad,1,1,0")
    rows, probabilities = read_predictions(GIVEN, np.arange(4), [one, other])
    assert rows.tolist() == [0, 1]
    assert probabilities == pytest.approx(np.array([[0.75, 0.25], [0, 1]]))


def test_other_spellings_and_further_classes_are_fine(tmp_path: Path) -> None:
    path = written(tmp_path / "p.csv", "0,happy,sad,0.6,0.6,0.3,0.1", classes="sadness,happiness,fear")
    _, probabilities = read_predictions(GIVEN, np.arange(4), [path])
    assert probabilities == pytest.approx(np.array([[0.3, 0.6]]))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no table of predictions; expected a predictions.csv that mien evaluate wrote"),
        ("file,split\n", "is no table of predictions"),
        (f"{HEAD}happy\n", "lacks the class 'sad' of the data"),
        (f"{HEAD}sad,happy\n0,sad,sad,1,nan,0\n", "the row '0,sad,sad,1,nan,0' has no probabilities of 2 classes"),
        (f"{HEAD}sad,happy\n0,sad,sad,1,0.5,0.1\n", "has no probabilities of 2 classes"),
        (f"{HEAD}sad,happy\n0,sad\n", "has no probabilities of 2 classes"),
        (f"{HEAD}sad,happy\nother,sad,sad,1,1,0\n", "names no picture of the data"),
        (f"{HEAD}sad,happy\n", "names no picture of the data"),
    ],
)
def test_what_is_no_file_of_these_predictions_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "p.csv").write_text(text)
    with pytest.raises(DataError, match=rf"p\.csv: .*{told}"):
        read_predictions(GIVEN, np.arange(4), [tmp_path / "p.csv"])


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"p\.csv: cannot be read"):
        read_predictions(GIVEN, np.arange(4), [tmp_path / "p.csv"])


def test_an_audit_doubts_labels_by_predictions(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "data", {"train/a": 3, "train/b": 3})
    sure = [
        f"train/{name}/train-{name}-{number}.png,{name},{name},0.9,{p}"
        for name, p in (("a", "0.9,0.1"), ("b", "0.1,0.9"))
        for number in range(2)
    ]
    path = written(tmp_path / "p.csv", *sure, "train/b/train-b-2.png,b,a,0.95,0.95,0.05", classes="a,b")
    found = audit(folder, predictions=[path])
    assert [(each.kind, each.file, each.score) for each in found.findings] == [("label", "train/b/train-b-2.png", 0.9)]
    assert any("by predictions of 5 of 6 pictures" in note for note in found.notes)
    assert "label" not in found.skipped
    with pytest.raises(DataError, match=r"both a model \(bundled\) and predictions \(.*give one of them"):
        audit(folder, model="bundled", predictions=[path])
