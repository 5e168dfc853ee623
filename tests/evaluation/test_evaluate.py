from contextlib import contextmanager
from pathlib import Path

import pytest

from mien.errors import DataError, ModelError, RunError
from mien.evaluation.evaluate import default_folder, describe, evaluate, history_of
from mien.model.classify import Classifier
from tests.evaluation.samples import TWO_CLASSES, two_class_data, two_class_run


@pytest.fixture
def data(tmp_path):
    return two_class_data(tmp_path / "data")


@pytest.fixture
def run(tmp_path):
    return two_class_run(tmp_path / "runs" / "a")


def test_missing_split_is_an_error(data, run):
    with pytest.raises(DataError):
        evaluate(run, data, "private")


def test_test_split_is_judged_with_and_without_twins(data, run):
    evaluation = evaluate(run, data, "test")
    assert evaluation.metrics["n"] == 8
    assert evaluation.metrics["without_twins"]["n"] == 7
    assert evaluation.metrics["classes"] == ["calm", "cross"]
    assert evaluation.metrics["model"]["name"] == "a/model.onnx"


def test_test_pictures_alone_may_lack_a_class(data, run):
    for path in sorted((data / "train").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (data / "train").rmdir()
    for path in (data / "test" / "cross").iterdir():
        path.unlink()
    (data / "test" / "cross").rmdir()
    metrics = evaluate(run, data, "test").metrics
    assert metrics["n"] == 4
    assert metrics["per_class"]["cross"]["support"] == 0


def test_a_class_that_the_model_does_not_know_is_told_before_it_is_asked(data, run):
    (data / "test" / "cross").rename(data / "test" / "vexed")
    told = "a/model.onnx's classes are not the data's: .* only in the data: vexed; rename"
    with pytest.raises(ModelError, match=told):
        evaluate(run, data, "test")


def test_data_without_train_have_no_twins(data, run):
    for path in sorted((data / "train").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (data / "train").rmdir()
    assert evaluate(run, data, "test").metrics["without_twins"] is None


def write_split(run, held_out):
    rows = [
        f"train/{name}/{number}.png,{'val' if number in held_out else 'train'}"
        for name in TWO_CLASSES
        for number in range(5)
    ]
    (run / "split.csv").write_text("\n".join(["file,split", *rows]) + "\n")


def test_validation_of_a_run_is_read_from_its_split(data, run):
    write_split(run, (0, 3))
    evaluation = evaluate(run, data, "val")
    assert evaluation.names == ("train/calm/0.png", "train/calm/3.png", "train/cross/0.png", "train/cross/3.png")
    assert evaluation.metrics["without_twins"]["n"] == 4


def test_training_split_is_not_compared_with_itself(data, run):
    write_split(run, (0,))
    metrics = evaluate(run, data, "train").metrics
    assert (metrics["n"], metrics["without_twins"]) == (8, None)


def test_run_without_split_is_an_error_for_validation(data, run):
    with pytest.raises(
        RunError, match=r"split.csv: missing, so the run's val pictures are unknown; name its model.onnx"
    ):
        evaluate(run, data, "val")


def test_progress_is_told_of_each_step(data, run):
    steps, last = [], []

    @contextmanager
    def progress(description):
        steps.append(description)
        yield lambda done, total: last.append((done, total))

    evaluate(run, data, "test", progress=progress)
    assert steps == ["Reading test", "Reading train, to find twins", "Predicting", "Covering parts of faces"]
    assert (8, 8) in last
    assert last[-1] == (2, 2)


def test_description_keeps_the_machine_out(run):
    assert describe(Classifier(run)) == {
        "name": "a/model.onnx",
        "recipe": "tiny",
        "commit": "",
        "data": "",
        "size": 16,
        "temperature": 1.0,
        "offsets": {},
        "uncertain_below": Classifier(run).metadata.uncertain_below,
    }


def test_places_of_reports(run):
    assert default_folder(run, "test") == run / "evaluation" / "test"
    assert default_folder(run / "model.onnx", "val") == Path("mien-evaluation/a/val")
    assert default_folder(None, "val") == Path("mien-evaluation/bundled/val")
    assert default_folder("model.onnx", "val") == Path("mien-evaluation/model/val")
    assert default_folder("bundled-int8", "val") != default_folder("small.onnx", "val")


def test_only_a_run_has_a_history(run):
    assert history_of(None) is history_of(run) is history_of(run / "model.onnx") is None
    (run / "history.csv").write_text("epoch,loss\n1,2.5\n")
    assert history_of(run) == [{"epoch": 1.0, "loss": 2.5}]
