from pathlib import Path

import numpy as np
import pytest

from mien.audit.confident import ask, doubtful_labels, doubts, seen_before
from mien.data.load import read
from mien.errors import ModelError
from mien.model.classify import Classifier
from tests.audit.pictures import pictures, smooth
from tests.conftest import make_model
from tests.data.building import make_folder

PROBABILITIES = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.95, 0.05]], np.float32)


def test_no_labels_are_no_doubts() -> None:
    assert doubts(np.zeros((0, 2), np.float32), np.zeros(0, np.int64)) == []


def test_a_label_against_a_confident_model_is_doubted() -> None:
    assert doubts(PROBABILITIES, np.array([0, 0, 1, 1])) == [(3, 0, 0.9)]


def test_right_labels_are_not_doubted() -> None:
    assert doubts(PROBABILITIES, np.array([0, 0, 1, 0])) == []


def test_each_class_has_its_own_threshold() -> None:
    unsure = np.array([[0.55, 0.45], [0.56, 0.44], [0.54, 0.46], [0.2, 0.8], [0.1, 0.9]], np.float32)
    assert [row for row, _, _ in doubts(unsure, np.array([0, 0, 1, 1, 1]))] == []  # 0.54 is under class 0's 0.555
    assert [row for row, _, _ in doubts(unsure, np.array([0, 1, 0, 1, 1]))] == [1]


def test_the_most_doubtful_comes_first() -> None:
    probabilities = np.array([[0.6, 0.4], [0.7, 0.3], [0.99, 0.01], [0.4, 0.6]], np.float32)
    found = doubts(probabilities, np.array([0, 1, 1, 1]))
    assert [row for row, _, _ in found] == [2, 1]


def test_doubts_become_findings(tmp_path: Path) -> None:
    classifier = Classifier(make_model(tmp_path / "model.onnx", labels=("a", "b", "c")))
    images = [smooth(seed) for seed in range(40)]
    guesses = classifier(np.stack(images)).argmax(axis=1)
    given = pictures(images, labels=["ab"[guess % 2] for guess in guesses])
    found = doubtful_labels(given, np.arange(40), ask(given, np.arange(40), classifier))
    assert all(finding.kind == "label" and "the model says" in finding.note for finding in found)


def test_a_model_of_other_classes_is_refused(model: Path) -> None:
    with pytest.raises(ModelError, match="does not know the class 'a' of the data"):
        ask(pictures([smooth(0)]), np.arange(1), Classifier(model))


def test_a_model_of_these_very_pictures_is_recognised(tmp_path: Path) -> None:
    train = read(make_folder(tmp_path / "data", {"train/a": 2, "train/b": 2}), "train")
    file = make_model(tmp_path / "model.onnx", labels=("a", "b"), data=train.fingerprint())
    assert "was trained on these very train pictures" in seen_before(file, Classifier(file), train)


def test_a_run_says_which_pictures_it_learned(tmp_path: Path) -> None:
    train = read(make_folder(tmp_path / "data", {"train/a": 2, "train/b": 2}), "train")
    make_model(tmp_path / "model.onnx", labels=("a", "b"))
    (tmp_path / "split.csv").write_text(f"file,split\n{train.names[0]},train\n{train.names[1]},val\n")
    assert "on 1 of 4" in seen_before(tmp_path, Classifier(tmp_path), train)


def test_an_unknown_model_may_have_seen_them(model: Path) -> None:
    assert "may have been trained" in seen_before(model, Classifier(model), None)
    assert "the bundled model was trained on FER2013" in seen_before("bundled", Classifier("bundled"), None)
