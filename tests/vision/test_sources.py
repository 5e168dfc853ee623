"""What a person names becomes a list of pictures."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from mien.errors import PictureError
from mien.vision.sources import Source, expand, is_live, live_name, live_source, result_names


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.jpg", "a.PNG", "notes.txt", "trip/c.webp", "trip/deep/d.bmp", ".hidden/e.jpg", "._b.jpg"):
        file = tmp_path / "photos" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return tmp_path / "photos"


def names(sources: list[Source]) -> list[str]:
    return [source.name.as_posix() for source in sources]


def test_no_source_gives_no_picture():
    assert expand([]) == []


def test_an_empty_folder_is_a_clear_error(tmp_path: Path):
    with pytest.raises(PictureError, match=r"names no picture or video; give a glob, files, or folders with \.png"):
        expand([tmp_path])


def test_a_glob_without_a_match_is_a_clear_error(tmp_path: Path):
    with pytest.raises(PictureError, match=r"\*\.jpg: names no picture or video"):
        expand([str(tmp_path / "*.jpg")])


def test_an_empty_list_is_a_clear_error():
    with pytest.raises(PictureError, match="the list: names no picture or video"):
        expand(["-"], listed=["\n", "  \n"])


def test_a_folder_gives_its_pictures_sorted_with_everything_below(folder: Path):
    assert names(expand([folder])) == ["a.PNG", "b.jpg", "trip/c.webp", "trip/deep/d.bmp"]


def test_a_glob_gives_what_it_matches(folder: Path):
    assert names(expand([str(folder / "*.jpg")])) == ["b.jpg"]


def test_a_deep_glob_keeps_the_folders_below_its_fixed_part(folder: Path):
    assert names(expand([str(folder / "**" / "*.[bw]*")])) == ["trip/c.webp", "trip/deep/d.bmp"]


def test_a_glob_takes_folders_as_folders(folder: Path):
    assert names(expand([str(folder.parent / "phot*")])) == [
        "photos/a.PNG",
        "photos/b.jpg",
        "photos/trip/c.webp",
        "photos/trip/deep/d.bmp",
    ]


def test_a_list_gives_files_and_folders(folder: Path):
    listed = [f"{folder / 'b.jpg'}\r\n", "\n", f"{folder / 'trip'}\n"]
    assert names(expand(["-"], listed=listed)) == ["b.jpg", "c.webp", "deep/d.bmp"]


def test_several_sources_keep_their_order_and_nothing_comes_twice(folder: Path):
    assert names(expand([folder / "b.jpg", folder, folder / "b.jpg"]))[:2] == ["b.jpg", "a.PNG"]
    assert len(expand([folder / "b.jpg", folder])) == 4


def test_a_missing_file_is_left_to_the_reader(tmp_path: Path):
    assert expand([tmp_path / "gone.jpg"]) == [Source(tmp_path / "gone.jpg", Path("gone.jpg"))]


@pytest.mark.parametrize("name", ["a" * 300 + ".jpg", "a" * 300 + "%04d.mp4"])
def test_a_name_that_is_too_long_is_left_to_the_reader_as_well(folder: Path, name: str):
    assert [source.text for source in expand([name, folder / "a.jpg"])] == [name, str(folder / "a.jpg")]
    with pytest.raises(PictureError, match="names no picture"):
        expand(["[a]" * 300])


def test_a_glob_below_a_folder_with_brackets_in_its_name(tmp_path: Path):
    (tmp_path / "pics [x]").mkdir()
    (tmp_path / "pics [x]" / "a.jpg").touch()
    assert names(expand([str(tmp_path / "pics [x]" / "*.jpg")])) == ["a.jpg"]


def test_a_file_with_brackets_in_its_name_is_no_glob(tmp_path: Path):
    (tmp_path / "a[1].jpg").touch()
    assert names(expand([tmp_path / "a[1].jpg"])) == ["a[1].jpg"]


def test_unicode_names_work(tmp_path: Path):
    (tmp_path / "笑顔 ü.jpg").touch()
    assert names(expand([tmp_path])) == ["笑顔 ü.jpg"]


def test_the_results_of_an_earlier_run_are_no_sources(folder: Path):
    out = folder / "trip"
    assert names(expand([folder], leave_out=out)) == ["a.PNG", "b.jpg"]
    assert names(expand([str(folder / "**")], leave_out=out))[:2] == ["a.PNG", "b.jpg"]


@pytest.mark.parametrize("pattern", ["*", "**/*", "**/*.jpg", "**", "ou*/*", "*/crops"])
def test_nothing_below_the_results_of_an_earlier_run_is_a_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
):
    for name in ("a.jpg", "trip/a.jpg", "trip/crops/a.jpg", "our/a.jpg", "out/a.jpg", "out/crops/a/0.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    found = names(expand([pattern], leave_out=Path("out")))
    assert found
    assert not [name for name in found if name.startswith("out/")]


@pytest.mark.parametrize("given", ["out", "out/crops", "out/**", "out/cr*", "out/crops/*.jpg"])
def test_results_that_are_named_are_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str):
    (tmp_path / "out" / "crops").mkdir(parents=True)
    (tmp_path / "out" / "crops" / "a.jpg").touch()
    monkeypatch.chdir(tmp_path)
    (found,) = expand([given], leave_out=Path("out"))
    assert found.path == Path("out/crops/a.jpg")


def test_results_beside_the_pictures_leave_the_pictures_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a.jpg").touch()
    monkeypatch.chdir(tmp_path)
    for given in ("*.jpg", ".", str(tmp_path / "*")):
        assert names(expand([given], leave_out=Path())) == ["a.jpg"]


def test_videos_are_sources_too(folder: Path):
    for name in ("clip.MP4", "trip/talk.webm", "trip/sound.mp3"):
        (folder / name).touch()
    found = expand([folder])
    assert [source.name.as_posix() for source in found if source.is_video] == ["clip.MP4", "trip/talk.webm"]
    assert len(found) == 6


def test_results_keep_a_suffix_that_fits_and_no_name_comes_twice():
    given = [Source(Path(path), Path(path).relative_to("in")) for path in ("in/a.jpg", "in/A.JPG", "in/a.webp")]
    names = result_names(given, (".jpg", ".png"))
    assert [name.as_posix() for name in names.values()] == ["a.jpg", "A-2.JPG", "a.png"]
    assert result_names([], (".mp4",)) == {}


def test_names_that_grow_too_long_are_cut():
    long = "笑" * 83  # 249 bytes
    given = [Source(Path(folder, f"{long}.avi"), Path(f"{long}.avi")) for folder in "ab"]
    names = [name.name for name in result_names(given, (".mp4",), room=10).values()]
    assert names == [f"{'笑' * 80}.mp4", f"{'笑' * 79}-2.mp4"]
    assert [name.name for name in result_names(given, (".avi",)).values()] == [f"{long}.avi", f"{'笑' * 83}-2.avi"]


def closed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let a folder be one that cannot be listed, also for the superuser."""
    scandir = os.scandir

    def refuse(path: str | Path) -> Any:
        if Path(path) == folder:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)


