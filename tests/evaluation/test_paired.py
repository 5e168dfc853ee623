import numpy as np
import pytest

from mien.evaluation.metrics import figures
from mien.evaluation.paired import Difference, Outcomes, class_gains, differences, holm, mcnemar, outcomes, resampled
from tests.evaluation.samples import sample


def bools(text):
    return np.array([letter == "1" for letter in text], bool)


def test_models_that_never_differ_are_no_surprise():
    assert mcnemar(0, 0) == 1.0


def test_mcnemar_is_the_toss_of_a_coin_on_both_sides():
    assert mcnemar(1, 5) == pytest.approx(2 * (1 + 6) / 64)
    assert mcnemar(5, 1) == mcnemar(1, 5)
    assert mcnemar(0, 6) == pytest.approx(2 / 64)
    assert mcnemar(3, 3) == 1.0


def test_holm_multiplies_the_smallest_most_and_never_falls():
    assert holm([]) == []
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_outcomes_are_counted():
    assert outcomes(bools("11100"), bools("10010")) == Outcomes(1, 2, 1, 1)


def test_class_gains_are_recalls_of_the_same_pictures():
    labels = np.array([0, 0, 0, 0, 1, 1])
    calm, cross, absent = class_gains(bools("110010"), bools("101111"), labels, ["calm", "cross", "absent"])
    assert (calm.first, calm.second, calm.gain) == (0.5, 0.75, 0.25)
    assert (calm.pictures, calm.only_first, calm.only_second) == (4, 1, 2)
    assert (cross.first, cross.second, cross.gain) == (0.5, 1.0, 0.5)
    assert (absent.pictures, absent.first, absent.second, absent.gain) == (0, None, None, None)


def test_a_difference_is_clear_where_its_interval_leaves_out_zero():
    assert Difference(0.1, [0.05, 0.2]).clear and Difference(-0.1, [-0.2, -0.05]).clear
    assert not Difference(0.1, [0.0, 0.2]).clear
    assert not Difference(None, None).clear


def test_a_model_does_not_differ_from_itself_on_any_resample():
    dataset, predictions = sample()
    scores = predictions.probabilities.astype(float)
    found = differences([figures(scores, dataset.labels)] * 2, resampled([scores, scores], dataset.labels))
    assert {(each.value, *each.interval) for each in found.values()} == {(0.0, 0.0, 0.0)}


def test_the_interval_of_a_paired_difference_is_the_normal_one():
    labels = np.zeros(2000, np.int64)
    first = np.where(np.arange(2000)[:, None] < 1400, [[0.9, 0.1]], [[0.1, 0.9]])  # right on the first 1400
    second = np.where(np.arange(2000)[:, None] < 1500, [[0.9, 0.1]], [[0.1, 0.9]])  # and on 100 more
    found = differences([figures(each, labels) for each in (first, second)], resampled([first, second], labels))
    share = 100 / 2000
    width = 1.96 * np.sqrt(share * (1 - share) / 2000)
    assert found["accuracy"].value == pytest.approx(share)
    assert found["accuracy"].interval == pytest.approx([share - width, share + width], abs=0.002)
    assert found["macro_auc"] == Difference(None, None)
