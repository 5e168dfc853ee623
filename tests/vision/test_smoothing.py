"""Smoothing: noise does not change a label, a change does."""

from itertools import pairwise

import numpy as np
import pytest

from mien.vision.smoothing import Row, Smoother


def row(*values: float) -> Row:
    return np.asarray(values, np.float32)


def test_the_first_sight_is_as_it_is():
    np.testing.assert_array_equal(Smoother()(1, 3.0, row(0.2, 0.8)), row(0.2, 0.8))


def test_probabilities_still_sum_to_one():
    smooth, rng = Smoother(), np.random.default_rng(0)
    for number in range(100):
        shown = smooth(1, number / 25, rng.dirichlet(np.ones(7)).astype(np.float32))
        assert shown.sum() == pytest.approx(1, abs=1e-5)
        assert shown.dtype == np.float32


def test_what_stays_is_reached():
    smooth = Smoother()
    smooth(1, 0.0, row(0.9, 0.1))
    for number in range(1, 200):
        shown = smooth(1, number / 25, row(0.1, 0.9))
    np.testing.assert_allclose(shown, row(0.1, 0.9), atol=1e-3)


@pytest.mark.parametrize("rate", [5, 25, 60])
def test_a_change_takes_the_same_time_at_any_frame_rate(rate: int):
    smooth = Smoother()
    smooth(1, 0.0, row(1, 0))
    changed = next(n / rate for n in range(1, 600) if smooth(1, n / rate, row(0, 1)).argmax() == 1)
    assert changed == pytest.approx(0.4, abs=0.21)


def test_a_lead_that_is_small_does_not_change_the_label():
    smooth = Smoother()
    labels = [int(smooth(1, n / 25, row(0.5 + d, 0.5 - d)).argmax()) for n in range(100) for d in (0.04 * (-1) ** n,)]
    assert set(labels) == {0}


def test_noise_changes_labels_less():
    smooth, rng = Smoother(), np.random.default_rng(1)
    rows = [rng.dirichlet((3, 2, 2)).astype(np.float32) for _ in range(500)]
    shown = [int(smooth(1, n / 25, values).argmax()) for n, values in enumerate(rows)]
    raw = [int(values.argmax()) for values in rows]
    assert 3 * sum(a != b for a, b in pairwise(shown)) < sum(a != b for a, b in pairwise(raw))


def test_tracks_do_not_mix():
    smooth = Smoother()
    smooth(1, 0.0, row(1, 0))
    np.testing.assert_array_equal(smooth(2, 0.04, row(0, 1)), row(0, 1))


def test_a_track_that_was_long_away_starts_anew_and_memory_does_not_grow():
    smooth = Smoother()
    for number in range(100):
        smooth(number, float(number), row(1, 0))
    assert len(smooth._states) <= 4
    np.testing.assert_array_equal(smooth(99, 200.0, row(0, 1)), row(0, 1))


def test_the_given_row_stays_as_it_is():
    smooth, given = Smoother(), row(0.4, 0.6)
    smooth(1, 0.0, row(1, 0))
    smooth(1, 0.04, given)
    np.testing.assert_array_equal(given, row(0.4, 0.6))
