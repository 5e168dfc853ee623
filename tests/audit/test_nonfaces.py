import numpy as np

from mien.audit.nonfaces import suspects
from mien.data.drawing import draw_face
from tests.audit.pictures import pictures
from tests.data.building import picture


def faces(count: int) -> list[np.ndarray]:
    return [draw_face("happy", np.random.default_rng(seed), 48) for seed in range(count)]


def test_few_pictures_make_no_face_space() -> None:
    given = pictures([*faces(20), picture(0)])
    assert suspects(given, np.arange(21)) == []


def test_noise_among_faces_is_suspected() -> None:
    given = pictures([*faces(200), picture(0), picture(1)])
    found = suspects(given, np.arange(202))
    assert {"200", "201"} <= {finding.file for finding in found[:4]}
    assert len(found) <= 4
    assert "unexplained" in found[0].note


def test_pictures_that_are_left_out_are_not_looked_at() -> None:
    given = pictures([*faces(200), picture(0)])
    assert "200" not in {finding.file for finding in suspects(given, np.arange(200))}
