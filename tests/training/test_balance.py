import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from mien.training.balance import (
    AFTER,
    BALANCES,
    CHOICES,
    adjusts_after,
    class_weights,
    drawn,
    in_training,
    logit_shift,
    shifts_shares,
    strength,
)


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


def test_the_effective_number_is_the_hand_computed_one() -> None:
    # (1 - 0.999) / (1 - 0.999^1) = 1 and (1 - 0.999) / (1 - 0.999^2) = 0.50025; scaled so that 1 w_1 + 2 w_2 = 3.
    weights = class_weights("effective-number", np.array([1, 2]))
    assert weights[0] / weights[1] == pytest.approx(1.999, abs=1e-4)
    assert weights[0] + 2 * weights[1] == pytest.approx(3)


def test_large_classes_weigh_nearly_the_same_by_their_effective_number() -> None:
    weights = class_weights("effective-number", np.array([436, 4000, 7000]))
    assert weights[1] / weights[2] == pytest.approx(1.017, abs=0.002)
    assert weights[0] / weights[2] == pytest.approx(2.83, abs=0.01)


LABELS = np.repeat([0, 1], [900, 9100])


def share(balance: str) -> float:
    rows = drawn(balance, LABELS, np.bincount(LABELS), np.random.default_rng(0))
    assert len(rows) == len(LABELS)
    return float((LABELS[rows] == 0).mean())


def test_samplers_draw_classes_as_told() -> None:
    assert share("balanced-sampler") == pytest.approx(0.5, abs=0.02)
    # sqrt(900) = 30 against sqrt(9100) = 95.4
    assert share("sqrt-sampler") == pytest.approx(30 / 125.4, abs=0.02)
    assert share("rare-augment") == pytest.approx(30 / 125.4, abs=0.02)


@pytest.mark.parametrize("balance", [name for name in BALANCES if "sampler" not in name and name != "rare-augment"])
def test_without_a_sampler_every_picture_comes_once(balance: str) -> None:
    rows = drawn(balance, LABELS, np.bincount(LABELS), np.random.default_rng(0))
    assert np.array_equal(np.sort(rows), np.arange(len(LABELS)))


def test_balanced_softmax_adds_the_logarithm_of_the_shares() -> None:
    assert np.allclose(logit_shift("balanced-softmax", np.array([1, 3])), np.log([0.25, 0.75]))
    assert not logit_shift("none", np.array([1, 3])).any()


def test_rare_augment_varies_the_rarest_half_as_much_again() -> None:
    assert np.allclose(strength("rare-augment", np.array([10, 100, 1000])), [1.5, 1.25, 1])
    assert strength("rare-augment", np.array([5, 5])).tolist() == [1, 1]
    assert strength("none", np.array([1, 9])).tolist() == [1, 1]


@pytest.mark.parametrize("balance", [name for name in CHOICES if name not in BALANCES])
def test_logit_adjustment_after_an_answer_changes_nothing_in_training(balance: str) -> None:
    counts, plain = np.array([900, 9100]), in_training(balance)
    assert balance == f"{plain}+{AFTER}"
    for answer in (class_weights, logit_shift, strength):
        assert np.array_equal(answer(balance, counts), answer(plain, counts))
    one, other = (drawn(name, LABELS, counts, np.random.default_rng(0)) for name in (balance, plain))
    assert np.array_equal(one, other)
    assert adjusts_after(balance)
    assert not adjusts_after(plain)
    assert not shifts_shares(balance)


def test_answers_that_shift_the_shares_are_those_that_train_for_rare_classes() -> None:
    assert [name for name in BALANCES if not shifts_shares(name)] == ["none", "focal", "logit-adjustment"]
