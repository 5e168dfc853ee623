import numpy as np
import pytest

from mien.data.dataset import Dataset
from mien.evaluation.slices import slice_section, slices
from tests.evaluation.samples import sample


def graded(n=40):
    """Pictures whose brightness rises with their row; the brighter half is right, the darker wrong."""
    images = np.repeat(np.arange(n, dtype=np.uint8)[:, None, None] * 5, 64, axis=1).reshape(n, 8, 8)
    labels = np.arange(n, dtype=np.int64) % 2
    wrong = np.arange(n) < n // 2
    dataset = Dataset(images, labels, ("calm", "cross"), tuple(f"{row:03d}" for row in range(n)))
    return np.eye(2)[np.where(wrong, 1 - labels, labels)], dataset


def by(found, measure):
    return [item for item in found if item["by"] == measure]


def test_quarters_of_brightness_by_hand():
    found = by(slices(*graded()), "brightness")
    assert [item["slice"] for item in found] == [
        "darkest quarter",
        "darker than most",
        "brighter than most",
        "brightest quarter",
    ]
    assert [item["n"] for item in found] == [10, 10, 10, 10]
    assert [item["accuracy"] for item in found] == [0, 0, 1, 1]
    assert [(item["low"], item["high"]) for item in found] == [(0, 45), (50, 95), (100, 145), (150, 195)]
    assert found[0]["interval"] == pytest.approx([0, 0.2775], abs=1e-3)


def test_equal_pictures_make_one_part():
    probabilities, dataset = graded()
    same = Dataset(np.zeros_like(dataset.images), dataset.labels, dataset.classes, dataset.names)
    found = by(slices(probabilities, same), "brightness")
    assert [item["n"] for item in found] == [40]


def test_few_pictures_are_not_parted():
    dataset, predictions = sample(6)
    assert slices(predictions.probabilities, dataset) == []
    assert slice_section([]) == []


def test_crowd_agreement_by_hand():
    probabilities, dataset = graded(8)  # rows 0-3 wrong, 4-7 right
    shares = np.array(
        [
            [0.4, 0.3],  # under half
            [0.1, 0.6],  # half to 70%
            [0.7, 0.3],  # 70% to 90%
            [0.0, 1.0],  # 90% and more
            [np.nan, np.nan],  # no votes
            [0.0, 0.0],  # votes for something else only
            [0.0, 0.95],
            [0.0, 0.95],
        ],
        np.float32,
    )
    found = slices(probabilities, dataset, shares)
    assert [(item["slice"], item["n"], item["accuracy"]) for item in by(found, "crowd agreement")] == [
        ("under half", 1, 0),
        ("half to 70%", 1, 0),
        ("70% to 90%", 1, 0),
        ("90% and more", 3, pytest.approx(2 / 3)),
    ]
    assert [(item["slice"], item["n"]) for item in by(found, "crowd's choice")] == [
        ("the label", 5),
        ("another expression", 1),
    ]


def test_section_has_a_row_a_part():
    page = "".join(slice_section(slices(*graded())))
    assert page.count('<th scope="row">') == len(slices(*graded()))
    assert "brightness: darkest quarter" in page
