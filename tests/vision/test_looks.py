"""Looking: how often, at shot's ends, and what counts as a cut."""

from collections.abc import Generator, Iterable, Sequence

import cv2
import numpy as np
import pytest

from mien.pictures import Picture
from mien.results import Box, Frame
from mien.vision.looks import Stretch, look
from tests.vision.filming import pan

BOX = (4, 4, 20, 20)


def scene(seed: int, width: int = 64, height: int = 36) -> Picture:
    """A picture of its own: coarse blocks of random grey."""
    blocks = np.random.default_rng(seed).integers(0, 256, (9, 16, 1), np.uint8)
    return np.ascontiguousarray(np.repeat(np.kron(blocks[:, :, 0], np.ones((4, 4), np.uint8))[:, :, None], 3, axis=2))


def video(images: Iterable[Picture], step: float = 0.04) -> Generator[Frame]:
    for index, image in enumerate(images):
        yield Frame("clip", index, index * step, image)


def lengths(stretches: Iterable[Stretch]) -> list[int]:
    return [len(stretch.frames) for stretch in stretches]


def found(_: Picture) -> Sequence[Box]:
    return [BOX]


def test_no_frame_gives_no_stretch():
    assert list(look(video([]), found)) == []


def test_every_frame_comes_once_and_in_order():
    stretches = list(look(video([scene(0)] * 30), found))
    assert [frame.index for stretch in stretches for frame in stretch.frames] == list(range(30))


def test_looked_at_are_the_first_and_the_last_frame_and_some_between():
    asked: list[int] = []
    images = [scene(0).copy() for _ in range(20)]

    def find(image: Picture) -> list[Box]:
        asked.append(next(n for n, other in enumerate(images) if other is image))
        return []

    assert lengths(look(video(images), find, longest=8)) == [1, 8, 8, 3]
    assert asked == [0, 8, 16, 19]


def test_frames_that_are_rare_are_looked_at_more_often():
    assert lengths(look(video([scene(0)] * 9, step=0.2), found)) == [1, 2, 2, 2, 2]


def test_large_frames_are_looked_at_more_often(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mien.vision.looks._MEMORY", 4 * scene(0).nbytes)
    assert lengths(look(video([scene(0)] * 9), found)) == [1, 4, 4]


def test_a_cut_ends_a_stretch_and_opens_a_shot():
    stretches = list(look(video([scene(0)] * 5 + [scene(1)] * 5), found))
    assert [(len(stretch.frames), stretch.opens) for stretch in stretches] == [
        (1, True),
        (4, False),
        (1, True),
        (4, False),
    ]


def test_a_stream_that_was_away_opens_a_shot():
    frames = [Frame("s", n, time, scene(0)) for n, time in enumerate((0.0, 0.1, 5.0, 5.1))]
    assert [stretch.opens for stretch in look((frame for frame in frames), found)] == [True, False, True, False]


@pytest.mark.parametrize(
    "images",
    [
        list(pan(20)),
        [np.full((36, 64, 3), 90, np.uint8), np.full((36, 64, 3), 92, np.uint8)] * 5,
        [np.clip(scene(0) * gain, 0, 255).astype(np.uint8) for gain in (1, 0.6, 1.2, 1, 0.7)],
    ],
    ids=["a pan", "a blank wall", "light that flickers"],
)
def test_what_is_no_cut(images: list[Picture]):
    assert [stretch.opens for stretch in look(video(images), found)].count(True) == 1


@pytest.mark.parametrize("other", [scene(1), np.zeros((36, 64, 3), np.uint8), 255 - scene(0), scene(0)[:, ::-1]])
def test_what_is_a_cut(other: Picture):
    images = [scene(0)] * 3 + [np.ascontiguousarray(other)] * 3
    assert [stretch.opens for stretch in look(video(images), found)].count(True) == 2


def test_a_jump_within_a_scene_is_a_cut_and_a_sudden_pan_is_none():
    wide = np.tile(cv2.GaussianBlur(scene(2), (0, 0), 3), (1, 3, 1))
    still, moving = [wide[:, :64]] * 6, [wide[:, n : n + 64] for n in range(1, 7)]
    half = 32
    jumped = wide[:, :64].copy()
    jumped[:, :half] = 255 - jumped[:, :half] // 2 - 64
    assert [stretch.opens for stretch in look(video([*still, *moving]), found)].count(True) == 1
    opens = [(stretch.frames[0].index, stretch.opens) for stretch in look(video([*still, *[jumped] * 6]), found)]
    assert [index for index, opens_shot in opens if opens_shot] == [0, 6]


def test_frames_that_are_seconds_apart_are_one_shot():
    assert [stretch.opens for stretch in look(video([scene(0)] * 6, step=3.0), found)].count(True) == 1


def test_frames_are_closed_with_it():
    frames = video([scene(0)] * 9)
    stretches = look(frames, found)
    next(stretches)
    stretches.close()
    assert next(frames, None) is None
