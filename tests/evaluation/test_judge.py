import json
from dataclasses import replace

import numpy as np
import pytest

from mien.errors import DataError, ModelError
from mien.evaluation.curves import POINTS
from mien.evaluation.judge import judge
from mien.evaluation.metrics import HEADLINE, figures
from mien.evaluation.report import write
from tests.evaluation.samples import sample

KEYS = (
    "accuracy balanced_accuracy macro_f1 macro_auc ece log_loss brier n per_class confusion intervals "
    "class_intervals flip flip_intervals without_twins without_twins_intervals coverage slices split model classes "
    "notes reliability curves schema_version"
)


def judged(dataset, predictions, **options):
    return judge(predictions, dataset, split="test", model={"name": "a"}, **options)


def reordered(predictions, rows):
    return replace(
        predictions,
        names=tuple(predictions.names[row] for row in rows),
        probabilities=predictions.probabilities[rows],
        flipped=predictions.flipped[rows],
    )


def test_nothing_to_judge_is_an_error():
    dataset, predictions = sample(3)
    with pytest.raises(DataError, match=r"no pictures to judge; give --data"):
        judged(dataset.subset([]), reordered(predictions, []))


def test_metrics_hold_what_the_design_says():
    metrics = judged(*sample()).metrics
    assert list(metrics) == KEYS.split()
    assert metrics["n"] == 60
    assert (metrics["split"], metrics["model"], metrics["schema_version"]) == ("test", {"name": "a"}, 1)
    assert list(metrics["per_class"]) == metrics["classes"] == ["angry", "happy", "sad"]
    assert np.sum(metrics["confusion"], axis=1).tolist() == [20, 20, 20]
    json.dumps(metrics, allow_nan=False)


