"""Sources in, frames out."""

from itertools import islice
from math import inf, nan
from pathlib import Path

import pytest

from mien.errors import PictureError
from mien.vision import media
from mien.vision.media import Section, count_frames, read_camera, read_video
from mien.vision.sources import expand
from tests.vision.filming import FakeCamera, cut, film


def test_frames_are_counted_before_they_are_read(tmp_path: Path):
    film(tmp_path / "clip.mp4", count=7)
    (tmp_path / "empty.mp4").touch()
    assert count_frames(expand([tmp_path / name for name in ("a.png", "clip.mp4", "empty.mp4")])) == 9
    assert count_frames([]) == 0


def test_only_the_frames_of_a_section_are_counted(tmp_path: Path):
    sources = expand([film(tmp_path / "clip.mp4", count=25)])
    assert [
        count_frames(sources, section)
        for section in (Section(stride=5), Section(start=0.4, end=0.8), Section(first=20), Section(start=9))
    ] == [5, 10, 5, 1]
    assert count_frames(expand(["0"])) == 1


def test_a_video_gives_every_frame(tmp_path: Path):
    assert [frame.index for frame in read_video(film(tmp_path / "clip.mp4", count=12))] == list(range(12))


@pytest.mark.parametrize(
    ("section", "indices"),
    [
        (Section(stride=5), [0, 5, 10]),
        (Section(start=0.16), [4, 5, 6, 7, 8, 9, 10, 11]),
        (Section(end=0.1), [0, 1, 2]),
        (Section(start=0.1, end=0.3, stride=2), [4, 6]),
        (Section(first=9), [9, 10, 11]),
        (Section(first=99), []),
    ],
)
def test_a_section_gives_its_frames_with_their_numbers_and_times(tmp_path: Path, section: Section, indices: list[int]):
    frames = list(read_video(film(tmp_path / "clip.mp4", count=12), section=section))
    assert [frame.index for frame in frames] == indices
    assert [frame.time for frame in frames] == pytest.approx([index / 25 for index in indices])


def test_a_section_after_the_end_is_a_clear_error(tmp_path: Path):
    with pytest.raises(PictureError, match=r"clip\.mp4: ends at 0\.4 s, before the start at 5 s; give an earlier one"):
        list(read_video(film(tmp_path / "clip.mp4", count=12), section=Section(start=5)))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"stride": 0}, r"stride 0: expected 1 \(every frame\) or more"),
        ({"start": -1.0}, "start -1 s, end None s: expected 0 or more"),
        ({"start": 5.0, "end": 5.0}, "an end after the start"),
        ({"start": nan}, "start nan s, end None s: expected 0 or more"),
        ({"start": inf}, "start inf s, end None s: expected 0 or more"),
        ({"end": nan}, "end nan s: expected 0 or more"),
    ],
)
def test_a_section_that_names_no_frame_is_a_clear_error(values: dict[str, float], message: str):
    with pytest.raises(PictureError, match=message):
        Section(**values)  # type: ignore[arg-type]


def test_a_section_without_an_end_may_say_so(tmp_path: Path):
    assert Section(end=inf) == Section()
    sources = expand([film(tmp_path / "clip.mp4", count=25)])
    assert count_frames(sources, Section(start=0.4, end=1e308)) == 15
    assert count_frames(sources, Section(start=1e308)) == 1


def test_a_cut_video_gives_what_it_has_and_a_line(tmp_path: Path):
    path, told = cut(film(tmp_path / "clip.mp4", count=60)), []
    assert 10 < len(list(read_video(path, told.append))) < 50
    (line,) = told
    assert "clip.mp4: ends at " in line
    assert "of 2.4 s, as if cut off; what was read is kept" in line


def test_where_nobody_listens_a_cut_video_ends_with_a_warning(tmp_path: Path):
    with pytest.warns(UserWarning, match="as if cut off"):
        list(read_video(cut(film(tmp_path / "clip.mp4", count=60))))


def test_a_video_without_frames_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = film(tmp_path / "clip.mp4")
    camera = FakeCamera(0).plug(monkeypatch)
    with pytest.raises(PictureError, match=r"clip\.mp4: a video without a single frame that can be decoded"):
        next(read_video(path))
    assert camera.released == 1


def test_a_video_is_closed_after_an_early_break(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = film(tmp_path / "clip.mp4")
    camera = FakeCamera().plug(monkeypatch)
    frames = read_video(path)
    assert len(list(islice(frames, 3))) == 3
    assert camera.released == 0
    frames.close()
    assert camera.released == 1


def test_a_camera_that_stops_is_released_and_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(media, "PATIENCE", 0.1)
    camera, seen = FakeCamera(3).plug(monkeypatch), []
    with pytest.raises(PictureError, match="camera 0: stopped giving pictures; check its cable"):
        seen.extend(frame.index for frame in read_camera(0))
    assert camera.released == 1


def test_a_camera_that_gives_nothing_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(media, "PATIENCE", 0.1)
    FakeCamera(0).plug(monkeypatch)
    with pytest.raises(PictureError, match="camera 2: opens but gives no picture; close other programs"):
        next(read_camera(2))
