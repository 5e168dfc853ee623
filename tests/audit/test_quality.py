import cv2
import numpy as np
import pytest

from mien.audit.quality import by_class, measure, poor
from tests.audit.pictures import pictures, smooth


def test_no_pictures_have_no_findings() -> None:
    nothing = pictures([])
    looks = measure(nothing.images)
    assert poor(nothing, looks) == []
    assert by_class(nothing, looks) == ()


def test_blank_and_near_constant_are_told_apart() -> None:
    flat = np.full((48, 48), 7)
    noisy = flat + np.arange(48) % 3
    given = pictures([smooth(0), flat, noisy])
    found = poor(given, measure(given.images))
    assert [(finding.file, finding.kind, finding.note) for finding in found] == [
        ("1", "blank", "all pixels are 7"),
        ("2", "near-constant", ""),
    ]


def test_tiny_is_said_of_the_side_on_disk() -> None:
    given = pictures([smooth(0), smooth(1), smooth(2)], sides=[23, 24, 0])
    (found,) = poor(given, measure(given.images))
    assert (found.file, found.kind, found.score) == ("0", "tiny", 23)


@pytest.mark.parametrize(
    ("change", "kind", "note"),
    [
        (lambda image: image // 12, "brightness", "very dark"),
        (lambda image: 255 - image // 12, "brightness", "very bright"),
        (lambda image: cv2.GaussianBlur(image, (0, 0), 12), "sharpness", "blurred"),
        (lambda image: np.random.default_rng(0).integers(0, 256, (48, 48)), "sharpness", "noisy"),
    ],
)
def test_outliers_are_found_and_described(change, kind: str, note: str) -> None:
    given = pictures([*(smooth(seed) for seed in range(60)), change(smooth(99))])
    found = [finding for finding in poor(given, measure(given.images)) if finding.file == "60"]
    assert kind in [finding.kind for finding in found]
    assert any(finding.note.startswith(note) for finding in found)


def test_each_class_has_its_own_quartiles() -> None:
    dark, light = (np.tile([level - 20, level + 20], (48, 24)) for level in (60, 180))
    given = pictures([dark, light, np.zeros((48, 48))], labels=["night", "day", "day"])
    day, night = by_class(given, measure(given.images))
    assert (day.label, day.pictures, day.brightness) == ("day", 1, (180, 180, 180))
    assert night.brightness == (60, 60, 60)


def test_progress_ends_at_all() -> None:
    seen: list[tuple[int, int]] = []
    measure(np.zeros((3, 48, 48), np.uint8), watch=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (3, 3)
