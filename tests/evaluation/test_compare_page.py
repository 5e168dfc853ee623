import re

from mien.evaluation.compare import compare
from mien.evaluation.compare_page import against_first, best_of, between, compare_page, parting, signed
from mien.evaluation.paired import Difference
from tests.evaluation.comparing import clear_comparison, pictures, says

THREE = ("worse", "better", "<b>nearly")


def test_page_stands_alone_and_starts_with_the_verdict():
    page = compare_page(clear_comparison(), environment="Written today.")
    assert not re.search(r"https?://|<script|<img", page)
    assert "<h1>Which is better: worse or better?</h1>" in page
    assert "better is better than worse" in page
    assert "<h2>better against worse</h2>" in page
    assert "Every pair" not in page
    assert "Written today." in page


def test_three_models_show_every_pair_and_are_escaped():
    page = compare_page(clear_comparison(names=THREE), environment="")
    assert "<h1>Which of 3 models is best?</h1>" in page
    assert "Every pair" in page and "p, all pairs" in page
    assert "<b>nearly" not in page and "&lt;b&gt;nearly" in page


def test_models_that_agree_have_no_disagreements():
    same = {"a": says([0, 1], 0.7), "b": says([0, 1], 0.8)}
    assert "Nowhere: they name every picture the same." in compare_page(
        compare(same, pictures([0, 1]), split="test"), environment=""
    )


def test_a_single_class_has_a_page_without_its_undefined_figures():
    page = compare_page(compare({"a": says([0, 1]), "b": says([0, 0])}, pictures([0, 0]), split="test"), environment="")
    assert "nan" not in page.lower()
    assert "Note: no picture of cross in test" in page


def test_long_lists_of_disagreements_end_in_the_csv_file():
    page = compare_page(clear_comparison(200), environment="")
    assert "They name 100 of 200 pictures differently (50.0%)" in page
    assert "Here are 40 of them; disagreements.csv has all." in page
    assert page.count("cross 90% ✓") + page.count("calm 90% ✓") == 40


def test_best_is_highest_or_for_errors_lowest_and_nobody_where_all_tie():
    models = clear_comparison(names=THREE).models
    assert best_of(models, "accuracy") == ["better"]
    assert best_of(models, "brier") == ["better"]
    same = compare({"a": says([0, 1]), "b": says([0, 1])}, pictures([0, 1]), split="test").models
    assert best_of(same, "accuracy") == []
    sure = {"a": says([0, 1], 0.8), "b": says([0, 1], 0.80001), "c": says([0, 1], 0.6)}
    assert best_of(compare(sure, pictures([0, 1]), split="test").models, "brier") == ["a", "b"]


def test_pairs_of_the_first_model_come_alone():
    found = against_first(clear_comparison(names=THREE))
    assert [pair.second for pair in found] == ["better", "<b>nearly"]


def test_parting_pictures_are_told_with_the_chance_of_such_a_split():
    (pair,) = clear_comparison(12).pairs
    text = parting(pair, together=False)
    assert text.startswith("On 6 pictures only one of them is right: better on 6, worse on 0.")
    assert text.endswith("p = 0.031 (McNemar's exact test).")
    assert "with all pairs looked at together p = 0.031" in parting(pair, together=True)


def test_differences_are_in_points_or_with_three_digits():
    assert (signed("accuracy", 0.0212), signed("ece", -0.004), signed("macro_auc", None)) == ("+2.1", "-0.004", "–")
    assert signed("accuracy", -0.00001) == "+0.0"
    assert between("accuracy", Difference(0.1, [-0.01, 0.02])) == "-1.0 to +2.0"
    assert between("accuracy", Difference(None, None)) == ""
