import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from mien.training.balance import class_weights


def test_none_weighs_all_classes_alike() -> None:
    assert class_weights("none", np.array([1, 9])).tolist() == [1, 1]


def test_class_weights_are_the_hand_computed_ones() -> None:
    # N = 40, two classes: 40 / (2 * 10) = 2 and 40 / (2 * 30) = 2/3.
    assert np.allclose(class_weights("class-weights", np.array([10, 30])), [2, 2 / 3])


def test_class_weights_agree_with_scikit_learn_and_weigh_a_picture_one_in_the_mean() -> None:
    counts = np.array([3995, 436, 4097, 7215, 4965, 4830, 3171])
    labels = np.repeat(np.arange(7), counts)
    weights = class_weights("class-weights", counts)
    assert np.allclose(weights, compute_class_weight("balanced", classes=np.arange(7), y=labels))
    assert np.isclose((weights * counts).sum() / counts.sum(), 1)
