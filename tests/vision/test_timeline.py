"""Timelines: shares, times, and memory that does not grow."""

import numpy as np
import pytest

from mien.results import Face, Frame
from mien.vision.timeline import COLUMNS, Timeline

LABELS = ("happy", "sad")
IMAGE = np.zeros((1, 1, 3), np.uint8)


def face(track: int | None, happy: float) -> Face:
    return Face((0, 0, 1, 1), {"happy": happy, "sad": 1 - happy}, uncertain=False, track=track)


def gathered(*frames: Frame) -> Timeline:
    timeline = Timeline(LABELS)
    for frame in frames:
        timeline.add(frame)
    return timeline


def test_nothing_shows_nothing():
    assert gathered().presences() == []
    assert gathered(Frame("a", 0, 0.0, IMAGE)).presences() == []


def test_a_track_has_its_times_and_shares():
    frames = [Frame("a", n, n / 25, IMAGE, (face(1, 1.0 if n < 75 else 0.2),) if n >= 25 else ()) for n in range(125)]
    (one,) = gathered(*frames).presences()
    assert (one.track, one.start, one.end, one.frames) == (1, 1.0, 124 / 25, 100)
    assert one.shares == {"happy": 0.5, "sad": 0.5}
    np.testing.assert_allclose(one.columns[30], [1, 0])
    np.testing.assert_allclose(one.columns[110], [0.2, 0.8])


def test_tracks_come_by_their_numbers_and_stills_are_left_out():
    timeline = gathered(Frame("a", 0, 0.0, IMAGE, (face(7, 1), face(2, 0), face(None, 0))))
    assert [(one.track, one.shares["happy"]) for one in timeline.presences()] == [(2, 0.0), (7, 1.0)]


def test_a_long_video_has_no_more_columns_and_the_same_means():
    frames = [Frame("a", n, n / 5, IMAGE, (face(1, (n % 2) * 1.0),)) for n in range(40_000)]
    timeline = gathered(*frames)
    (one,) = timeline.presences()
    assert COLUMNS / 2 <= len(one.columns) <= COLUMNS
    assert timeline.step == pytest.approx(0.04 * 2**8)
    np.testing.assert_allclose(one.columns[100], [0.5, 0.5], atol=0.05)
    assert one.frames == 40_000


def test_a_part_of_a_video_begins_where_it_begins():
    timeline = gathered(*(Frame("a", n, n / 25, IMAGE, (face(1, 1.0),)) for n in range(90_000, 90_250)))
    (one,) = timeline.presences()
    assert (timeline.start, timeline.length) == (3600.0, pytest.approx(249 / 25))
    assert (timeline.step, timeline.interval) == (0.04, pytest.approx(0.04))
    assert (one.start, one.end, len(one.columns)) == (3600.0, 90_249 / 25, pytest.approx(250, abs=3))
