import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, log_loss, roc_auc_score

from mien.evaluation.metrics import HEADLINE, average_precision, confusion, figures, per_class, squared_error
from tests.evaluation.samples import sample


def test_no_pictures_have_no_figures():
    assert figures(np.empty((0, 3), np.float32), np.empty(0, np.int64)) == {**dict.fromkeys(HEADLINE), "n": 0}


def test_figures_are_those_of_scikit_learn():
    dataset, predictions = sample(200)
    labels, scores = dataset.labels, predictions.probabilities.astype(float)
    predicted = scores.argmax(axis=1)
    areas = [roc_auc_score(labels == column, scores[:, column]) for column in range(3)]
    found = figures(predictions.probabilities, labels)
    assert found["accuracy"] == pytest.approx(accuracy_score(labels, predicted))
    assert found["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(labels, predicted))
    assert found["macro_f1"] == pytest.approx(f1_score(labels, predicted, average="macro"))
    assert found["macro_auc"] == pytest.approx(np.mean(areas))
    assert found["log_loss"] == pytest.approx(log_loss(labels, scores / scores.sum(axis=1, keepdims=True)))
    assert found["n"] == 200


def test_perfect_predictions():
    found = figures(np.eye(3, dtype=np.float32), np.arange(3))
    assert found == {
        "accuracy": 1.0,
        "balanced_accuracy": 1.0,
        "macro_f1": 1.0,
        "macro_auc": 1.0,
        "ece": 0.0,
        "log_loss": 0.0,
        "brier": 0.0,
        "n": 3,
    }


def test_certain_and_wrong_is_a_finite_loss():
    loss = figures(np.array([[1.0, 0.0]], np.float32), np.array([1]))["log_loss"]
    assert loss is not None and 10 < loss < 20


def test_class_without_pictures_is_left_out_of_averages():
    scores = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.2, 0.7]])
    found = figures(scores, np.array([0, 1, 1]))
    assert found["balanced_accuracy"] == pytest.approx((1 + 0.5) / 2)
    assert found["macro_f1"] == pytest.approx((1 + 2 / 3) / 2)
    assert found["macro_auc"] == 1.0
    row = per_class(scores, np.array([0, 1, 1]), "abc")["c"]
    assert row == {"precision": 0.0, "recall": None, "f1": None, "auc": None, "average_precision": None, "support": 0}


def test_auc_of_a_single_class_is_undefined():
    assert figures(np.array([[0.8, 0.2]]), np.array([0]))["macro_auc"] is None


def test_class_that_is_never_predicted_has_no_precision():
    row = per_class(np.array([[0.9, 0.1], [0.8, 0.2]]), np.array([0, 1]), "ab")["b"]
    assert row == {"precision": None, "recall": 0.0, "f1": 0.0, "auc": 1.0, "average_precision": 1.0, "support": 1}


def test_brier_score_by_hand():
    scores, labels = np.array([[0.7, 0.2, 0.1], [0.5, 0.5, 0.0]]), np.array([0, 2])
    assert squared_error(scores, labels) == pytest.approx([0.09 + 0.04 + 0.01, 0.25 + 0.25 + 1])
    assert figures(scores, labels)["brier"] == pytest.approx((0.14 + 1.5) / 2)


def test_brier_score_of_sure_and_wrong_is_two():
    assert figures(np.array([[1.0, 0.0]], np.float32), np.array([1]))["brier"] == 2


def test_average_precision_by_hand():
    # In order of scores: right, wrong, right; precision 1 at half the recall, 2/3 at all of it.
    found = average_precision(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]))
    assert found == pytest.approx((1 + 2 / 3) / 2)


def test_rows_of_the_confusion_matrix_are_the_truth():
    scores = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    assert confusion(scores, np.array([0, 1, 1])).tolist() == [[1, 0], [1, 1]]
