"""What votes lead one to expect of the label."""

import numpy as np
import pytest

from mien.training.crowd import expected_labels

RNG = np.random.default_rng(0)


def votes_of(labels, classes=3, agree=0.6):
    """Ten votes a picture, of which the label gets a share by chance and the others the rest."""
    chances = np.full((len(labels), classes), (1 - agree) / (classes - 1))
    chances[np.arange(len(labels)), labels] = agree
    return np.stack([RNG.multinomial(10, row) for row in chances]).astype(np.float32) / 10


def test_probabilities_of_every_class():
    labels = RNG.integers(0, 3, 300)
    expected = expected_labels(votes_of(labels), labels)
    assert expected.shape == (300, 3)
    assert expected.dtype == np.float32
    np.testing.assert_allclose(expected.sum(axis=1), 1, atol=1e-5)
    assert (expected.argmax(axis=1) == labels).mean() > 0.8


def test_votes_that_mean_another_label_are_translated():
    labels = np.arange(300) % 3
    expected = expected_labels(np.roll(votes_of(labels, agree=0.9), 1, axis=1), labels)
    assert (expected.argmax(axis=1) == labels).mean() > 0.9


def test_without_votes_the_shares_of_the_labels_are_expected():
    labels = np.repeat([0, 1, 2], [180, 90, 30])
    votes = votes_of(labels)
    votes[::3] = 0
    expected = expected_labels(votes, labels)[::3]
    assert np.ptp(expected, axis=0).max() == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(expected[0], [0.6, 0.3, 0.1], atol=0.05)


def test_single_pictures_are_not_learned():
    labels = RNG.integers(0, 3, 600)
    expected = expected_labels(np.full((600, 3), 1 / 3, np.float32), labels)
    np.testing.assert_allclose(expected, expected[:1].repeat(600, axis=0), atol=1e-6)
