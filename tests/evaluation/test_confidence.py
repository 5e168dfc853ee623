import numpy as np
import pytest

from mien.evaluation.confidence import fit_adjustment, fit_calibration, softmax, uncertain_below
from mien.evaluation.metrics import figures


def sample(scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose softmax is right as often as it says, made ``scale`` times too sure."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1.5, (20_000, 4))
    labels = np.array([rng.choice(4, p=shares) for shares in softmax(logits)])
    return logits * scale, labels


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_too_much_or_too_little_confidence(scale: float) -> None:
    temperature, offsets = fit_calibration(*sample(scale))
    assert temperature == pytest.approx(scale, rel=0.05)
    assert np.abs(offsets).max() < 0.05


def test_the_offsets_give_back_what_was_taken_from_a_class() -> None:
    logits, labels = sample(1.0)
    temperature, offsets = fit_calibration(2 * (logits - [1.5, 0, 0, 0]), labels)
    assert temperature == pytest.approx(2, rel=0.05)
    assert offsets == pytest.approx([1.125, -0.375, -0.375, -0.375], abs=0.08)


def test_offsets_stay_at_zero_where_they_are_to() -> None:
    logits, labels = sample(1.0)
    temperature, offsets = fit_calibration(2 * (logits - [1.5, 0, 0, 0]), labels, shift=False)
    assert offsets == (0, 0, 0, 0)
    assert temperature > 1.5


@pytest.mark.parametrize(("sign", "limit"), [(-1, 10.0), (1, 0.1)])
def test_a_network_that_knows_nothing_or_all_gets_the_last_temperature_of_the_range(sign: int, limit: float) -> None:
    labels = np.arange(100) % 4
    logits = sign * np.eye(4)[labels]
    temperature, _ = fit_calibration(logits, labels, shift=False)
    assert temperature == pytest.approx(limit)
    assert 0.1 <= temperature <= 10


def test_a_handful_of_pictures_moves_the_offsets_little() -> None:
    offsets = fit_calibration(np.zeros((3, 4)), np.array([0, 0, 0]))[1]
    assert 0 < offsets[0] < 1


def test_softmax_of_huge_logits_is_finite() -> None:
    assert np.allclose(softmax(np.array([[1e4, 0.0], [0.0, 0.0]])), [[1, 0], [0.5, 0.5]])


def test_under_the_threshold_fewer_than_half_are_right_and_over_it_more() -> None:
    logits, labels = sample(1.0)
    shares = softmax(logits)
    threshold = uncertain_below(shares, labels)
    under, right = shares.max(1) < threshold, shares.argmax(1) == labels
    assert threshold == pytest.approx(0.5, abs=0.04)  # the sample's confidence is the share that is right
    assert right[under].mean() < 0.5 < right[~under].mean()


def test_a_network_that_is_always_right_is_never_uncertain() -> None:
    assert uncertain_below(np.array([[0.6, 0.4], [0.9, 0.1]]), np.array([0, 0])) == 0


def test_rare_classes_are_favoured_only_as_far_as_it_costs_nothing() -> None:
    rng = np.random.default_rng(0)
    counts = np.array([900, 100])
    labels = rng.choice(2, 5000, p=counts / counts.sum())
    scores = rng.normal(2.5 * labels - 1.25, 1)  # of a network that knows nothing of the shares: too many of the rarer
    knowing = softmax(np.stack([-scores, scores], axis=1) * 1.25 + np.log(counts))
    found = fit_adjustment(knowing, labels, counts)
    assert found.sum() == pytest.approx(0)
    before, after = (figures(softmax(np.log(knowing) + extra), labels) for extra in (np.zeros(2), found))
    assert found[1] > 0
    assert after["balanced_accuracy"] > before["balanced_accuracy"]
    assert after["accuracy"] >= before["accuracy"] - 0.002
    assert not fit_adjustment(np.eye(2)[labels] * 0.98 + 0.01, labels, counts).any()  # nothing to gain


def test_the_weakest_adjustment_that_helps_is_taken() -> None:
    counts = np.array([900, 100])  # shares 0.9 and 0.1: rarity -log 3 and log 3 about their mean
    common, rare = [0.999, 0.001], [0.6, 0.4]  # the rarer class lacks log 1.5 = 0.405 = tau 2 log 3: tau 0.185, so 0.2
    probabilities = np.array([common] * 9 + [rare])
    found = fit_adjustment(probabilities, np.array([0] * 9 + [1]), counts)
    assert found == pytest.approx([-0.2197, 0.2197], abs=1e-4)