def test_order_of_pictures_changes_nothing(tmp_path):
    dataset, predictions = sample(90)
    rng = np.random.default_rng(5)
    expected = judged(dataset, predictions)
    shuffled = judged(dataset.subset(rng.permutation(90)), reordered(predictions, rng.permutation(90)))
    assert shuffled.metrics == expected.metrics
    for evaluation, folder in ((expected, "a"), (shuffled, "b")):
        write(evaluation, tmp_path / folder)
    for name in ("metrics.json", "predictions.csv", "confusion_matrix.csv", "classification_report.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_joined_by_position_would_be_worse():
    """The fault of the reference system: had it been repeated here, shuffled predictions would score at chance."""
    dataset, predictions = sample(90)
    rows = np.random.default_rng(5).permutation(90)
    by_position = figures(predictions.probabilities[rows], dataset.labels)["accuracy"]
    assert judged(dataset, reordered(predictions, rows)).metrics["accuracy"] > by_position + 0.1


def test_order_of_the_models_classes_changes_nothing():
    dataset, predictions = sample()
    columns = [2, 0, 1]
    turned = replace(
        predictions,
        classes=tuple(predictions.classes[column] for column in columns),
        probabilities=predictions.probabilities[:, columns],
        flipped=predictions.flipped[:, columns],
    )
    evaluation = judged(dataset, turned)
    assert evaluation.metrics == judged(dataset, predictions).metrics
    assert evaluation.predictions.classes == dataset.classes


def test_other_classes_are_named():
    dataset, predictions = sample()
    with pytest.raises(ModelError, match=r"only in the model: calm; only in the data: sad; rename the folders"):
        judged(dataset, replace(predictions, classes=("angry", "happy", "calm")))


def test_classes_that_the_data_are_without_have_no_pictures():
    dataset, predictions = sample(classes=("angry", "happy", "sad", "calm"))
    known = np.flatnonzero(dataset.labels < 3)
    fewer = replace(dataset.subset(known), classes=("angry", "happy", "sad"))
    evaluation = judged(fewer, reordered(predictions, known))
    assert evaluation.metrics["classes"] == ["angry", "happy", "sad", "calm"]
    assert evaluation.metrics["per_class"]["calm"]["support"] == 0
    assert evaluation.metrics["n"] == 45
    assert "no picture of calm in test: averages over classes leave it out" in evaluation.metrics["notes"]
    assert (
        evaluation.metrics["accuracy"]
        == judged(dataset.subset(known), reordered(predictions, known)).metrics["accuracy"]
    )


def test_missing_prediction_is_named():
    dataset, predictions = sample(6)
    expected = (
        r"'test/sad/0005.png' has no prediction: 5 predictions, 6 labels, 0 without a label, 1 without a prediction"
    )
    with pytest.raises(DataError, match=expected):
        judged(dataset, reordered(predictions, [0, 1, 2, 3, 4]))


def test_prediction_of_another_picture_is_named():
    dataset, predictions = sample(6)
    with pytest.raises(DataError, match=r"'test/sad/0005.png' has a prediction but no label: 6 predictions, 5 labels"):
        judged(dataset.subset([0, 1, 2, 3, 4]), predictions)


def test_prediction_given_twice_is_named():
    dataset, predictions = sample(3)
    with pytest.raises(DataError, match=r"predictions name 'test/angry/0000.png' twice among 4"):
        judged(dataset, reordered(predictions, [0, 0, 1, 2]))


@pytest.mark.parametrize("field", ["probabilities", "flipped"])
def test_nan_is_an_error(field):
    dataset, predictions = sample(6)
    broken = getattr(predictions, field).copy()
    broken[4, 1] = np.nan
    with pytest.raises(
        ModelError, match=r"NaN or infinity for 1 of 6 pictures, first 'test/happy/0004.png'; its training"
    ):
        judged(dataset, replace(predictions, **{field: broken}))


def test_outputs_that_are_no_probabilities_are_an_error():
    dataset, predictions = sample(6)
    with pytest.raises(ModelError, match=r"no set of probabilities \(sum 3, expected 1\); export the model again"):
        judged(dataset, replace(predictions, probabilities=predictions.probabilities * 3))


def test_flip_is_the_mean_of_both():
    dataset, predictions = sample()
    found = judged(dataset, predictions).metrics["flip"]
    expected = figures((predictions.probabilities + predictions.flipped) / 2, dataset.labels)
    assert found == pytest.approx(expected)


def test_twins_are_left_out():
    dataset, predictions = sample()
    train = dataset.subset([3, 5])
    kept = [row for row in range(60) if row not in (3, 5)]
    expected = figures(predictions.probabilities[kept], dataset.labels[kept])
    shuffled = dataset.subset(np.random.default_rng(2).permutation(60))
    assert judged(shuffled, predictions, train=train).metrics["without_twins"] == pytest.approx(expected)
    assert judged(dataset, predictions).metrics["without_twins"] is None


def test_data_that_all_lie_in_train_leave_nothing():
    dataset, predictions = sample(6)
    found = judged(dataset, predictions, train=dataset).metrics["without_twins"]
    assert (found["n"], found["accuracy"]) == (0, None)


def test_the_models_threshold_says_what_uncertain_buys():
    dataset, predictions = sample()
    assert judged(dataset, predictions).metrics["coverage"]["uncertain"] is None
    found = judge(predictions, dataset, split="test", model={"uncertain_below": 0.5}).metrics["coverage"]["uncertain"]
    assert found["coverage"] == pytest.approx(np.mean(predictions.probabilities.max(axis=1) >= 0.5))
    assert found["accuracy_certain"] > found["accuracy_uncertain"]


def test_absent_class_is_noted():
    dataset, predictions = sample(60)
    rows = [row for row in range(60) if dataset.labels[row] != 1]
    metrics = judged(dataset.subset(rows), reordered(predictions, rows)).metrics
    assert metrics["notes"][0] == "no picture of happy in test: averages over classes leave it out"
    assert metrics["per_class"]["happy"]["auc"] is None


def test_labels_names_and_predictions_are_aligned():
    dataset, predictions = sample(30)
    evaluation = judged(dataset.subset(np.random.default_rng(1).permutation(30)), predictions)
    assert evaluation.names == evaluation.predictions.names == tuple(sorted(dataset.names))
    truths = [evaluation.predictions.classes[label] for label in evaluation.labels]
    assert [name.split("/")[1] for name in evaluation.names] == truths


def test_files_that_are_no_pictures_are_noted_by_name():
    dataset, predictions = sample(6)
    broken = replace(dataset, unreadable=("test/a/x.png: is empty",))
    assert judged(broken, predictions).metrics["notes"][-1] == "1 left out as unreadable: test/a/x.png: is empty"


def test_curves_and_bins_of_the_page_are_there_as_numbers(tmp_path):
    evaluation = judged(*sample())
    metrics = evaluation.metrics
    assert sum(item["count"] for item in metrics["reliability"]) == metrics["n"]
    for curves in metrics["curves"].values():
        assert list(curves) == metrics["classes"]
        for curve in curves.values():
            assert len(curve["x"]) == len(curve["y"]) <= POINTS
    write(evaluation, tmp_path)
    text = (tmp_path / "metrics.json").read_text()
    assert json.loads(text) == json.loads(json.dumps(metrics))
    assert '"accuracy": [0.' in text
    assert len(text.splitlines()) < 300


def test_intervals_are_of_the_figures_they_stand_beside():
    dataset, predictions = sample()
    metrics = judged(dataset, predictions, train=dataset.subset([0])).metrics
    assert metrics["without_twins"]["n"] == metrics["n"] - 1
    for way in ("flip", "without_twins"):
        for name in HEADLINE:
            low, high = metrics[f"{way}_intervals"][name]
            assert low <= metrics[way][name] <= high or name == "ece"
    assert judged(dataset, predictions).metrics["without_twins_intervals"] is None
