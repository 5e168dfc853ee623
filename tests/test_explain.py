"""Occlusion maps of models whose answer is known to hang on one corner of the picture."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from mien.detect import Detector
from mien.errors import MienError, PictureError
from mien.explain import NOWHERE, class_named, explain, occlusion_map, patch_spots, region_of, spread
from mien.labels import LABELS
from mien.model.classify import Classifier
from tests.conftest import make_model

SIZE = 48


def corner_model(path: Path, *, bright: str = "happy", rows=slice(0, 12), columns=slice(36, 48)) -> Path:
    """Write a model that is sure of ``bright`` where a corner is bright, and looks at nothing else."""
    weights = np.zeros((SIZE, SIZE, len(LABELS)), np.float32)
    weights[rows, columns, LABELS.index(bright)] = 4 / (255 * 12 * 12)
    return make_model(path, weights=weights.reshape(SIZE * SIZE, len(LABELS)))


@pytest.fixture
def corner(tmp_path: Path) -> Path:
    return corner_model(tmp_path / "corner.onnx")


@pytest.fixture
def bright_corner() -> np.ndarray:
    pixels = np.full((SIZE, SIZE), 40, np.uint8)
    pixels[:12, 36:] = 250
    return pixels


def test_a_picture_without_a_face_has_no_explanation(corner: Path):
    assert explain(np.full((80, 90, 3), 90, np.uint8), Detector(corner)) == []


def test_the_map_peaks_where_the_model_looks(corner: Path, bright_corner: np.ndarray):
    values = occlusion_map(Classifier(corner), bright_corner, "happy")
    assert (values.dtype, values.shape) == (np.float32, (SIZE, SIZE))
    row, column = np.unravel_index(values.argmax(), values.shape)
    assert row < 12
    assert column >= 36
    assert 0.1 < values.max() <= 1
    assert values[28:, :20].max() == pytest.approx(0, abs=1e-6)


def test_what_speaks_for_one_label_speaks_against_the_others(corner: Path, bright_corner: np.ndarray):
    values = occlusion_map(Classifier(corner), bright_corner, "sad")
    row, column = np.unravel_index(values.argmin(), values.shape)
    assert values.min() < -0.01
    assert row < 12
    assert column >= 36
    assert values.max() == pytest.approx(0, abs=1e-6)


def test_a_map_comes_out_the_same_twice(corner: Path, bright_corner: np.ndarray):
    classify = Classifier(corner)
    one, other = (occlusion_map(classify, bright_corner, "happy") for _ in range(2))
    assert np.array_equal(one, other)


def test_an_even_face_has_an_empty_map(corner: Path):
    values = occlusion_map(Classifier(corner), np.full((SIZE, SIZE), 90, np.uint8), "happy")
    assert np.abs(values).max() < 1e-6
    assert region_of(values) == NOWHERE


def test_a_small_network_has_a_map_too(tmp_path: Path):
    classify = Classifier(make_model(tmp_path / "small.onnx", ("calm", "cross"), size=8))
    values = occlusion_map(classify, np.arange(64, dtype=np.uint8).reshape(8, 8), "calm")
    assert values.shape == (8, 8)
    assert region_of(values)


def test_every_pixel_is_covered_as_often():
    spots = patch_spots(SIZE, 1 / 3, 1 / 12)
    count = np.zeros((SIZE, SIZE), int)
    for left, top, side in spots:
        count[max(0, top) : top + side, max(0, left) : left + side] += 1
    assert set(count.ravel()) == {16}


def test_a_pixel_has_the_mean_of_its_patches():
    values = spread([(0, 0, 2), (1, 0, 1)], np.array([0.4, 0.2], np.float32), 3)
    assert values[0].tolist() == pytest.approx([0.4, 0.3, 0])


def test_a_picture_is_explained_face_by_face(corner: Path):
    picture = str(files("mien.data") / "samples" / "astronaut.jpg")
    (one,) = explain(picture, Detector(corner))
    assert one.area == one.face.box == (175, 64, 98, 98)
    assert one.label == one.face.label
    assert one.probability == one.face.confidence
    assert one.map.shape == (SIZE, SIZE)


def test_the_area_follows_the_models_margin(tmp_path: Path):
    wide = Detector(make_model(tmp_path / "wide.onnx", margin=0.1))
    (one,) = explain(str(files("mien.data") / "samples" / "astronaut.jpg"), wide)
    assert one.area == (165, 54, 118, 118)


def test_a_whole_picture_is_explained_as_it_is(corner: Path, bright_corner: np.ndarray):
    image = np.repeat(np.repeat(bright_corner[:, :, None], 3, axis=2), 2, axis=1)
    (one,) = explain(image, Detector(corner, faces="none"))
    assert one.area == (0, 0, 96, 48)
    assert one.map.shape == (SIZE, SIZE)


def test_another_expression_can_be_asked_for(corner: Path, bright_corner: np.ndarray):
    image = np.repeat(bright_corner[:, :, None], 3, axis=2)
    (one,) = explain(image, Detector(corner, faces="none"), expression="Sadness")
    assert (one.label, one.face.label) == ("sad", "happy")
    assert one.probability == one.face.probabilities["sad"]


def test_an_unknown_expression_is_named_with_those_that_are_known(corner: Path):
    with pytest.raises(
        MienError, match=r"expression 'bored': unknown to .*corner.onnx; expected one of angry, disgust"
    ):
        explain(np.zeros((48, 48, 3), np.uint8), Detector(corner, faces="none"), expression="bored")


def test_classes_outside_the_table_are_found_by_their_own_name(tmp_path: Path):
    classify = Classifier(make_model(tmp_path / "other.onnx", ("calm", "cross")))
    assert class_named("cross", classify) == "cross"


def test_a_missing_picture_is_a_clear_error(corner: Path):
    with pytest.raises(PictureError, match=r"nowhere.jpg: cannot be read"):
        explain("nowhere.jpg", Detector(corner))


@pytest.mark.parametrize(
    ("rows", "columns", "region"),
    [
        (slice(0, 8), slice(12, 36), "forehead"),
        (slice(10, 14), slice(8, 40), "brow"),
        (slice(16, 21), slice(8, 18), "eyes"),
        (slice(23, 31), slice(19, 29), "nose"),
        (slice(23, 31), slice(7, 15), "cheeks"),
        (slice(33, 41), slice(14, 34), "mouth"),
        (slice(43, 48), slice(14, 34), "chin"),
        (slice(0, 48), slice(0, 5), "surroundings"),
    ],
)
def test_a_map_is_told_in_words(rows: slice, columns: slice, region: str):
    values = np.full((SIZE, SIZE), -0.2, np.float32)
    values[rows, columns] = 0.1
    assert region_of(values) == region
