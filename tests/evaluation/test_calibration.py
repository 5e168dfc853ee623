import numpy as np
import pytest

from mien.evaluation.calibration import BINS, calibration_error, reliability


def two_columns(confidence):
    return np.stack([np.array(confidence), 1 - np.array(confidence)], axis=1)


def test_no_pictures_have_no_bins_and_no_error():
    assert reliability(np.empty((0, 2)), np.empty(0, np.int64)) == ()
    assert calibration_error(np.empty((0, 2)), np.empty(0, np.int64)) is None


def test_error_by_hand():
    # Three at 0.9 of which two are right, one at 0.6 that is right: (3 * |2/3 - 0.9| + 1 * |1 - 0.6|) / 4.
    error = calibration_error(two_columns([0.9, 0.9, 0.9, 0.6]), np.array([0, 0, 1, 0]))
    assert error == pytest.approx((3 * (0.9 - 2 / 3) + 0.4) / 4)


def test_bins_are_open_below_and_closed_above():
    edge = 10 / BINS
    [low, high] = reliability(two_columns([edge, edge + 1e-9]), np.array([0, 0]))
    assert low.high == high.low == pytest.approx(edge)


def test_certainty_is_in_the_last_bin():
    [only] = reliability(two_columns([1.0]), np.array([0]))
    assert (only.high, only.count, only.accuracy) == (1.0, 1, 1.0)