def test_a_folder_below_that_cannot_be_listed_is_a_source_that_cannot_be_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    closed(monkeypatch, folder / "trip")
    found = expand([folder])
    assert [source.path for source in found if source.path.is_dir()] == [folder / "trip"]
    assert len(found) > 1


def test_a_folder_that_cannot_be_listed_is_a_clear_error(folder: Path, monkeypatch: pytest.MonkeyPatch):
    closed(monkeypatch, folder)
    with pytest.raises(PictureError, match=r"cannot be listed \(Permission denied\); allow it, or give another folder"):
        expand([folder])


def test_a_sequence_may_be_in_a_folder_with_brackets(tmp_path: Path):
    shots = tmp_path / "My [2020]"
    shots.mkdir()
    (shots / "0001.png").touch()
    assert [source.is_video for source in expand([str(shots / "%04d.png")])] == [True]
    with pytest.raises(PictureError, match="names no picture or video"):
        expand([str(tmp_path / "[ab]" / "%04d.png")])


def test_cameras_streams_and_sequences_are_videos_of_their_own_name(tmp_path: Path):
    given = ["0", "rtsp://me:secret@door.local:554/1?x=2", str(tmp_path / "shot%04d.png")]
    camera, stream, sequence = expand(given)
    assert all(source.is_video for source in (camera, stream, sequence))
    assert (camera.live, camera.text, str(camera.name)) == (0, "camera 0", "camera-0")
    assert (stream.live, stream.text) == (given[1], "rtsp://door.local:554/1?x=2")
    assert str(stream.name) == "rtsp-door-local-554-1-x-2"
    assert (sequence.live, sequence.text) == (None, given[2])
    assert [str(name) for name in result_names([camera, stream], (".mp4",)).values()] == [
        "camera-0.mp4",
        "rtsp-door-local-554-1-x-2.mp4",
    ]


def test_a_file_with_a_number_for_its_name_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "7").mkdir()
    (tmp_path / "a%d.png").touch()
    assert live_source("7") is None
    assert not expand(["a%d.png"])[0].is_video


@pytest.mark.parametrize("given", ["clip.mp4", "http:clip.mp4", "file:///etc/passwd", "concat:a|b", Path("http://x")])
def test_what_is_no_address_is_a_file(given: str | Path):
    assert live_source(given) is None


def test_a_password_is_not_shown():
    assert live_name("https://user:p%40ss@host/live.m3u8") == "https://host/live.m3u8"


@pytest.mark.parametrize(
    ("given", "live"),
    [
        (0, True),
        ("rtsp://door/1", True),
        ("http://h/mjpeg?a=b.mp4", True),
        ("https://h/a.MP4?x=1", False),
        ("a.mp4", False),
    ],
)
def test_what_goes_on_unread_is_live(given: str | int, live: bool):
    assert is_live(given) is live
