"""The mean map of each class, and how the report draws it."""

import base64
import re
from dataclasses import replace

import cv2
import numpy as np
import pytest

from mien.data.dataset import Dataset
from mien.evaluation.judge import judge
from mien.evaluation.occlusion import MeanMap, looks, mean_maps
from mien.evaluation.predict import predict
from mien.evaluation.report import write
from mien.labels import LABELS
from mien.model.classify import Classifier
from tests.evaluation.samples import sample
from tests.test_explain import SIZE, corner_model


def no_watch(_done: int, _total: int) -> None: ...


@pytest.fixture
def classifier(tmp_path):
    return Classifier(corner_model(tmp_path / "corner.onnx"))


def bright_corners(n: int) -> Dataset:
    """Pictures that the corner model calls happy; one in four is said to be sad, so that it is wrong there."""
    images = np.random.default_rng(0).integers(0, 40, (n, SIZE, SIZE), dtype=np.uint8)
    images[:, :12, 36:] = 250
    truths = ["sad" if row % 4 == 3 else "happy" for row in range(n)]
    labels = np.array([LABELS.index(truth) for truth in truths], np.int64)
    return Dataset(images, labels, LABELS, tuple(f"test/{truth}/{row}.png" for row, truth in enumerate(truths)))


def maps_of(classifier: Classifier, dataset: Dataset) -> tuple[MeanMap, ...]:
    return mean_maps(classifier, dataset, predict(classifier, dataset), watch=no_watch)


def test_without_pictures_there_is_no_map_and_no_section(classifier):
    assert maps_of(classifier, bright_corners(0)) == ()
    assert looks(()) == []


@pytest.mark.parametrize(("n", "right"), [(1, 1), (12, 9), (80, 40)])
def test_the_mean_map_peaks_where_the_model_looks(classifier, n, right):
    (one,) = maps_of(classifier, bright_corners(n))
    assert (one.label, one.pictures, one.map.shape) == ("happy", right, (SIZE, SIZE))
    row, column = np.unravel_index(one.map.argmax(), one.map.shape)
    assert row < 16
    assert column >= 32
    assert one.map.max() > 0.1
    assert one.map[32:, :16].max() == pytest.approx(0, abs=0.01)


def test_the_same_data_give_the_same_map(classifier):
    (one,), (other,) = (maps_of(classifier, bright_corners(60)) for _ in range(2))
    assert np.array_equal(one.map, other.map)


def test_classes_in_another_order_are_joined_by_name(classifier):
    dataset = bright_corners(8)
    turned = Dataset(dataset.images, len(LABELS) - 1 - dataset.labels, LABELS[::-1], dataset.names)
    (one,), (other,) = (maps_of(classifier, data) for data in (dataset, turned))
    assert one.label == other.label
    assert np.array_equal(one.map, other.map)


def test_progress_is_told_class_by_class(classifier):
    dataset, told = bright_corners(4), []
    mean_maps(classifier, dataset, predict(classifier, dataset), watch=lambda *step: told.append(step))
    assert told == [(number, 7) for number in range(1, 8)]


def test_the_page_draws_the_map_and_no_picture(tmp_path):
    dataset, predictions = sample()
    evaluation = judge(predictions, dataset, split="test", model={})
    values = np.full((8, 8), -0.1, np.float32)
    values[5:7, 2:6] = 0.4
    write(replace(evaluation, maps=(MeanMap("<b>", 3, values),)), tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert "What does it look at?" in page
    assert "<b>&lt;b&gt;</b><br>mouth<br>40 points" in page
    (png,) = re.findall(r'href="data:image/png;base64,([^"]+)"', page)
    drawn = cv2.imdecode(np.frombuffer(base64.b64decode(png), np.uint8), cv2.IMREAD_UNCHANGED)
    blue, _, red, alpha = drawn[36, 24].tolist()
    assert red > blue
    assert alpha == 255
    assert drawn[5, 24, 0] > drawn[5, 24, 2]


def test_a_verdict_without_a_model_has_no_maps(tmp_path):
    dataset, predictions = sample()
    write(judge(predictions, dataset, split="test", model={}), tmp_path)
    assert "What does it look at?" not in (tmp_path / "report.html").read_text()
