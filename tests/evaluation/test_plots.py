import math
import sys

import cv2
import numpy as np
import pytest

from mien.evaluation.judge import judge
from mien.evaluation.plots import confusion_plot, history_plot, report_plot
from tests.evaluation.samples import history, sample


def pixels(png):
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize("epochs", [0, 1, 3, 40])
@pytest.mark.parametrize("figure", ["loss", "accuracy", "auc"])
def test_history_of_any_length_is_drawn(epochs, figure):
    assert pixels(history_plot(history(epochs), figure)).shape[1] > 900


def test_missing_figures_leave_gaps():
    rows = [{"epoch": 1, "loss": math.nan}, {"epoch": 2, "loss": 1.0, "val_loss": 1.2}]
    assert pixels(history_plot(rows, "loss")).std() > 1


def test_kept_epoch_is_marked_in_the_picture():
    rows = history(9)
    marked = [{**row, "best": float(row["epoch"] == 8)} for row in rows]
    assert history_plot(rows, "accuracy") != history_plot(marked, "accuracy")


@pytest.mark.parametrize("classes", [2, 7])
def test_confusion_grows_with_its_classes(classes):
    names = [f"class {number}" for number in range(classes)]
    assert pixels(confusion_plot(np.eye(classes, dtype=int) * 5, names)).shape[0] > 100 * classes


def test_row_without_pictures_is_drawn():
    assert pixels(confusion_plot([[0, 0], [3, 4]], ["a", "b"])).size


def test_report_with_undefined_figures_is_drawn():
    dataset, predictions = sample(4, classes=("a", "b", "c", "d", "e"))
    metrics = judge(predictions, dataset, split="test", model={}).metrics
    assert metrics["per_class"]["e"]["recall"] is None
    assert pixels(report_plot(metrics)).size


def test_no_global_state_of_matplotlib_is_touched(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)  # an import of it would fail
    assert history_plot(history(3), "loss")
    assert confusion_plot(np.eye(2, dtype=int), ["a", "b"])
