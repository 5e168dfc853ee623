import keras
import numpy as np
import pytest

from mien.training.balance import logit_shift
from mien.training.loss import TargetLoss

NOTHING = np.zeros(2, np.float32)


def test_of_even_logits_it_is_the_logarithm_of_two() -> None:
    assert float(TargetLoss(NOTHING, focal=False)([[1.0, 0.0]], [[0.0, 0.0]])) == pytest.approx(np.log(2))


def test_without_answers_it_is_keras_cross_entropy_also_with_soft_targets_and_weights() -> None:
    rng = np.random.default_rng(0)
    targets, logits = rng.dirichlet(np.ones(3), 8), rng.normal(size=(8, 3))
    weights = rng.uniform(0, 2, 8)
    expected = keras.losses.CategoricalCrossentropy(from_logits=True)(targets, logits, weights)
    loss = TargetLoss(np.zeros(3, np.float32), focal=False)
    assert float(loss(targets, logits, weights)) == pytest.approx(float(expected), rel=1e-5)


def test_focal_is_the_hand_computed_one() -> None:
    # p = 0.8: -(1 - 0.8)^2 ln 0.8 = 0.04 * 0.22314
    logits = [[np.log(4.0), 0.0]]
    assert float(TargetLoss(NOTHING, focal=True)([[1.0, 0.0]], logits)) == pytest.approx(0.0089257, rel=1e-4)


def test_balanced_softmax_is_the_hand_computed_one() -> None:
    # classes of 1 and 3 pictures, even logits: the rare class gets 0.25 / (0.25 + 0.75)
    loss = TargetLoss(logit_shift("balanced-softmax", np.array([1, 3])), focal=False)
    assert float(loss([[1.0, 0.0]], [[0.0, 0.0]])) == pytest.approx(np.log(4), rel=1e-5)
