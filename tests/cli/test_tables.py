"""Tables of what was detected."""

from dataclasses import replace

import numpy as np
import pytest

from mien.cli.tables import PictureTable, VideoTable
from mien.results import Face, Frame


def frame(index: int, *labels: str, source: str = "clip.mp4") -> Frame:
    faces = (Face((1, 2, 3, 4), {"happy": 0.0, "sad": 0.0} | {label: 1.0}, uncertain=False) for label in labels)
    return Frame(source, index, index / 25, np.zeros((4, 4, 3), np.uint8), tuple(faces))


def test_without_rows_nothing_is_printed(capsys: pytest.CaptureFixture[str]):
    PictureTable().print()
    VideoTable().print()
    assert capsys.readouterr().out == ""


def test_a_picture_has_a_row_a_face(capsys: pytest.CaptureFixture[str]):
    table = PictureTable()
    table.add(frame(0, "sad", "happy", source="a.jpg"))
    table.add(frame(0, source="b.jpg"))
    table.print()
    _, *rows = (line.split() for line in capsys.readouterr().out.splitlines())
    assert rows == [
        ["a.jpg", "0", "1", "2", "3", "4", "sad", "100.0%"],
        ["a.jpg", "1", "1", "2", "3", "4", "happy", "100.0%"],
        ["b.jpg", "no", "face", "found"],
    ]


def test_a_video_has_one_row(capsys: pytest.CaptureFixture[str]):
    table = VideoTable()
    for index, labels in enumerate([("sad", "happy"), ("happy",), (), ("happy",)]):
        table.add(frame(index, *labels))
    table.add(frame(0, source="wall.mp4"))
    table.print()
    _, first, second = (line.split() for line in capsys.readouterr().out.splitlines())
    assert (first[:5], first[6:]) == (["clip.mp4", "0.1", "s", "4", "3"], ["happy", "75%,", "sad", "25%"])
    assert int(first[5]) > 0
    assert (second[:5], second[6:]) == (["wall.mp4", "0.0", "s", "1", "0"], ["no", "face", "found"])


def test_a_part_of_a_video_is_as_long_as_it_is(capsys: pytest.CaptureFixture[str]):
    table = VideoTable()
    for second in (3600, 3605, 3610):
        table.add(replace(frame(second), time=float(second)))
    table.print()
    assert capsys.readouterr().out.splitlines()[1].split()[:3] == ["clip.mp4", "10.0", "s"]


def test_the_tracks_of_videos_have_a_row_each(capsys: pytest.CaptureFixture[str]):
    table = VideoTable()
    for index in range(50):
        one = frame(index, "sad" if index < 10 else "happy", "happy")
        table.add(replace(one, faces=tuple(replace(face, track=track) for track, face in enumerate(one.faces, 1))))
    table.print()
    rows = [line.split() for line in capsys.readouterr().out.splitlines()][3:]
    assert rows == [
        ["1", "0.0", "s", "2.0", "s", "50", "happy", "80%,", "sad", "20%"],
        ["2", "0.0", "s", "2.0", "s", "50", "happy", "100%"],
    ]


def test_of_many_tracks_the_longest_are_shown(capsys: pytest.CaptureFixture[str]):
    table = VideoTable()
    for index in range(20):
        faces = [
            replace(face, track=track) for track, face in enumerate(frame(0, *["sad"] * 30).faces) if track > index
        ]
        table.add(replace(frame(index), faces=tuple(faces)))
    table.print()
    rows = [line.split()[0] for line in capsys.readouterr().out.splitlines()][3:]
    assert rows == [str(number) for number in range(18, 30)]
