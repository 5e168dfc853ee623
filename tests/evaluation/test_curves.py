import warnings

import numpy as np
import pytest
from sklearn.metrics import auc as trapezoids
from sklearn.metrics import average_precision_score, roc_auc_score

from mien.evaluation.curves import POINTS, precision_recall_curves, roc_curves, thinned
from mien.labels import color_of
from tests.evaluation.samples import CLASSES, sample


def test_no_pictures_have_no_curves():
    nothing = np.empty((0, 3)), np.empty(0, np.int64), CLASSES
    assert roc_curves(*nothing) == precision_recall_curves(*nothing) == ()


def test_class_without_pictures_has_no_curve_and_no_warning():
    dataset, predictions = sample(60)
    rows = dataset.labels != 1
    given = predictions.probabilities[rows], dataset.labels[rows], CLASSES
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [curve.name for curve in roc_curves(*given)] == ["angry", "sad"]
        assert [curve.name for curve in precision_recall_curves(*given)] == ["angry", "sad"]


def test_one_picture_has_no_roc():
    one = np.array([[0.9, 0.1]]), np.array([0]), ("a", "b")
    assert roc_curves(*one) == ()
    assert [(curve.name, curve.area) for curve in precision_recall_curves(*one)] == [("a", 1.0)]


def test_areas_are_those_of_scikit_learn():
    dataset, predictions = sample(300)
    scores = predictions.probabilities.astype(float)
    given = scores, dataset.labels, CLASSES
    for column, (found, precise) in enumerate(zip(roc_curves(*given), precision_recall_curves(*given), strict=True)):
        positive = dataset.labels == column
        assert found.area == pytest.approx(roc_auc_score(positive, scores[:, column]))
        assert precise.area == pytest.approx(average_precision_score(positive, scores[:, column]))
        assert found.color == precise.color == color_of(CLASSES[column], column)


def test_thinned_curves_keep_their_shape_and_their_ends():
    dataset, predictions = sample(3000)
    given = predictions.probabilities, dataset.labels, CLASSES
    for curve in roc_curves(*given):
        assert len(curve.x) == len(curve.y) <= POINTS
        assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
        assert trapezoids(curve.x, curve.y) == pytest.approx(curve.area, abs=0.005)
    for curve in precision_recall_curves(*given):
        assert len(curve.x) == len(curve.y) <= POINTS
        assert (curve.x[0], curve.y[0], curve.x[-1]) == (0, 1, 1)
        assert list(curve.x) == sorted(curve.x)


def test_a_curve_of_few_points_is_kept_whole():
    assert thinned(np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0])) == ((0.0, 0.0, 1.0), (0.0, 1.0, 1.0))
