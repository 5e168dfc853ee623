import numpy as np
import pytest

from mien.audit.twins import identical, near_duplicates, perceptual_hashes, twins
from tests.audit.pictures import pictures, smooth


def found_in(given) -> list[tuple[str, str, str]]:
    return [(finding.kind, finding.file, finding.partner) for finding in twins(given, identical(given))]


def near(given) -> list[tuple[str, str]]:
    rows = np.arange(len(given))
    return [(finding.file, finding.partner) for finding in near_duplicates(given, rows)]


def test_no_pictures_have_no_twins() -> None:
    assert found_in(pictures([])) == []
    assert near(pictures([])) == []


def test_a_twin_is_every_copy_but_the_first() -> None:
    assert found_in(pictures([smooth(0), smooth(1), smooth(0), smooth(0)])) == [("twin", "2", "0"), ("twin", "3", "0")]


def test_the_largest_groups_come_first() -> None:
    given = pictures([smooth(0), smooth(0), smooth(1), smooth(1), smooth(1)])
    assert [file for _, file, _ in found_in(given)] == ["3", "4", "1"]


def test_of_twins_across_splits_the_one_in_test_is_the_original() -> None:
    given = pictures([smooth(0), smooth(0), smooth(0)], splits=["test", "train", "train"])
    assert found_in(given) == [("twin-across", "1", "0"), ("twin", "2", "1"), ("twin-across", "2", "0")]


def test_a_contradiction_lists_every_member_and_is_no_twin() -> None:
    given = pictures([smooth(0), smooth(0), smooth(0)], labels=["a", "a", "b"])
    assert found_in(given) == [("conflict", "0", "2"), ("conflict", "1", "2"), ("conflict", "2", "0")]


@pytest.mark.parametrize(
    "change",
    [
        lambda image: np.clip(image.astype(int) + 3, 0, 255),
        lambda image: image * 0.7,
        lambda image: np.roll(image, 1, axis=1),
        lambda image: np.clip(image + np.random.default_rng(0).normal(0, 4, image.shape), 0, 255),
    ],
    ids=["lighter", "less contrast", "moved", "noisy"],
)
def test_near_duplicates_are_found(change) -> None:
    assert near(pictures([smooth(0), smooth(1), change(smooth(0))])) == [("2", "0")]


def test_pictures_that_only_share_coarse_shapes_are_none() -> None:
    assert near(pictures([smooth(seed) for seed in range(300)])) == []


def test_a_near_duplicate_says_where_its_partner_differs() -> None:
    given = pictures([smooth(0), smooth(0) * 0.9], labels=["a", "b"], splits=["test", "train"])
    (found,) = near_duplicates(given, np.arange(2))
    assert found.note == "the partner is a; the partner is in test"


def test_near_duplicates_are_found_across_blocks() -> None:
    images = [smooth(seed) for seed in range(600)]
    images[550] = (images[3] * 0.9).astype(np.uint8)
    seen: list[tuple[int, int]] = []
    given = pictures(images)
    found = near_duplicates(given, np.arange(600), watch=lambda done, total: seen.append((done, total)))
    assert [(finding.file, finding.partner) for finding in found] == [("550", "3")]
    assert seen[-1] == (600, 600)


def test_half_the_bits_of_a_hash_are_each() -> None:
    hashes = perceptual_hashes(np.stack([smooth(0), smooth(1)]))
    assert hashes.shape == (2, 64)
    assert hashes.sum(axis=1).tolist() == [0, 0]
