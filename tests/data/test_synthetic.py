from pathlib import Path

import numpy as np
import pytest

from mien.data.drawing import draw_face
from mien.data.load import load
from mien.data.splits import has_twin
from mien.data.synthetic import class_sizes, write_faces
from mien.errors import OutputError
from mien.labels import LABELS


def test_smallest_count_still_gives_every_class_enough() -> None:
    sizes = class_sizes(1, 0.2)
    assert {size for (split, _), size in sizes.items() if split == "train"} == {10}
    assert {size for (split, _), size in sizes.items() if split == "test"} == {4}


@pytest.mark.parametrize("count", [300, 2000, 35887])
def test_classes_have_fer2013s_proportions(count: int) -> None:
    sizes = class_sizes(count, 0.2)
    assert sum(sizes.values()) == count
    happy, fear = (sizes["train", name] + sizes["test", name] for name in ("happy", "fear"))
    assert happy / count == pytest.approx(0.25, abs=0.03)
    assert fear / count == pytest.approx(0.143, abs=0.01)


def test_folders_load_as_a_data_set(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    write_faces(tmp_path / "faces", count=100, watch=lambda *step: seen.append(step))
    train, test = load(tmp_path / "faces", "train"), load(tmp_path / "faces", "test")
    assert train.classes == test.classes == LABELS
    assert train.images.shape[1:] == (48, 48)
    assert seen[-1] == (len(train) + len(test),) * 2
    assert not has_twin(test, train).any()
    assert len(set(train.hashes())) == len(train)
    assert [path.name for path in tmp_path.iterdir()] == ["faces"]


def test_same_seed_draws_the_same_faces_whatever_the_count(tmp_path: Path) -> None:
    for name, count, seed in (("one", 100, 3), ("two", 150, 3), ("three", 100, 4)):
        write_faces(tmp_path / name, count=count, seed=seed)
    file = "train/sad/sad-00002.png"
    one, two, three = ((tmp_path / name / file).read_bytes() for name in ("one", "two", "three"))
    assert one == two
    assert one != three


def test_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(OutputError, match="is not an empty folder; choose another --out"):
        write_faces(tmp_path, count=100)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("size", [16, 48, 96])
def test_faces_of_any_size_are_grey_pictures_with_contrast(size: int) -> None:
    face = draw_face("happy", np.random.default_rng(0), size)
    assert face.shape == (size, size)
    assert face.dtype == np.uint8
    assert face.std() > 15


def test_average_faces_differ_between_expressions() -> None:
    means = {
        name: np.mean([draw_face(name, np.random.default_rng([1, seed]), 48) for seed in range(40)], axis=0)
        for name in LABELS
    }
    gaps = [np.abs(means[a] - means[b]).max() for a in LABELS for b in LABELS if a < b]
    assert min(gaps) > 15
