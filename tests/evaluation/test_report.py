import csv
import json
import re

import numpy as np
import pytest

from mien.errors import OutputError
from mien.evaluation.judge import judge
from mien.evaluation.page import bought, confused_pairs, summary
from mien.evaluation.report import write
from tests.evaluation.samples import history, sample

FILES = {
    "metrics.json",
    "classification_report.csv",
    "classification_report.png",
    "confusion_matrix.csv",
    "confusion_matrix.png",
    "predictions.csv",
    "report.html",
}


@pytest.fixture
def evaluation():
    dataset, predictions = sample()
    return judge(
        predictions,
        dataset,
        split="test",
        model={"name": "runs/a/model.onnx", "recipe": "<b>tiny</b>"},
        train=dataset.subset([0]),
    )


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_all_files_are_written_and_nothing_else(evaluation, tmp_path):
    write(evaluation, tmp_path / "new" / "folder")
    assert {path.name for path in (tmp_path / "new" / "folder").iterdir()} == FILES


def test_metrics_json_is_the_metrics(evaluation, tmp_path):
    write(evaluation, tmp_path)
    assert json.loads((tmp_path / "metrics.json").read_text()) == evaluation.metrics


def test_predictions_hold_a_row_a_picture(evaluation, tmp_path):
    write(evaluation, tmp_path)
    head, *rows = rows_of(tmp_path / "predictions.csv")
    assert head == ["file", "label", "predicted", "confidence", "angry", "happy", "sad"]
    assert [row[0] for row in rows] == list(evaluation.names)
    for row in rows:
        assert row[0].split("/")[1] == row[1]
        assert row[3] == max(row[4:]) == row[4 + head[4:].index(row[2])]
    right = sum(row[1] == row[2] for row in rows) / len(rows)
    assert right == pytest.approx(evaluation.metrics["accuracy"])


def test_tables_agree_with_the_metrics(evaluation, tmp_path):
    write(evaluation, tmp_path)
    confusion = rows_of(tmp_path / "confusion_matrix.csv")
    assert [[int(cell) for cell in row[1:]] for row in confusion[1:]] == evaluation.metrics["confusion"]
    table = {row[0]: row[1:] for row in rows_of(tmp_path / "classification_report.csv")}
    assert list(table) == ["class", "angry", "happy", "sad", "macro average", "weighted average", "accuracy"]
    assert float(table["macro average"][2]) == pytest.approx(evaluation.metrics["macro_f1"], abs=1e-6)
    assert float(table["weighted average"][1]) == pytest.approx(evaluation.metrics["accuracy"], abs=1e-6)


def test_page_stands_alone_and_shows_no_face_without_thumbnails(evaluation, tmp_path):
    write(evaluation, tmp_path, thumbnails=False)
    page = (tmp_path / "report.html").read_text()
    assert not re.search(r"https?://|<script|<img|<b>tiny", page)
    assert "<h1>How good is runs/a?</h1>" in page
    assert "Each row sums to 100%" in page
    assert "1 pictures left out" in page
    assert "How it learned" not in page


def test_page_shows_curves_and_coverage(evaluation, tmp_path):
    write(evaluation, tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert "ROC: recall against false alarms" in page
    assert "Precision against recall" in page
    for row in evaluation.metrics["per_class"].values():
        assert f"<b>{row['auc']:.3f}</b>" in page
        assert f"<b>{row['average_precision']:.3f}</b>" in page
    assert "Of the surest half" in page


@pytest.mark.parametrize("split", ["val", "test"])
def test_page_warns_where_the_threshold_was_fitted(split, tmp_path):
    dataset, predictions = sample()
    write(judge(predictions, dataset, split=split, model={"uncertain_below": 0.5}), tmp_path)
    assert ("The threshold was fitted on" in (tmp_path / "report.html").read_text()) == (split == "val")


@pytest.mark.parametrize("n", [1, 2])
def test_few_pictures_and_a_single_class_make_a_page(n, tmp_path):
    dataset, predictions = sample(n, classes=("calm", "cross", "glad"))
    write(judge(predictions, dataset, split="test", model={"uncertain_below": 0.5}), tmp_path)
    assert ("ROC" in (tmp_path / "report.html").read_text()) == (n > 1)


@pytest.mark.parametrize(
    ("share", "certain", "uncertain", "words"),
    [
        (1.0, 0.6, None, "It marks none of these pictures as uncertain (confidence under 40%)."),
        (0.0, None, 0.6, "It marks all of these pictures as uncertain (confidence under 40%)."),
        (
            0.9,
            0.64,
            0.24,
            "It marks 10.0% of the pictures as uncertain (confidence under 40%) and is right on 24.0% of those; on the "
            "rest it is right on 64.0%, instead of 60.0% on all.",
        ),
    ],
)
def test_what_uncertain_buys_is_said_in_a_sentence(share, certain, uncertain, words):
    found = {"coverage": share, "accuracy_certain": certain, "accuracy_uncertain": uncertain}
    assert bought({"accuracy": {"1.0": 0.6}, "uncertain": {"uncertain_below": 0.4, **found}}) == words


def test_page_says_what_the_model_file_does_to_its_logits(tmp_path):
    dataset, predictions = sample()
    about = {"name": "a", "temperature": 0.9, "offsets": {"angry": -0.25, "sad": 0.25}}
    write(judge(predictions, dataset, split="test", model=about), tmp_path)
    expected = "logits are divided by 0.90, then these are added: angry -0.25, sad +0.25."
    assert expected in (tmp_path / "report.html").read_text()


def test_page_of_a_run_shows_its_curves(evaluation, tmp_path):
    write(evaluation, tmp_path, history=history(5))
    page = (tmp_path / "report.html").read_text()
    assert "5 epochs in 10 seconds. The weights of epoch 3 were kept." in page
    assert page.count("over epochs, training and validation") == 3


def test_without_thumbnails_the_page_holds_names_of_mistakes(evaluation, tmp_path):
    write(evaluation, tmp_path, thumbnails=False)
    assert evaluation.mistakes[0].name in (tmp_path / "report.html").read_text()


def test_mistakes_are_shown(evaluation, tmp_path):
    write(evaluation, tmp_path)
    wrong = round((1 - evaluation.metrics["accuracy"]) * 60)
    assert (tmp_path / "report.html").read_text().count("<img") == min(wrong, 24)


def test_summary_names_the_best_and_worst_class(evaluation):
    metrics = {
        "accuracy": 0.66,
        "n": 3579,
        "intervals": {"accuracy": [0.645, 0.676]},
        "per_class": {"happy": {"recall": 0.9}, "fear": {"recall": 0.4}, "calm": {"recall": None}},
        "classes": ["happy", "fear"],
        "confusion": [[9, 1], [6, 4]],
    }
    assert summary(metrics) == (
        "Right on 66.0% of 3,579 pictures (95% interval 64.5 to 67.6%). Finds happy best (90%) and fear worst (40%). "
        "Its commonest mistake: fear taken for happy (6 times, 60% of fear)."
    )


def test_perfect_model_has_no_confused_pairs(tmp_path):
    dataset, predictions = sample(6)
    perfect = np.eye(3, dtype=np.float32)[dataset.labels]
    evaluation = judge(
        type(predictions)(dataset.names, dataset.classes, perfect, perfect), dataset, split="test", model={}
    )
    assert confused_pairs(evaluation.metrics) == []
    write(evaluation, tmp_path)
    assert "mistakes" not in (tmp_path / "report.html").read_text()


def test_place_that_cannot_be_written_is_named(evaluation, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"file/\S+: cannot be written"):
        write(evaluation, tmp_path / "file")
