import numpy as np
import pytest

from mien.evaluation.intervals import (
    class_intervals,
    intervals,
    percentile_interval,
    resampled_figures,
    resamples,
    share_interval,
)
from mien.evaluation.metrics import HEADLINE, figures
from tests.evaluation.samples import sample


def test_no_pictures_have_no_intervals():
    assert intervals(np.empty((0, 3)), np.empty(0, np.int64)) == dict.fromkeys(HEADLINE)


def rounded_sample():
    dataset, predictions = sample(150)
    return np.round(predictions.probabilities.astype(float), 1), dataset.labels  # rounding makes ties


def test_every_picture_once_gives_the_figures_themselves():
    scores, labels = rounded_sample()
    found = resampled_figures(scores, labels, np.ones((1, len(labels))))
    expected = figures(scores, labels)
    assert {name: found[name][0] for name in HEADLINE} == pytest.approx({name: expected[name] for name in HEADLINE})


def test_a_resample_gives_the_figures_of_the_pictures_drawn():
    scores, labels = rounded_sample()
    drawn = np.random.default_rng(1).integers(0, len(labels), len(labels))
    counts = np.bincount(drawn, minlength=len(labels)).astype(float)
    found = resampled_figures(scores, labels, counts[None])
    expected = figures(scores[drawn], labels[drawn])
    assert {name: found[name][0] for name in HEADLINE} == pytest.approx({name: expected[name] for name in HEADLINE})


def test_intervals_hold_the_figure_and_are_the_same_each_time():
    dataset, predictions = sample(300)
    found = intervals(predictions.probabilities, dataset.labels)
    point = figures(predictions.probabilities, dataset.labels)
    for name in ("accuracy", "balanced_accuracy", "macro_f1", "macro_auc", "log_loss", "brier"):
        low, high = found[name]
        assert low < point[name] < high
    assert found == intervals(predictions.probabilities, dataset.labels)


def test_accuracy_interval_is_the_binomial_one():
    right = np.arange(1000) < 700
    scores = np.where(right[:, None], [[0.9, 0.1]], [[0.1, 0.9]])
    low, high = intervals(scores, np.zeros(1000, np.int64))["accuracy"]
    width = 1.96 * np.sqrt(0.7 * 0.3 / 1000)
    assert (low, high) == pytest.approx((0.7 - width, 0.7 + width), abs=0.005)


def test_undefined_figure_has_no_interval():
    assert intervals(np.array([[0.9, 0.1]]), np.array([0]))["macro_auc"] is None


def test_more_pictures_than_fit_at_once_are_drawn_in_parts(monkeypatch):
    dataset, predictions = sample(30)
    monkeypatch.setattr("mien.evaluation.intervals._CELLS", 30 * 7)
    assert intervals(predictions.probabilities, dataset.labels)["accuracy"] is not None


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert share_interval(0, 10) == pytest.approx([0, 0.27753], abs=1e-4)
    assert share_interval(5, 10) == pytest.approx([0.23659, 0.76341], abs=1e-4)
    assert share_interval(10, 10) == pytest.approx([0.72247, 1], abs=1e-4)
    assert share_interval(0, 0) is None


def test_each_class_has_the_intervals_of_its_recall_and_precision() -> None:
    found = class_intervals(np.array([[5, 5], [0, 0]]), ["a", "b"])
    assert found["a"] == {"precision": share_interval(5, 5), "recall": share_interval(5, 10)}
    assert found["b"] == {"precision": share_interval(0, 5), "recall": None}


def test_resamples_are_a_thousand_of_n_pictures_and_the_same_each_time() -> None:
    (first,), (again,) = resamples(30), resamples(30)
    assert first.shape == (1000, 30) and set(first.sum(axis=1)) == {30}
    assert (first == again).all()


def test_undefined_values_do_not_count_in_an_interval() -> None:
    assert percentile_interval(np.array([np.nan, 1.0, 1.0])) == [1.0, 1.0]
    assert percentile_interval(np.array([np.nan])) is None
