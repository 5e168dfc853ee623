"""mien detect: what comes out where, and how it ends."""

import csv
import json
import signal
import sys
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from time import monotonic, sleep

import cv2
import numpy as np
import pytest
import typer
from click.testing import Result
from PIL import Image
from typer.testing import CliRunner

from mien.cli.detect import detect
from mien.errors import MienError, ModelError, PictureError
from mien.pictures import read_picture
from mien.vision.media import read_video
from tests.cli.processes import interruptible
from tests.conftest import make_model
from tests.vision.filming import cut, film

app = typer.Typer(rich_markup_mode="markdown", pretty_exceptions_enable=False)
app.command()(detect)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two pictures with a face, one without."""
    folder = tmp_path / "photos"
    (folder / "trip").mkdir(parents=True)
    data = (files("mien.data") / "samples" / "astronaut.jpg").read_bytes()
    (folder / "a.jpg").write_bytes(data)
    (folder / "trip" / "笑.jpg").write_bytes(data)
    cv2.imwrite(str(folder / "wall.png"), np.full((80, 90, 3), 90, np.uint8))
    return folder


def run(model: Path, *arguments: object, listed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["--model", str(model), *map(str, arguments)], input=listed)


def test_no_source_is_wrong_usage(model: Path):
    assert run(model).exit_code == 2


def test_an_empty_folder_is_a_clear_error(model: Path, tmp_path: Path):
    (tmp_path / "none").mkdir()
    result = run(model, tmp_path / "none")
    assert isinstance(result.exception, PictureError)
    assert "names no picture" in str(result.exception)


def test_the_table_has_a_row_a_face_and_nothing_is_written(model: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(photos)
    before = sorted(photos.rglob("*"))
    result = run(model, ".")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == ["picture", "face", "box", "(x", "y", "width", "height)", "expression", "confidence"]
    assert [line[0] for line in lines[1:]] == ["a.jpg", "wall.png", "trip/笑.jpg"]
    assert lines[1][1:6] == ["0", "175", "64", "98", "98"]
    assert lines[1][-1].endswith("%")
    assert lines[2][1:] == ["no", "face", "found"]
    assert sorted(photos.rglob("*")) == before


def test_long_names_are_not_cut_in_a_pipe(model: Path, photos: Path):
    deep = photos / ("d" * 90)
    deep.mkdir()
    (photos / "a.jpg").rename(deep / "[bold]a.jpg")
    assert f"{deep / '[bold]a.jpg'}" in run(model, deep).stdout


def test_an_uncertain_expression_has_a_question_mark(tmp_path: Path, photos: Path):
    sure = run(make_model(tmp_path / "sure.onnx", uncertain_below=0.0), photos / "a.jpg").stdout
    unsure = run(make_model(tmp_path / "unsure.onnx", uncertain_below=1.0), photos / "a.jpg").stdout
    assert "?" not in sure
    assert "? " in unsure


def test_json_is_one_line_a_picture(model: Path, photos: Path):
    result = run(model, photos, "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [len(row["faces"]) for row in rows] == [1, 0, 1]
    assert rows[0]["source"] == str(photos / "a.jpg")
    assert rows[0]["faces"][0]["box"] == [175, 64, 98, 98]


def test_save_writes_what_it_names_below_out_and_says_where(model: Path, photos: Path, tmp_path: Path):
    out = tmp_path / "out"
    result = run(model, photos, "--save", "picture, csv,jsonl", "--out", out)
    assert result.exit_code == 0
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert written == ["a.jpg", "detect.json", "faces.csv", "faces.jsonl", "trip/笑.jpg", "wall.png"]
    assert read_picture(out / "a.jpg").shape == (512, 512, 3)
    with (out / "faces.csv").open(encoding="utf-8") as file:
        assert [row["source"] for row in csv.DictReader(file)] == [
            str(photos / "a.jpg"),
            str(photos / "trip" / "笑.jpg"),
        ]
    assert len((out / "faces.jsonl").read_text().splitlines()) == 3
    for target in (out, out / "faces.csv", out / "faces.jsonl"):
        assert f"wrote {target}" in result.stderr
    assert "wrote" not in result.stdout


def test_results_inside_the_source_folder_are_not_sources_next_time(model: Path, photos: Path):
    counts = []
    for _ in range(2):
        run(model, photos, "--save", "picture,jsonl", "--out", photos / "out")
        counts.append(len((photos / "out" / "faces.jsonl").read_text().splitlines()))
    assert counts == [3, 3]


def test_a_list_comes_on_stdin(model: Path, photos: Path):
    result = run(model, "-", "--json", listed=f"{photos / 'a.jpg'}\n{photos / 'wall.png'}\n")
    assert [Path(json.loads(line)["source"]).name for line in result.stdout.splitlines()] == ["a.jpg", "wall.png"]


def test_a_glob_is_expanded_where_no_shell_did(model: Path, photos: Path):
    assert len(run(model, photos / "*.[jp]*g", "--json").stdout.splitlines()) == 2


def test_one_bad_picture_among_many_is_told_and_the_others_go_on(model: Path, photos: Path):
    (photos / "b.jpg").write_bytes(b"")
    result = run(model, photos, "--json")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 3
    assert f"skipped: {photos / 'b.jpg'}: is empty" in result.stderr
    assert "1 of 4 files could not be read" in result.stderr


def test_a_single_bad_picture_is_the_error(model: Path, tmp_path: Path):
    result = run(model, tmp_path / "gone.jpg")
    assert isinstance(result.exception, PictureError)
    assert "gone.jpg: cannot be read" in str(result.exception)
    assert result.stdout == ""


def test_nothing_but_bad_pictures_fails(model: Path, tmp_path: Path):
    result = run(model, tmp_path / "gone.jpg", tmp_path / "lost.jpg")
    assert result.exit_code == 1
    assert "2 of 2 files could not be read" in result.stderr


def test_a_model_that_is_none_is_a_clear_error(photos: Path):
    result = run(photos / "a.jpg", photos / "a.jpg")
    assert isinstance(result.exception, ModelError)


def test_a_source_is_not_replaced_by_its_annotated_picture(model: Path, photos: Path):
    before = (photos / "a.jpg").read_bytes()
    result = run(model, photos / "a.jpg", "--save", "picture", "--out", photos)
    assert isinstance(result.exception, MienError)
    assert (photos / "a.jpg").read_bytes() == before


@pytest.mark.parametrize(("option", "value"), [("--save", "picture,xlsx"), ("--faces", "best")])
def test_an_unknown_choice_is_wrong_usage(model: Path, photos: Path, option: str, value: str):
    result = run(model, photos, option, value)
    assert result.exit_code == 2
    assert "is not one of" in result.stderr


def test_whole_pictures_can_be_the_faces(model: Path, photos: Path):
    row = json.loads(run(model, photos / "wall.png", "--faces", "none", "--json").stdout)
    assert row["faces"][0]["box"] == [0, 0, 90, 80]


def test_help_has_examples_and_says_how_it_ends():
    text = CliRunner().invoke(app, ["--help"]).stdout
    assert "mien detect photo.jpg" in text
    assert '"shots/*.png"' in text
    assert "exit code" in " ".join(text.split())


def test_a_video_is_one_row_and_its_files(model: Path, tmp_path: Path):
    clip, out = film(tmp_path / "clip.mp4", count=6), tmp_path / "out"
    result = run(model, clip, "--save", "video,csv,jsonl", "--out", out)
    assert result.exit_code == 0
    header, row, tracks, track = result.stdout.splitlines()
    assert tracks.split()[:4] == ["track", "from", "to", "frames"]
    assert track.split()[:6] == ["1", "0.0", "s", "0.2", "s", "6"]
    assert header.split()[:3] == ["video", "length", "frames"]
    assert row.split()[:5] == [str(clip), "0.2", "s", "6", "6"]
    lines = [json.loads(line) for line in (out / "faces.jsonl").read_text().splitlines()]
    assert [line["index"] for line in lines] == list(range(6))
    assert [line["time"] for line in lines] == pytest.approx([number / 25 for number in range(6)])
    with (out / "faces.csv").open(encoding="utf-8") as file:
        assert [(row["index"], row["face"]) for row in csv.DictReader(file)] == [(str(n), "0") for n in range(6)]
    assert sum(1 for _ in read_video(out / "clip.mp4")) == 6
    for name in ("clip.mp4", "faces.csv", "faces.jsonl"):
        assert f"wrote {out / name}" in result.stderr


def test_json_is_one_line_a_frame(model: Path, tmp_path: Path):
    result = run(model, film(tmp_path / "clip.mp4", count=3), "--json")
    assert [json.loads(line)["index"] for line in result.stdout.splitlines()] == [0, 1, 2]


def test_videos_in_folders_are_found_beside_pictures(model: Path, photos: Path, tmp_path: Path):
    film(photos / "trip" / "clip.webm.avi", count=2)
    result = run(model, photos, "--save", "picture,video", "--out", tmp_path / "out")
    assert "no face found" in result.stdout
    assert "clip.webm.avi" in result.stdout
    written = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*"))
    assert written == ["a.jpg", "trip/clip.webm.mp4", "trip/笑.jpg", "wall.png"]


def test_a_cut_video_keeps_its_rows_and_is_told(model: Path, tmp_path: Path):
    clip, out = cut(film(tmp_path / "clip.mp4", count=60)), tmp_path / "out"
    result = run(model, clip, "--save", "jsonl", "--out", out)
    assert result.exit_code == 0
    assert "clip.mp4: ends at" in result.stderr
    assert len((out / "faces.jsonl").read_text().splitlines()) > 10


@pytest.mark.parametrize("content", [None, b"", b"no video"])
def test_a_single_bad_video_is_the_error(model: Path, tmp_path: Path, content: bytes | None):
    if content is not None:
        (tmp_path / "clip.mp4").write_bytes(content)
    result = run(model, tmp_path / "clip.mp4", "--save", "video", "--out", tmp_path / "out")
    assert isinstance(result.exception, PictureError)
    assert str(tmp_path / "clip.mp4") in str(result.exception)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("save", "kind", "name"),
    [("video", "video", "a.jpg"), ("picture", "picture", "clip.mp4"), ("timeline", "video", "a.jpg")],
)
def test_saving_what_is_not_there_is_told(model: Path, photos: Path, save: str, kind: str, name: str):
    film(photos / "clip.mp4", count=1)
    result = run(model, photos / name, "--save", save, "--out", photos / "out")
    assert result.exit_code == 0
    assert f"nothing for --save {save}: there is no {kind} among the files" in result.stderr
    assert "wrote" not in result.stderr
    assert not (photos / "out").exists()


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--stride", "2", "there is no video among the files"),
        ("--start", "1", "there is no video among the files"),
        ("--end", "1", "there is no video among the files"),
        ("--out", "faces", "--save does not say what to write"),
    ],
)
def test_an_option_that_does_nothing_is_told(model: Path, photos: Path, option: str, value: str, reason: str):
    result = run(model, photos / "a.jpg", option, value)
    assert result.exit_code == 0
    assert f"nothing for {option}: {reason}" in result.stderr
    assert "nothing for" not in run(model, photos / "a.jpg", "--save", "").stderr


def test_without_pyav_the_video_is_plain_and_told_once(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mien.vision.movie.find_spec", lambda name: None)
    folder = tmp_path / "clips"
    folder.mkdir()
    for name in ("a.mp4", "b.mp4"):
        film(folder / name, count=2)
    result = run(model, folder, "--save", "video", "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert result.stderr.count("pip install 'mien[video]") == 1


def line_count(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.is_file() else 0


def test_ctrl_c_leaves_readable_files(model: Path, tmp_path: Path):
    clip, out = film(tmp_path / "clip.mp4", count=3000), tmp_path / "out"
    words = ["detect", clip, "--model", model, "--save", "video,csv,jsonl", "--out", out]
    command = [sys.executable, "-m", "mien", *map(str, words)]
    with interruptible(command) as running:
        deadline = monotonic() + 60
        while monotonic() < deadline and line_count(out / "faces.csv") < 6:
            sleep(0.05)
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=60)
    assert running.returncode == 130
    assert stderr.splitlines()[-1] == "interrupted"
    lines = [json.loads(line) for line in (out / "faces.jsonl").read_text().splitlines()]
    rows = line_count(out / "faces.csv") - 1
    frames = sum(1 for _ in read_video(out / "clip.mp4"))
    assert 5 <= frames < 3000
    assert abs(len(lines) - frames) <= 1
    assert abs(rows - frames) <= 1
    assert "clip.mp4" in stdout
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []


def indices(path: Path) -> list[int]:
    return [json.loads(line)["index"] for line in path.read_text().splitlines()]


def test_a_killed_run_is_readable_and_gone_on_with(model: Path, tmp_path: Path):
    clip, out = film(tmp_path / "clip.mp4", count=1500), tmp_path / "out"
    words = ["detect", clip, "--model", model, "--save", "video,csv,jsonl,timeline", "--out", out]
    with interruptible([sys.executable, "-m", "mien", *map(str, words)]) as running:
        deadline = monotonic() + 60
        while monotonic() < deadline and line_count(out / "faces.jsonl") < 200:
            sleep(0.02)
        running.kill()
        running.communicate(timeout=60)
    done = line_count(out / "faces.jsonl")
    assert 200 <= done < 1500
    assert sum(1 for _ in read_video(out / "clip.part.mp4")) > 20
    result = run(model, clip, "--save", "video,csv,jsonl,timeline", "--out", out, "--resume")
    assert result.exit_code == 0
    assert "begins where this run goes on" in result.stderr
    assert indices(out / "faces.jsonl") == list(range(1500))
    with (out / "faces.csv").open(encoding="utf-8") as file:
        assert [int(row["index"]) for row in csv.DictReader(file)] == list(range(1500))
    assert sorted(path.name for path in out.glob("*.mp4")) == ["clip-2.mp4", "clip.mp4"]
    assert not list(out.glob(".*"))


def test_sources_that_were_done_are_not_read_again(model: Path, tmp_path: Path):
    (tmp_path / "clips").mkdir()
    for name in ("a.mp4", "b.mp4"):
        film(tmp_path / "clips" / name, count=12)
    arguments = (tmp_path / "clips", "--save", "jsonl", "--out", tmp_path / "out")
    run(model, *arguments, "--end", "0.3")
    result = run(model, *arguments, "--resume", "--json")
    assert [json.loads(line)["index"] for line in result.stdout.splitlines()] == list(range(7, 12))
    assert indices(tmp_path / "out" / "faces.jsonl") == [*range(8), *range(12)]


def test_a_finished_run_is_not_gone_on_with(model: Path, tmp_path: Path):
    out = tmp_path / "out"
    arguments = (film(tmp_path / "clip.mp4", count=12), "--save", "csv,video,timeline,crops", "--out", out)
    run(model, *arguments)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    result = run(model, *arguments, "--resume")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing left to do" in result.stderr
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_a_run_that_could_not_read_all_is_not_finished(model: Path, photos: Path, tmp_path: Path):
    (tmp_path / "bad.jpg").write_text("no picture")
    run(model, photos / "a.jpg", tmp_path / "bad.jpg", "--save", "csv", "--out", tmp_path / "out")
    assert not json.loads((tmp_path / "out" / "detect.json").read_text())["faces.csv"]["finished"]


def test_rows_of_other_settings_are_not_gone_on_with(model: Path, tmp_path: Path):
    arguments = (film(tmp_path / "clip.mp4", count=12), "--save", "csv", "--out", tmp_path / "out")
    run(model, *arguments, "--stride", "2")
    result = run(model, *arguments, "--stride", "3", "--resume")
    assert "its rows were written with --stride 2, not 3" in str(result.exception)


def test_rows_that_were_deleted_are_written_again(model: Path, tmp_path: Path):
    out = tmp_path / "out"
    arguments = (film(tmp_path / "clip.mp4", count=6), "--save", "jsonl", "--out", out)
    run(model, *arguments)
    (out / "faces.jsonl").unlink()
    assert "nothing left" not in run(model, *arguments, "--resume").stderr
    assert indices(out / "faces.jsonl") == list(range(6))


def test_the_largest_faces_of_a_picture_are_told(model: Path, photos: Path):
    (face,) = json.loads(run(model, photos / "a.jpg", "--max-faces", "1", "--json").stdout)["faces"]
    assert face == json.loads(run(model, photos / "a.jpg", "--json").stdout)["faces"][0]


def test_a_part_of_a_video_can_be_read_with_a_stride(model: Path, tmp_path: Path):
    clip = film(tmp_path / "clip.mp4", count=50)
    result = run(model, clip, "--stride", "5", "--start", "0.4", "--end", "1.2", "--json")
    assert [json.loads(line)["index"] for line in result.stdout.splitlines()] == [10, 15, 20, 25]


def test_faces_of_a_video_have_tracks_and_raw_probabilities(model: Path, tmp_path: Path):
    result = run(model, film(tmp_path / "clip.mp4", count=20), "--max-faces", "1", "--json")
    faces = [json.loads(line)["faces"] for line in result.stdout.splitlines()]
    assert [[face["track"] for face in found] for found in faces] == [[1]] * 20
    assert all(face["raw_probabilities"] for (face,) in faces)


def test_faces_are_hidden_in_what_is_written_and_still_told(model: Path, photos: Path, tmp_path: Path):
    shown, hidden = tmp_path / "shown", tmp_path / "hidden"
    row = json.loads(run(model, photos / "a.jpg", "--save", "picture", "--out", shown, "--json").stdout)
    blurred = json.loads(run(model, photos / "a.jpg", "--save", "picture", "--out", hidden, "--json", "--blur").stdout)
    assert row == blurred
    x, y, width, height = row["faces"][0]["box"]
    eyes = (slice(y + height // 4, y + height // 2), slice(x + width // 4, x + 3 * width // 4))
    assert read_picture(hidden / "a.jpg")[eyes].std() < 0.6 * read_picture(shown / "a.jpg")[eyes].std()


def test_a_timeline_and_crops_are_written(model: Path, tmp_path: Path):
    clip, out = film(tmp_path / "clip.mp4", count=10), tmp_path / "out"
    result = run(model, clip, "--save", "timeline,crops", "--out", out)
    assert f"wrote {out / 'clip-timeline.png'}" in result.stderr
    assert (out / "clip-tracks.csv").read_text().splitlines()[1].startswith("1,0.0,0.36,10,")
    assert len(list((out / "crops" / "clip").glob("*.jpg"))) == 10


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--resume",), "name csv, jsonl or parquet in --save"),
        (("--blur", "--save", "csv"), "name picture or video in --save"),
        (("--resume", "--save", "video"), "name csv, jsonl or parquet in --save"),
        (("--blur", "--save", "crops"), "hides the faces that --save crops would write"),
        (("--start", "5", "--end", "4"), "4 is not after --start 5"),
        (("--stride", "0"), "--stride"),
        (("--max-faces", "0"), "--max-faces"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(model: Path, photos: Path, options: tuple[str, ...], message: str):
    result = run(model, photos, *options)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.replace("│", " ").split())


def test_a_folder_of_hard_files_is_read_and_what_failed_is_counted(model: Path, tmp_path: Path):
    folder = tmp_path / "hard"
    folder.mkdir()
    astronaut = Image.open(BytesIO((files("mien.data") / "samples" / "astronaut.jpg").read_bytes()))
    exif = Image.Exif()
    exif[0x0112] = 6
    astronaut.convert("CMYK").save(folder / "cmyk.jpg")
    astronaut.convert("L").save(folder / "grey 笑.png")
    astronaut.rotate(90).save(folder / "turned.jpg", exif=exif)
    astronaut.save(folder / "moving.webp", save_all=True, append_images=[astronaut.rotate(180)])
    transparent = astronaut.copy()
    transparent.putalpha(250)
    transparent.save(folder / "transparent.png")
    deep = np.asarray(astronaut)[:, :, ::-1].astype(np.uint16) * 257
    (folder / "deep.png").write_bytes(cv2.imencode(".png", deep)[1].tobytes())
    cut(film(folder / "cut.mp4", count=60))
    for name in ("empty.mp4", "empty.jpg"):
        (folder / name).touch()
    (folder / "text.mp4").write_text("no video")
    result = run(model, folder, "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    seen = {Path(row["source"]).name: len(row["faces"]) for row in rows}
    names = {"cmyk.jpg", "grey 笑.png", "turned.jpg", "moving.webp", "transparent.png", "deep.png", "cut.mp4"}
    assert set(seen) == names
    assert all(seen.values())
    assert result.exit_code == 0
    assert "cut.mp4: ends at" in result.stderr
    assert result.stderr.count("skipped: ") == 3
    assert "3 of 10 files could not be read" in result.stderr


def test_a_stream_that_is_not_there_is_a_clear_error(model: Path):
    result = run(model, "http://127.0.0.1:9/mjpeg")
    assert isinstance(result.exception, PictureError)
    assert "http://127.0.0.1:9/mjpeg: no video comes from there" in str(result.exception)


@pytest.mark.parametrize("source", ["0", "rtsp://door.local/1"])
def test_what_is_live_cannot_be_gone_on_with(model: Path, tmp_path: Path, source: str):
    result = run(model, source, "--save", "csv", "--resume", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "cannot be gone on with; leave it out" in " ".join(result.stderr.replace("│", " ").split())
    assert not (tmp_path / "out").exists()
