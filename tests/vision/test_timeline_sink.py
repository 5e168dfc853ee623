"""Written timelines: a picture and a table for each video, also after an error."""

import csv
from pathlib import Path

import numpy as np
import pytest

from mien.errors import OutputError
from mien.pictures import read_picture
from mien.results import Face, Frame
from mien.vision.sources import Source
from mien.vision.timeline_sink import TimelineSink

LABELS = ("happy", "sad")
FACE = Face((1, 2, 3, 4), {"happy": 0.75, "sad": 0.25}, uncertain=False, track=1)


def frame(source: str, index: int) -> Frame:
    return Frame(source, index, index / 25, np.zeros((4, 4, 3), np.uint8), (FACE,))


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_pictures_have_no_timeline(tmp_path: Path):
    with TimelineSink(tmp_path / "out", [Source(Path("a.jpg"), Path("a.jpg"))], LABELS) as sink:
        sink.write(frame("a.jpg", 0))
    assert names(tmp_path / "out") == []


def test_each_video_has_a_picture_and_a_table(tmp_path: Path):
    sources = [Source(Path(f"x/{name}"), Path(name)) for name in ("a.mp4", "b.avi")]
    with TimelineSink(tmp_path / "out", sources, LABELS) as sink:
        for index in range(10):
            sink.write(frame("x/a.mp4", index))
        sink.write(frame("x/b.avi", 0))
    assert sink.target == tmp_path / "out"
    assert names(tmp_path / "out") == ["a-timeline.png", "a-tracks.csv", "b-timeline.png", "b-tracks.csv"]
    assert read_picture(tmp_path / "out" / "a-timeline.png").shape[2] == 3
    with (tmp_path / "out" / "a-tracks.csv").open() as file:
        assert list(csv.DictReader(file)) == [
            {"track": "1", "start": "0.0", "end": "0.36", "frames": "10", "happy": "1", "sad": "0"}
        ]


def test_an_interrupted_video_has_what_there_is(tmp_path: Path):
    with (
        pytest.raises(KeyboardInterrupt),
        TimelineSink(tmp_path, [Source(Path("a.mp4"), Path("a.mp4"))], LABELS) as sink,
    ):
        sink.write(frame("a.mp4", 0))
        raise KeyboardInterrupt
    assert sink.target == tmp_path / "a-timeline.png"
    assert names(tmp_path) == ["a-timeline.png", "a-tracks.csv"]


def test_a_source_is_never_replaced(tmp_path: Path):
    (tmp_path / "a-timeline.png").write_bytes(b"the only copy")
    sources = [Source(tmp_path / name, Path(name)) for name in ("a.mp4", "a-timeline.png")]
    with (
        pytest.raises(OutputError, match="is one of the sources and would be replaced"),
        TimelineSink(tmp_path, sources, LABELS) as sink,
    ):
        sink.write(frame(str(tmp_path / "a.mp4"), 0))
    assert (tmp_path / "a-timeline.png").read_bytes() == b"the only copy"
