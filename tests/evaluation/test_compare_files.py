import shutil
from pathlib import Path

import pytest

from mien.errors import ModelError, RunError
from mien.evaluation.compare_files import compare_files, short_names
from tests.conftest import make_model
from tests.evaluation.samples import TWO_CLASSES, two_class_data, two_class_run


@pytest.fixture
def data(tmp_path):
    return two_class_data(tmp_path / "data")


@pytest.fixture
def runs(tmp_path):
    """Two runs: other weights, sizes and orders of the classes."""
    (tmp_path / "b").mkdir()
    make_model(tmp_path / "b" / "model.onnx", labels=TWO_CLASSES, size=8, seed=1)
    return [two_class_run(tmp_path / "a"), tmp_path / "b"]


def write_split(run, held_out):
    rows = [
        f"train/{name}/{number}.png,{'val' if number in held_out else 'train'}"
        for name in TWO_CLASSES
        for number in range(5)
    ]
    (run / "split.csv").write_text("\n".join(["file,split", *rows]) + "\n")


def test_names_are_as_short_as_they_can_be():
    assert short_names(["bundled", "runs/a/model.onnx", Path("runs/b"), "c.onnx"]) == ["bundled", "a", "b", "c.onnx"]
    assert short_names(["x/a", "y/a/model.onnx"]) == ["x/a", "y/a"]


def test_one_model_is_an_error_before_it_is_opened(data):
    with pytest.raises(ModelError, match=r"nowhere alone cannot be compared; expected two models or more"):
        compare_files(["nowhere"], data)


def test_the_same_file_twice_is_an_error(data, runs):
    with pytest.raises(ModelError, match=r"a/model.onnx is the same model as .*a; expected different ones"):
        compare_files([runs[0], runs[0] / "model.onnx"], data)


def test_a_copy_is_the_same_file(data, runs, tmp_path):
    shutil.copy(runs[0] / "model.onnx", tmp_path / "copy.onnx")
    with pytest.raises(ModelError, match=r"copy.onnx is the same model as"):
        compare_files([runs[0], tmp_path / "copy.onnx"], data)


def test_other_classes_are_an_error_before_pictures_are_read(runs, tmp_path):
    with pytest.raises(ModelError, match=r"bundled knows other classes than a: only a: calm, cross"):
        compare_files([runs[0], "bundled"], tmp_path / "no data")


def test_models_of_different_sizes_see_the_same_pictures(data, runs):
    found = compare_files(runs, data)
    assert (found.n, found.split, found.classes) == (8, "test", TWO_CLASSES)
    assert [model.name for model in found.models] == ["a", "b"]
    assert [model.about["size"] for model in found.models] == [16, 8]


def test_validation_of_runs_is_read_from_their_split(data, runs):
    for run in runs:
        write_split(run, (0, 3))
    found = compare_files(runs, data, "val")
    assert (found.n, found.notes) == (4, ())


def test_runs_are_judged_on_what_all_of_them_set_aside(data, runs):
    write_split(runs[0], (0, 3))
    write_split(runs[1], (0, 4, 2))
    found = compare_files(runs, data, "val")
    assert found.n == 2
    assert found.notes[0] == "judged on the 2 pictures that are val in all runs; one run alone has 6"


def test_runs_that_set_nothing_aside_in_common_are_an_error(data, runs):
    write_split(runs[0], (0, 3))
    write_split(runs[1], (1, 2))
    expected = r"b/split.csv: gives no picture to val that the other runs, such as a, give to it too; compare them with"
    with pytest.raises(RunError, match=expected):
        compare_files(runs, data, "val")


def test_a_file_may_have_learned_from_what_a_run_set_aside(data, runs):
    write_split(runs[0], (0,))
    found = compare_files([runs[0], runs[1] / "model.onnx"], data, "val")
    assert found.notes[0].startswith("b may have learned from these pictures, which the runs set aside")


def test_figures_on_training_pictures_come_with_a_warning(data, runs):
    files = [run / "model.onnx" for run in runs]
    assert "new ones are harder" in compare_files(files, data, "train").notes[0]
