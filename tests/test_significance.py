"""The stars in the tables of the docs."""

import sys
from collections.abc import Iterator

import numpy as np
import pytest

from tests.test_docs import ROOT


@pytest.fixture(autouse=True)
def benchmarks_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    yield
    sys.modules.pop("significance", None)


def test_rows_beyond_the_noise_differ() -> None:
    from significance import differ

    # By hand: the rest of the first two rows is +-0.0025 and +-0.005; the mean of the third is 0.0967 away.
    values = np.array([[0.60, 0.61, 0.63], [0.61, 0.60, 0.63], [0.70, 0.71, 0.72]])
    assert differ(values, 0).tolist() == [False, False, True]
    assert differ(values, 2).tolist() == [True, True, False]


def test_the_noise_of_one_row_is_no_noise_of_the_others() -> None:
    from significance import differ, one_is_noisier

    rng = np.random.default_rng(0)
    quiet = 0.5 + rng.normal(0, 0.001, (7, 3))
    noisy = np.array([[0.1, 0.9, 0.5]])
    values = np.concatenate([quiet, noisy])
    values[1] += 0.2
    assert one_is_noisier(values)
    assert not one_is_noisier(quiet)
    assert differ(values, 0).tolist() == [False, True, *[False] * 6]
    assert not differ(values, 7).any()  # nothing can be told from a base that is anywhere


@pytest.mark.parametrize(("rows", "seeds", "limit"), [(5, 3, 0.6838), (3, 5, 0.7457), (10, 3, 0.4450)])
def test_limits_are_those_of_the_published_table(rows: int, seeds: int, limit: float) -> None:
    from significance import largest_share

    assert largest_share(rows, seeds) == pytest.approx(limit, abs=2e-4)


@pytest.mark.parametrize("values", [np.zeros((3, 3)), np.zeros((3, 1)), np.zeros((1, 3))])
def test_where_nothing_varies_nothing_differs(values: np.ndarray) -> None:
    from significance import differ

    assert not differ(values, 0).any()
