import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from mien.evaluation.calibration import Bin
from mien.evaluation.charts import coverage_chart, curves_chart, history_chart, keys, reliability_chart, ticks
from mien.evaluation.curves import Curve
from mien.html import CARDS, page
from mien.labels import TABLE
from tests.evaluation.samples import history


def test_empty_charts_say_so():
    assert "Loss was not recorded" in history_chart([], "loss")
    assert ElementTree.fromstring(reliability_chart([])) is not None
    assert ElementTree.fromstring(curves_chart([], "Precision", "recall")) is not None
    assert "no pictures" in coverage_chart(np.empty(0), None)


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


def test_curves_are_named_drawn_and_escaped():
    curves = [Curve("<a>", (0, 114, 178), (0.0, 1.0), (0.0, 1.0), 0.5), Curve("b", (230, 159, 0), (0.5,), (1.0,), 1.0)]
    chart = curves_chart(curves, "ROC", "false alarms", guide=True)
    ElementTree.fromstring(chart)
    assert "&lt;a&gt;: 0.500" in chart
    assert (chart.count('class="drawn"'), chart.count('class="guide"'), chart.count("circle")) == (2, 1, 1)


def _luminance(color):
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in np.array(color) / 255]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


@pytest.mark.parametrize("label", TABLE, ids=lambda label: label.name)
def test_every_color_can_be_seen_in_light_and_dark(label):
    made = keys("AUC", [(label.color, label.name, "0.9")])
    colors = re.findall(r"--(?:light|dark):rgb\((\d+), (\d+), (\d+)\)", made)
    assert len(colors) == len(CARDS) == 2
    for color, behind in zip(colors, CARDS, strict=True):
        low, high = sorted((_luminance([int(part) for part in color]), _luminance(behind)))
        assert (high + 0.05) / (low + 0.05) >= 3


def test_the_cards_that_contrast_is_measured_on_are_those_of_the_page():
    found = re.findall(r"--card:#([0-9a-f]+)", page("Title", []))
    assert [tuple(bytes.fromhex(code if len(code) == 6 else code * 2)) for code in found] == list(CARDS)


@pytest.mark.parametrize("n", [1, 2, 5, 3000])
def test_coverage_chart_marks_what_is_certain(n):
    chart = coverage_chart(np.linspace(1, 0.5, n), 0.8)
    ElementTree.fromstring(chart)
    assert "certain: 80%" in chart
    assert "nan" not in chart.lower()
    assert "certain" not in coverage_chart(np.linspace(1, 0.5, n), None)


@pytest.mark.parametrize("accuracy", [0.0, 1.0])
def test_accuracy_that_never_changes_is_drawn(accuracy):
    ElementTree.fromstring(coverage_chart(np.full(30, accuracy), 1.0))
