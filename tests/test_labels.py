"""The table of expressions."""

import pytest

from mien.labels import FER_ORDER, LABELS, TABLE, canonical, canonical_classes, color_of


def test_no_classes_stay_no_classes():
    assert canonical_classes([]) == ()


def test_labels_are_sorted_as_folders_sort():
    assert list(LABELS) == sorted(LABELS)


def test_the_numbers_of_fer2013_cover_all_labels():
    assert sorted(FER_ORDER) == list(LABELS)


@pytest.mark.parametrize(
    ("spelling", "name"), [("anger", "angry"), (" Happiness ", "happy"), ("SAD", "sad"), ("surprised", "surprise")]
)
def test_other_spellings_are_accepted(spelling: str, name: str):
    assert canonical(spelling) == name


@pytest.mark.parametrize("name", ["", "calm", "contempt"])
def test_a_name_outside_the_table_is_none(name: str):
    assert canonical(name) is None


def test_no_spelling_belongs_to_two_expressions():
    spellings = [spelling for label in TABLE for spelling in (label.name, *label.aliases)]
    assert len(spellings) == len(set(spellings))


def test_classes_are_renamed_only_where_all_are_expressions():
    assert canonical_classes(["Anger", "joy"]) == ("angry", "happy")
    assert canonical_classes(["joy", "calm"]) == ("joy", "calm")


def test_two_spellings_of_one_expression_stay_two_classes():
    assert canonical_classes(["joy", "happy"]) == ("joy", "happy")


def test_every_expression_has_its_own_colour():
    assert len({color_of(name) for name in LABELS}) == len(LABELS)


def test_classes_outside_the_table_get_colours_by_position():
    colors = [color_of(f"class {position}", position) for position in range(20)]
    assert len(set(colors[:7])) == 7
    assert colors[7] == colors[0]
