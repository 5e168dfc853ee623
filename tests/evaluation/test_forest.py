import re
import xml.etree.ElementTree as ElementTree

from mien.evaluation.forest import Effect, forest_chart


def places(chart, kind):
    return [float(x) for x in re.findall(rf'class="{kind}-dot" cx="([\d.]+)"', chart)]


def test_no_differences_leave_the_zero_line():
    assert 'class="guide" x1="170.0"' in forest_chart([], "a", "b")


def test_zero_is_in_the_middle_and_colors_tell_what_is_clear():
    effects = [Effect("for b", 0.04, 0.01, 0.07), Effect("for a", -0.04, -0.07, -0.01), Effect("none", 0, -0.01, 0.02)]
    chart = forest_chart(effects, "a", "b")
    ElementTree.fromstring(chart)
    assert places(chart, "class") == [170.0]
    assert places(chart, "cool")[0] - 170 == 170 - places(chart, "warm")[0] > 0
    assert "for b: +4.0 (+1.0 to +7.0) points" in chart


def test_models_that_never_differ_are_drawn():
    chart = forest_chart([Effect("accuracy", 0, 0, 0)], "a", "b")
    assert "nan" not in chart.lower() and places(chart, "class") == [170.0]


def test_long_and_odd_names_fit_and_are_escaped():
    chart = forest_chart([], "<b>", "runs/2026-11-22-a-very-long-name-1")
    ElementTree.fromstring(chart)
    assert "&lt;b&gt;" in chart and "…2-a-very-long-name-1 →" in chart
