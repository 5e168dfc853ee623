"""What is written, where, and that nothing of the user's is overwritten."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from mien.errors import MienError, OutputError
from mien.pictures import read_picture
from mien.results import Face, Frame
from mien.vision import h264
from mien.vision.media import Section, read_video
from mien.vision.sinks import SINKS, Job, PictureSink, VideoSink, sink_named
from mien.vision.sources import Source
from tests.vision.filming import film, pan

LABELS = ("happy", "sad")
FACE = Face((1, 2, 3, 4), {"happy": 0.75, "sad": 0.25}, uncertain=False)


def frame(source: str = "a.jpg", *faces: Face) -> Frame:
    return Frame(source, 0, 0.0, np.full((48, 64, 3), 128, np.uint8), faces)


def job(folder: Path) -> Job:
    return Job(folder, [], LABELS, lambda picture, box: picture)


@pytest.mark.parametrize("name", SINKS)
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, name: str):
    (tmp_path / "out").write_text("a file, no folder")
    with (
        pytest.raises(OutputError, match=r"out.*: cannot be written \(.*--out"),
        sink_named(name, job(tmp_path / "out")),
    ):
        pass


def test_an_unknown_sink_is_a_clear_error(tmp_path: Path):
    with pytest.raises(MienError, match="save 'xlsx': unknown; expected some of picture, video, csv, jsonl, parquet"):
        sink_named("xlsx", job(tmp_path))


def sources(folder: Path, *names: str) -> list[Source]:
    return [Source(folder / name, Path(name)) for name in names]


def test_pictures_keep_their_names_below_the_folder(tmp_path: Path):
    given = sources(tmp_path, "trip/a.jpg", "b.webp")
    with PictureSink(tmp_path / "out", given) as sink:
        for source in given:
            sink.write(frame(str(source.path), FACE))
    assert (tmp_path / "out" / "trip" / "a.jpg").read_bytes().startswith(b"\xff\xd8")
    assert (tmp_path / "out" / "b.png").read_bytes().startswith(b"\x89PNG")
    assert read_picture(tmp_path / "out" / "b.png").shape == (48, 64, 3)


def test_two_pictures_of_one_name_both_stay(tmp_path: Path):
    given = [
        Source(tmp_path / name, Path(Path(name).name)) for name in ("one/a.jpg", "two/a.jpg", "two/a.bmp", "a.png")
    ]
    with PictureSink(tmp_path / "out", given) as sink:
        for source in given:
            sink.write(frame(str(source.path)))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a-2.jpg", "a-2.png", "a.jpg", "a.png"]


def test_a_source_is_never_replaced(tmp_path: Path):
    (tmp_path / "a.jpg").write_bytes(b"the only copy")
    given = sources(tmp_path, "a.jpg")
    with PictureSink(tmp_path, given) as sink, pytest.raises(OutputError, match="is one of the sources and would be"):
        sink.write(frame(str(given[0].path), FACE))
    assert (tmp_path / "a.jpg").read_bytes() == b"the only copy"


def test_the_results_of_an_earlier_run_are_replaced(tmp_path: Path):
    given = sources(tmp_path, "a.png")
    for _ in range(2):
        with PictureSink(tmp_path / "out", given) as sink:
            sink.write(frame(str(given[0].path), FACE))
    assert len(list((tmp_path / "out").iterdir())) == 1


def count(path: Path) -> int:
    return sum(1 for _ in read_video(path))


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_pictures_and_videos_each_have_their_sink(tmp_path: Path):
    given = [*sources(tmp_path, "a.png"), Source(film(tmp_path / "clip.mov", count=2), Path("clip.mov"))]
    with PictureSink(tmp_path / "out", given) as pictures, VideoSink(tmp_path / "out", given) as videos:
        for source in given:
            one = next(read_video(source.path)) if source.is_video else frame(str(source.path))
            pictures.write(one)
            videos.write(one)
    assert files(tmp_path / "out") == ["a.png", "clip.mp4"]


def test_a_video_is_written_whole_under_its_own_name(tmp_path: Path):
    given = Source(film(tmp_path / "clip.avi", count=9), Path("trip/clip.avi"))
    with VideoSink(tmp_path / "out", [given]) as sink:
        for one in read_video(given.path):
            sink.write(one)
            assert not (tmp_path / "out" / "trip" / "clip.mp4").exists()
    assert sink.target == tmp_path / "out" / "trip" / "clip.mp4"
    assert files(tmp_path / "out") == ["trip/clip.mp4"]
    assert count(sink.target) == 9


def test_several_videos_each_have_a_file(tmp_path: Path):
    given = [Source(film(tmp_path / f"{name}.mp4", count=3), Path("clip.mp4")) for name in ("one", "two")]
    with VideoSink(tmp_path / "out", given) as sink:
        for source in given:
            for one in read_video(source.path):
                sink.write(one)
    assert sink.target == tmp_path / "out"
    assert files(tmp_path / "out") == ["clip-2.mp4", "clip.mp4"]


def test_an_interrupted_video_is_finished_with_what_it_has(tmp_path: Path):
    given = Source(film(tmp_path / "clip.mp4", count=9), Path("clip.mp4"))
    with pytest.raises(KeyboardInterrupt), VideoSink(tmp_path / "out", [given]) as sink:
        for one in read_video(given.path):
            if one.index == 5:
                raise KeyboardInterrupt
            sink.write(one)
    assert files(tmp_path / "out") == ["clip.mp4"]
    assert count(tmp_path / "out" / "clip.mp4") == 5


def test_an_earlier_video_is_kept_and_a_new_part_written_after_it(tmp_path: Path):
    given = Source(film(tmp_path / "clip.mp4", count=9), Path("clip.mp4"))
    for start, stop, goes_on in ((0, 4, False), (4, 7, True), (7, 9, True)):
        sink = VideoSink(tmp_path / "out", [given])
        sink.goes_on = goes_on
        with sink:
            for one in read_video(given.path, section=Section(first=start, end=stop / 25 - 0.01)):
                sink.write(one)
    assert files(tmp_path / "out") == ["clip-2.mp4", "clip-3.mp4", "clip.mp4"]
    assert sink.target.name == "clip-3.mp4"
    assert [count(tmp_path / "out" / name) for name in ("clip.mp4", "clip-2.mp4", "clip-3.mp4")] == [4, 3, 2]


def test_what_a_killed_run_left_becomes_a_part_of_its_own(tmp_path: Path):
    given = Source(film(tmp_path / "clip.mp4", count=3), Path("clip.mp4"))
    film(tmp_path / "out.mp4", count=2)
    (tmp_path / "out").mkdir()
    (tmp_path / "out.mp4").rename(tmp_path / "out" / "clip.part.mp4")
    sink = VideoSink(tmp_path / "out", [given])
    sink.goes_on = True
    with sink:
        sink.write(next(read_video(given.path)))
    assert [count(tmp_path / "out" / name) for name in ("clip.mp4", "clip-2.mp4")] == [2, 1]


def test_a_killed_run_that_wrote_no_picture_leaves_no_part(tmp_path: Path):
    given = Source(film(tmp_path / "clip.mp4", count=3), Path("clip.mp4"))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "clip.part.mp4").touch()
    sink = VideoSink(tmp_path / "out", [given])
    sink.goes_on = True
    with sink:
        sink.write(next(read_video(given.path)))
    assert files(tmp_path / "out") == ["clip.mp4"]
    assert sink.target == tmp_path / "out" / "clip.mp4"


def test_a_video_of_what_is_no_file_has_no_sound(tmp_path: Path):
    given = Source(Path("0"), Path("camera-0"), 0)
    with VideoSink(tmp_path / "out", [given]) as sink:
        for number in range(3):
            sink.write(Frame("camera 0", number, 5 + number / 10, np.zeros((48, 64, 3), np.uint8)))
    assert [one.time for one in read_video(tmp_path / "out" / "camera-0.mp4")] == pytest.approx([0, 0.1, 0.2])


def test_a_video_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    given = Source(film(tmp_path / "clip.mp4"), Path("clip.mp4"))

    def full(*_: object) -> None:
        raise OutputError("no room")

    closes: list[h264.H264Movie] = []
    close = h264.H264Movie.close
    monkeypatch.setattr(h264.H264Movie, "write", full)
    monkeypatch.setattr(h264.H264Movie, "close", lambda self: (closes.append(self), close(self)))
    with pytest.raises(OutputError, match="no room"), VideoSink(tmp_path / "out", [given]) as sink:
        sink.write(next(read_video(given.path)))
    assert files(tmp_path / "out") == []
    assert len(closes) == 1


def write_long(source: Source, sink: VideoSink) -> None:
    for number, picture in enumerate(pan(150)):
        sink.write(Frame(str(source.path), number, number / 25, picture))


def test_a_video_that_meets_a_full_disk_leaves_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    given = Source(film(tmp_path / "clip.mp4"), Path("clip.mp4"))
    (tmp_path / "out").mkdir()
    film(tmp_path / "out" / "clip.mp4", count=3)

    def full(*_: object) -> None:
        raise OutputError("no room")

    with pytest.raises(OutputError, match="no room"), VideoSink(tmp_path / "out", [given]) as sink:
        write_long(given, sink)
        monkeypatch.setattr(h264.H264Movie, "write", full)
        sink.write(next(read_video(given.path)))
    assert files(tmp_path / "out") == ["clip.mp4", "clip.part.mp4"]
    assert count(tmp_path / "out" / "clip.mp4") == 3
    assert count(tmp_path / "out" / "clip.part.mp4") > 50


def test_ctrl_c_while_a_video_is_finished_leaves_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    given = Source(film(tmp_path / "clip.mp4"), Path("clip.mp4"))

    def interrupted(movie: h264.H264Movie) -> None:
        movie.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(h264.H264Movie, "finish", interrupted)
    with pytest.raises(KeyboardInterrupt), VideoSink(tmp_path / "out", [given]) as sink:
        write_long(given, sink)
    assert files(tmp_path / "out") == ["clip.mp4"]
    assert count(tmp_path / "out" / "clip.mp4") > 50


def test_a_source_is_not_replaced_by_a_video_that_is_not_finished(tmp_path: Path):
    given = [Source(film(tmp_path / name), Path(name)) for name in ("clip.part.mp4", "clip.avi")]
    before = given[0].path.read_bytes()
    with pytest.raises(OutputError, match="is one of the sources"), VideoSink(tmp_path, given) as sink:
        sink.write(next(read_video(given[1].path)))
    assert given[0].path.read_bytes() == before


def test_a_source_video_is_never_replaced(tmp_path: Path):
    given = Source(film(tmp_path / "clip.mp4"), Path("clip.mp4"))
    before = given.path.read_bytes()
    with pytest.raises(OutputError, match="is one of the sources"), VideoSink(tmp_path, [given]) as sink:
        sink.write(next(read_video(given.path)))
    assert given.path.read_bytes() == before


def test_faces_are_drawn_into_the_video(tmp_path: Path):
    given = Source(film(tmp_path / "clip.mp4", count=2), Path("clip.mp4"))
    first = next(read_video(given.path))
    with VideoSink(tmp_path / "out", [given]) as sink:
        sink.write(Frame(first.source, 0, 0.0, first.image, (Face((60, 60, 90, 90), {"happy": 1.0}, uncertain=False),)))
    drawn = next(read_video(sink.target)).image
    assert cv2.norm(drawn[60:150, 60], first.image[60:150, 60], cv2.NORM_L1) > 90 * 20
