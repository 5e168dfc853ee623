import json

import numpy as np
import pytest

from mien.errors import DataError, ModelError
from mien.evaluation.compare import compare
from mien.evaluation.judge import judge
from mien.evaluation.paired import Outcomes
from mien.evaluation.predict import Predictions
from tests.evaluation.comparing import clear_comparison, pictures, says
from tests.evaluation.samples import guesses, sample


@pytest.mark.parametrize(("models", "told"), [({}, "no model"), ({"runs/a": says([0])}, "runs/a alone")])
def test_fewer_than_two_models_are_an_error(models, told):
    with pytest.raises(ModelError, match=f"{told} cannot be compared; expected two models or more"):
        compare(models, pictures([0]), split="test")


def test_no_pictures_are_an_error():
    with pytest.raises(DataError, match="no pictures to judge"):
        compare({"a": says([]), "b": says([])}, pictures([]), split="test")


def test_figures_of_a_pair_can_be_counted_by_hand():
    found = compare({"a": says([0, 1, 1, 0]), "b": says([0, 0, 1, 0])}, pictures([0, 0, 1, 1]), split="test")
    (pair,) = found.pairs
    assert [model.figures["accuracy"] for model in found.models] == [0.5, 0.75]
    assert (pair.first, pair.second, pair.differences["accuracy"].value) == ("a", "b", 0.25)
    assert pair.differences["balanced_accuracy"].value == 0.25
    # F1: a has 1/2 and 1/2; b has calm 2*2/(2+3), cross 2*1/(2+1).
    assert pair.differences["macro_f1"].value == pytest.approx((4 / 5 + 2 / 3) / 2 - 1 / 2)
    # AUC: pairs in order, ties half; a 2 of 4, b 3 of 4.
    assert pair.differences["macro_auc"].value == pytest.approx(3 / 4 - 1 / 2)
    # All confidences are 0.8: the gap to accuracy is 0.3, then 0.05.
    assert pair.differences["ece"].value == pytest.approx(0.05 - 0.3, abs=1e-6)
    assert pair.outcomes == Outcomes(both_right=2, only_first=0, only_second=1, both_wrong=1)
    assert (pair.p_value, pair.p_adjusted) == (1.0, 1.0)
    assert [(gain.name, gain.gain) for gain in pair.classes] == [("calm", 0.5), ("cross", 0.0)]


def test_every_model_has_the_intervals_that_evaluate_gives():
    dataset, predictions = sample()
    other = Predictions(predictions.names, predictions.classes, predictions.flipped, predictions.probabilities)
    found = compare({"a": predictions, "b": other}, dataset, split="test")
    metrics = judge(predictions, dataset, split="test", model={}).metrics
    assert found.models[0].intervals == metrics["intervals"]
    assert found.models[0].figures == {name: metrics[name] for name in found.models[0].figures}
    assert found.models[0].flip == found.models[1].flip == metrics["flip"]


def test_order_of_labels_and_of_pictures_does_not_matter():
    dataset, predictions = sample()
    turned = Predictions(
        predictions.names[::-1],
        predictions.classes[::-1],
        predictions.probabilities[::-1, ::-1],
        predictions.flipped[::-1, ::-1],
    )
    found = compare({"a": predictions, "b": turned}, dataset, split="test")
    assert not found.disagreements
    assert found.models[0].figures == found.models[1].figures


def test_pairs_are_all_and_their_p_values_adjusted():
    found = clear_comparison(names=("worse", "better", "nearly"))
    assert [(pair.first, pair.second) for pair in found.pairs] == [
        ("worse", "better"),
        ("worse", "nearly"),
        ("better", "nearly"),
    ]
    assert found.pairs[0].outcomes == Outcomes(30, 0, 30, 0)
    assert found.pairs[0].p_value == pytest.approx(2 / 2**30)
    assert found.pairs[0].p_adjusted == pytest.approx(3 * 2 / 2**30)
    assert found.pairs[2].p_adjusted == 1.0


def test_disagreements_are_sorted_by_the_less_sure_of_the_two():
    first = says([0, 0, 0, 0], [0.99, 0.75, 0.9, 0.9])
    second = says([1, 1, 1, 0], [0.55, 0.75, 0.75, 0.9])
    found = compare({"a": first, "b": second}, pictures([0, 1, 1, 0]), split="test").disagreements
    assert [each.name for each in found] == ["1", "2", "0"]
    assert (found[0].label, found[0].said) == ("cross", ("calm", "cross"))
    assert found[2].confidences == pytest.approx((0.99, 0.55))
    assert found[2].sureness == pytest.approx(0.55)


def test_of_three_models_the_surest_two_that_disagree_count():
    said = {"a": says([0], 0.95), "b": says([0], 0.6), "c": says([1], 0.8)}
    (found,) = compare(said, pictures([0]), split="test").disagreements
    assert found.sureness == pytest.approx(0.8)


def test_other_classes_name_both_models():
    other = Predictions(
        ("0",), ("calm", "tired"), np.array([[0.5, 0.5]], np.float32), np.array([[0.5, 0.5]], np.float32)
    )
    expected = "runs/b knows other classes than runs/a: only runs/a: cross; only runs/b: tired; compare models that"
    with pytest.raises(ModelError, match=expected):
        compare({"runs/a": says([0]), "runs/b": other}, pictures([0]), split="test")


def test_classes_that_the_models_lack_name_the_model():
    with pytest.raises(
        ModelError, match="a's classes are not the data's: only in the model: cross; only in the data: tired; rename"
    ):
        compare({"a": says([0]), "b": says([0])}, pictures([0], ("calm", "tired")), split="test")


def test_classes_that_the_data_are_without_have_no_pictures():
    found = compare({"a": says([0, 1]), "b": says([0, 0])}, pictures([0, 0], ("calm",)), split="test")
    assert found.classes == ("calm", "cross")
    assert found.models[1].figures["accuracy"] == 1.0
    assert found.notes == ("no picture of cross in test: averages over classes leave it out",)


def test_nan_names_the_model_and_the_picture():
    with pytest.raises(ModelError, match=r"b gives NaN or infinity for 1 of 2 pictures, first '1'; its training"):
        compare({"a": says([0, 1]), "b": says([0, 1], [0.8, np.nan])}, pictures([0, 1]), split="test")


def test_a_class_without_pictures_is_noted_and_has_no_gain():
    found = compare({"a": says([0, 1]), "b": says([0, 0])}, pictures([0, 0]), split="val", notes=["mind"])
    assert found.notes == ("mind", "no picture of cross in val: averages over classes leave it out")
    assert found.pairs[0].classes[1].gain is None
    assert found.pairs[0].differences["macro_auc"].value is None


def test_dictionary_is_plain_and_complete():
    dataset, predictions = sample(9)
    rng = np.random.default_rng(1)
    scores = guesses(rng, dataset.labels, 3)
    other = Predictions(predictions.names, predictions.classes, scores, scores)
    found = compare({"a": predictions, "b": other}, dataset, split="test", about={"a": {"recipe": "tiny"}})
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert set(values) == {
        "models", "pairs", "disagreements", "classes", "n", "split", "notes", "schema_version"
    }  # fmt: skip
    assert values["models"][0]["about"] == {"recipe": "tiny"}
    assert values["pairs"][0]["outcomes"]["both_right"] == found.pairs[0].outcomes.both_right
    assert values["classes"] == list(dataset.classes)
