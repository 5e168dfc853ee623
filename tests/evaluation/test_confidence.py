import numpy as np
import pytest

from mien.evaluation.confidence import fit_calibration, softmax, uncertain_below


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
