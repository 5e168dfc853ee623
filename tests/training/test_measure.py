import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mien.training.measure import SoftmaxAUC


def test_nothing_seen_is_zero() -> None:
    assert float(SoftmaxAUC(3).result()) == 0


def test_it_agrees_with_scikit_learn_over_several_batches() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 600)
    logits = rng.normal(0, 1, (600, 4)) + 1.5 * np.eye(4)[labels]
    metric = SoftmaxAUC(4)
    for rows in np.split(np.arange(600), 6):
        metric.update_state(np.eye(4)[labels[rows]], logits[rows])
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    assert float(metric.result()) == pytest.approx(roc_auc_score(labels, shares, multi_class="ovr"), abs=2e-3)


def test_smoothed_and_blended_targets_count_as_their_largest_class() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 200)
    logits = rng.normal(0, 1, (200, 4)) + 1.5 * np.eye(4)[labels]
    hard, soft = SoftmaxAUC(4), SoftmaxAUC(4)
    hard.update_state(np.eye(4)[labels], logits)
    soft.update_state(0.6 * np.eye(4)[labels] + 0.1, logits)
    assert float(soft.result()) == pytest.approx(float(hard.result()))


def test_a_class_without_a_picture_is_left_out() -> None:
    metric = SoftmaxAUC(3)
    metric.update_state([[1, 0, 0], [0, 1, 0]], [[3.0, 0, 0], [0, 3.0, 0]])
    assert float(metric.result()) == 1
