from mien.evaluation.compare import compare
from mien.evaluation.verdict import p_text, verdict
from tests.evaluation.comparing import clear_comparison, pictures, says


def test_a_clear_winner_is_named_with_its_lead():
    found = verdict(clear_comparison())
    assert found.startswith(
        "better is better than worse: right on 100.0% instead of 50.0% of 60 pictures, +50.0 points"
    )
    assert "That is more than chance (McNemar's test, p < 0.001)." in found
    assert "With every class counted the same, better is ahead: +50.0 points" in found


def test_the_winner_may_be_named_first():
    found = compare({"good": says([0, 1] * 20), "bad": says([1, 0] * 20)}, pictures([0, 1] * 20), split="test")
    assert verdict(found).startswith("good is better than bad: right on 100.0% instead of 0.0% of 40 pictures, +100.0")


def test_a_difference_by_chance_has_no_winner():
    found = compare({"a": says([0, 1, 1, 1]), "b": says([0, 0, 1, 1])}, pictures([0, 0, 1, 1]), split="test")
    text = verdict(found)
    assert text.startswith("No clear winner: b is right on 100.0% and a on 75.0% of 4 pictures, +25.0 points")
    assert "Chance alone could make that difference (McNemar's test, p = 1.000)." in text
    assert "neither is clearly ahead" in text


def test_of_three_models_those_that_chance_cannot_explain_are_behind():
    text = verdict(clear_comparison(names=("worse", "better", "nearly")))
    assert text.startswith("No clear winner: better is right on 100.0% and nearly on 98.3%")
    assert "p = 1.000, for 3 pairs together" in text
    assert text.endswith("Clearly behind: worse.")


def test_a_rare_class_can_turn_the_verdict():
    labels = [0] * 200 + [1] * 20
    common = says([0] * 220)
    rare = says([1] * 40 + [0] * 160 + [1] * 20)
    text = verdict(compare({"common": common, "rare": rare}, pictures(labels), split="test"))
    assert text.startswith("common is better than rare: right on 90.9% instead of 81.8%")
    assert "But with every class counted the same, rare is ahead: +40.0 points" in text


def test_p_values_are_short():
    assert (p_text(0.03125), p_text(0.00002), p_text(1.0)) == ("p = 0.031", "p < 0.001", "p = 1.000")
