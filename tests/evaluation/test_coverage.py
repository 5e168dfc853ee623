import numpy as np
import pytest

from mien.evaluation.coverage import TENTHS, accuracies, answered, coverage
from tests.evaluation.samples import sample

# Right, right, wrong, wrong in order of confidence.
FOUR = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]]), np.array([0, 0, 1, 1])


def test_no_pictures_have_no_accuracy():
    found = coverage(np.empty((0, 3)), np.empty(0, np.int64), 0.5)
    assert set(found["accuracy"].values()) == {None}
    assert found["uncertain"] == {
        "uncertain_below": 0.5,
        "coverage": None,
        "accuracy_certain": None,
        "accuracy_uncertain": None,
    }


def test_one_picture_is_every_share():
    found = coverage(np.array([[0.9, 0.1]]), np.array([0]), None)
    assert found == {"accuracy": {f"{share:.1f}": 1.0 for share in TENTHS}, "uncertain": None}


def test_the_most_confident_are_answered_first():
    assert accuracies(*FOUR) == pytest.approx([1, 1, 2 / 3, 1 / 2])
    assert accuracies(FOUR[0][::-1], FOUR[1][::-1]) == pytest.approx([1, 1, 2 / 3, 1 / 2])


def test_the_order_of_equally_confident_pictures_does_not_matter():
    same = np.array([[0.8, 0.2], [0.8, 0.2]])
    assert accuracies(same, np.array([0, 1])) == pytest.approx([0.5, 0.5])
    assert accuracies(same, np.array([1, 0])) == pytest.approx([0.5, 0.5])


def test_all_pictures_give_the_accuracy_itself():
    dataset, predictions = sample(75)
    right = predictions.probabilities.argmax(axis=1) == dataset.labels
    assert coverage(predictions.probabilities, dataset.labels, None)["accuracy"]["1.0"] == pytest.approx(right.mean())


@pytest.mark.parametrize(("share", "n", "expected"), [(0.1, 1, 1), (0.1, 25, 3), (0.3, 10, 3), (0.7, 10, 7), (1, 7, 7)])
def test_shares_are_rounded_up_but_for_noise(share, n, expected):
    assert answered(share, n) == expected


def test_what_uncertain_buys():
    assert coverage(*FOUR, 0.75)["uncertain"] == {
        "uncertain_below": 0.75,
        "coverage": 0.5,
        "accuracy_certain": 1.0,
        "accuracy_uncertain": 0.0,
    }


@pytest.mark.parametrize(("threshold", "share"), [(0.0, 1.0), (0.6, 1.0), (1.0, 0.0)])
def test_threshold_that_parts_nothing(threshold, share):
    found = coverage(*FOUR, threshold)["uncertain"]
    assert found["coverage"] == share
    assert (found["accuracy_uncertain"] is None, found["accuracy_certain"] is None) == (share == 1, share == 0)


def test_confidence_is_compared_as_the_detector_compares_it():
    row = np.array([[0.49, 0.48, 0.03]], np.float32)  # float32 puts 0.49 above or below the threshold
    certain = not max(row.tolist()[0]) < 0.49
    assert coverage(row, np.array([0]), 0.49)["uncertain"]["coverage"] == float(certain)
