import xml.etree.ElementTree as ElementTree

import pytest

from mien.evaluation.calibration import Bin
from mien.evaluation.charts import history_chart, reliability_chart, ticks
from tests.evaluation.samples import history


def test_empty_charts_say_so():
    assert "Loss was not recorded" in history_chart([], "loss")
    assert ElementTree.fromstring(reliability_chart([])) is not None


@pytest.mark.parametrize("epochs", [1, 2, 40])
def test_history_chart_is_well_formed_and_marks_the_kept_epoch(epochs):
    chart = history_chart(history(epochs), "loss")
    ElementTree.fromstring(chart)
    assert f"kept: epoch {(epochs + 1) // 2}<" in chart


def test_curve_that_never_moves_is_drawn():
    assert "NaN" not in history_chart(history(5), "accuracy") and "polyline" in history_chart(history(5), "accuracy")


def test_reliability_bars_tell_too_sure_from_too_careful():
    chart = reliability_chart([Bin(0.6, 0.667, 10, 0.64, 0.5), Bin(0.933, 1.0, 40, 0.95, 1.0)])
    ElementTree.fromstring(chart)
    assert chart.count('class="gap"') == chart.count('class="spare"') == 1
    assert "40 pictures, confidence 95%, right 100%" in chart


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (1, 38, [10, 20, 30]), (0.31, 0.33, [0.31, 0.315, 0.32, 0.325, 0.33])],
)
def test_ticks_are_round_numbers(low, high, expected):
    assert ticks(low, high) == pytest.approx(expected)
