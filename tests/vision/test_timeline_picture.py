"""The picture of a timeline: where which colour is."""

import numpy as np
import pytest

from mien.results import Face, Frame
from mien.vision import timeline_picture
from mien.vision.draw import class_color
from mien.vision.timeline import COLUMNS, Timeline
from mien.vision.timeline_picture import _LANE, _LEFT, _TITLE, _clock, draw_timeline

LABELS = ("happy", "sad")
HAPPY, SAD = (class_color(label, n) for n, label in enumerate(LABELS))
IMAGE = np.zeros((1, 1, 3), np.uint8)


def timeline(rows: dict[int, list[tuple[int, float]]], count: int, step: float = 0.04) -> Timeline:
    """A timeline of so many frames; some have tracks with a probability of happy."""
    made = Timeline(LABELS)
    for n in range(count):
        faces = [
            Face((0, 0, 1, 1), {"happy": happy, "sad": 1 - happy}, uncertain=False, track=track)
            for track, happy in rows.get(n, [])
        ]
        made.add(Frame("a", n, n * step, IMAGE, tuple(faces)))
    return made


def color_at(picture: np.ndarray, share: float, height: float = 0.5, lane: int = 0) -> tuple[int, ...]:
    y = _TITLE + lane * (_LANE + 22) + round((1 - height) * _LANE)
    return tuple(int(v) for v in picture[y, _LEFT + round(share * COLUMNS)])


def test_nobody_is_told():
    assert draw_timeline(timeline({}, 10), "clip.mp4").shape[1] == _LEFT + COLUMNS + 30


def test_colours_are_stacked_where_the_face_was():
    rows = {n: [(1, 0.25)] for n in range(50, 100)}
    picture = draw_timeline(timeline(rows, 100), "clip.mp4")
    assert color_at(picture, 0.77, height=0.1) == HAPPY
    assert color_at(picture, 0.77, height=0.6) == SAD
    assert color_at(picture, 0.27) not in (HAPPY, SAD)


def test_frames_that_are_rare_fill_their_lane():
    picture = draw_timeline(timeline({n: [(1, 1.0)] for n in range(20)}, 20, step=0.5), "clip.mp4")
    row = picture[_TITLE + _LANE // 2, _LEFT + 5 : _LEFT + COLUMNS - 60]
    assert (row == HAPPY).all()


def test_a_part_of_a_video_is_drawn_like_a_whole_one(monkeypatch: pytest.MonkeyPatch):
    texts: list[str] = []
    monkeypatch.setattr(timeline_picture, "write_text", lambda image, text, *_: texts.append(text))
    part = Timeline(LABELS)
    for n in range(250):
        faces = (Face((0, 0, 1, 1), {"happy": 1.0, "sad": 0.0}, uncertain=False, track=1),) if n < 125 else ()
        part.add(Frame("a", n, 3599.5 + n / 25, IMAGE, faces))
    picture = draw_timeline(part, "clip.mp4")
    assert color_at(picture, 0.25) == HAPPY
    assert color_at(picture, 0.75) != HAPPY
    assert [text for text in texts if ":" in text] == [f"1:00:{second:02}" for second in range(10)]


def test_the_longest_tracks_have_a_lane_each_in_their_order():
    rows = {n: [(t, 1.0) for t in range(1, 21) if t % 5 or n < 3] for n in range(50)}
    picture = draw_timeline(timeline(rows, 50), "clip.mp4")
    assert picture.shape[0] == _TITLE + 12 * (_LANE + 22) + 56
    assert color_at(picture, 0.5, lane=11) == HAPPY


def test_a_long_title_and_many_classes_fit():
    made = Timeline([f"class number {n}" for n in range(40)])
    made.add(Frame("a", 0, 0.0, IMAGE))
    assert draw_timeline(made, "video" * 100).dtype == np.uint8


@pytest.mark.parametrize(
    ("seconds", "step", "text"),
    [(0.4, 0.2, "0.4 s"), (12, 2, "12 s"), (90, 30, "1:30"), (60, 60, "1:00"), (3900, 300, "1:05:00")],
)
def test_times_are_written_as_people_do(seconds: float, step: float, text: str):
    assert _clock(seconds, step) == text
