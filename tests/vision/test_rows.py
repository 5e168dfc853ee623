"""Rows of faces: what they hold, and that they are readable before the end."""

import csv
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.errors import OutputError
from mien.results import Face, Frame
from mien.vision.rows import CsvSink, JsonlSink, Key

LABELS = ("happy", "sad")
FACE = Face((1, 2, 3, 4), {"happy": 0.75, "sad": 0.25}, uncertain=False)
OTHER = Face((5, 6, 2, 2), {"happy": 1 / 3, "sad": 2 / 3}, uncertain=True)


def frame(source: str = "a.jpg", *faces: Face) -> Frame:
    return Frame(source, 0, 0.0, np.full((48, 64, 3), 128, np.uint8), faces)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_no_frames_give_a_header_and_no_rows(tmp_path: Path):
    with CsvSink(tmp_path / "faces.csv", LABELS), JsonlSink(tmp_path / "faces.jsonl"):
        pass
    columns = "source,index,time,face,track,x,y,width,height,label,confidence,uncertain,happy,sad,raw_happy,raw_sad"
    assert (tmp_path / "faces.csv").read_text() == columns + "\n"
    assert (tmp_path / "faces.jsonl").read_text() == ""


def test_a_picture_without_a_face_has_a_json_line_and_no_csv_row(tmp_path: Path):
    with CsvSink(tmp_path / "faces.csv", LABELS) as table, JsonlSink(tmp_path / "faces.jsonl") as lines:
        table.write(frame())
        lines.write(frame())
    assert rows(tmp_path / "faces.csv") == []
    expected = {"source": "a.jpg", "index": 0, "time": 0.0, "width": 64, "height": 48, "faces": []}
    assert json.loads((tmp_path / "faces.jsonl").read_text()) == expected


def test_csv_has_a_row_a_face(tmp_path: Path):
    with CsvSink(tmp_path / "faces.csv", LABELS) as sink:
        sink.write(frame("a, b.jpg", FACE, OTHER))
    first, second = rows(tmp_path / "faces.csv")
    assert first["source"] == "a, b.jpg"
    assert (first["face"], first["x"], first["height"], first["label"]) == ("0", "1", "4", "happy")
    assert (first["uncertain"], second["uncertain"], second["face"]) == ("false", "true", "1")
    assert float(second["sad"]) == pytest.approx(2 / 3, abs=1e-6)
    assert (first["track"], first["raw_sad"]) == ("", "")


def test_csv_has_the_track_and_the_raw_probabilities_of_a_video(tmp_path: Path):
    face = replace(FACE, track=3, raw_probabilities={"happy": 0.4, "sad": 0.6})
    with CsvSink(tmp_path / "faces.csv", LABELS) as sink:
        sink.write(frame("clip.mp4", face))
    (row,) = rows(tmp_path / "faces.csv")
    assert (row["track"], row["happy"], row["raw_happy"], row["raw_sad"]) == ("3", "0.75", "0.4", "0.6")


def test_json_lines_read_back_as_faces(tmp_path: Path):
    with JsonlSink(tmp_path / "faces.jsonl") as sink:
        sink.write(frame("a.jpg", FACE, OTHER))
    row = json.loads((tmp_path / "faces.jsonl").read_text())
    assert [Face.from_dict(values) for values in row["faces"]] == [FACE, OTHER]
    assert row == frame("a.jpg", FACE, OTHER).to_dict()


def test_rows_are_readable_before_the_end(tmp_path: Path):
    with CsvSink(tmp_path / "faces.csv", LABELS) as table, JsonlSink(tmp_path / "faces.jsonl") as lines:
        table.write(frame("a.jpg", FACE))
        lines.write(frame("a.jpg", FACE))
        assert len(rows(tmp_path / "faces.csv")) == 1
        assert (tmp_path / "faces.jsonl").read_text().endswith("\n")


@pytest.mark.parametrize("name", ["a\rb.jpg", "a\nb.jpg", "a\r\nb.jpg", 'a"b.jpg', "a\r"])
def test_a_name_with_an_end_of_a_line_is_one_cell(tmp_path: Path, name: str):
    with CsvSink(tmp_path / "faces.csv", LABELS) as sink:
        sink.write(frame(name, FACE, FACE))
    assert [row["source"] for row in rows(tmp_path / "faces.csv")] == [name, name]
    sink = CsvSink(tmp_path / "faces.csv", LABELS)
    assert [key.source for key in sink.earlier()] == [name, name]
    sink.keep(1)
    assert [row["source"] for row in rows(tmp_path / "faces.csv")] == [name]


def test_a_source_name_that_is_not_utf8_keeps_its_bytes(tmp_path: Path):
    name = os.fsdecode(b"caf\xe9.jpg")
    with CsvSink(tmp_path / "faces.csv", LABELS) as table, JsonlSink(tmp_path / "faces.jsonl") as lines:
        table.write(frame(name, FACE))
        lines.write(frame(name, FACE))
    assert b"caf\xe9.jpg" in (tmp_path / "faces.csv").read_bytes()
    assert json.loads((tmp_path / "faces.jsonl").read_text())["source"] == name


def test_writing_outside_a_with_block_is_a_clear_error(tmp_path: Path):
    with pytest.raises(OutputError, match=r"faces\.csv: is not open; write inside a with block"):
        CsvSink(tmp_path / "faces.csv", LABELS).write(frame("a.jpg", FACE))


def film(*indices: int) -> list[Frame]:
    face = replace(FACE, track=2, raw_probabilities=FACE.probabilities)
    return [Frame("a, b\n.mp4", index, index / 25, np.zeros((4, 4, 3), np.uint8), (face, face)) for index in indices]


@pytest.mark.parametrize(("kind", "a_frame"), [("csv", 2), ("jsonl", 1)])
def test_an_earlier_run_is_kept_up_to_its_last_whole_row_and_gone_on_with(tmp_path: Path, kind: str, a_frame: int):
    target = tmp_path / f"faces.{kind}"

    def made() -> CsvSink | JsonlSink:
        return CsvSink(target, LABELS) if kind == "csv" else JsonlSink(target)

    assert list(made().earlier()) == []
    with made() as sink:
        for one in film(0, 1, 2):
            sink.write(one)
    whole = target.read_bytes()
    target.write_bytes(whole[:-5])
    again = made()
    assert list(again.earlier()) == [Key("a, b\n.mp4", n, 2) for n in (0, 1, 2) for _ in range(a_frame)][:-1]
    again.keep(2 * a_frame)
    with again as sink:
        sink.write(film(2)[0])
    assert target.read_bytes() == whole
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "[]\n"])
def test_rows_of_something_else_are_not_gone_on_with(tmp_path: Path, content: str):
    for sink in (CsvSink(tmp_path / "faces.csv", LABELS), JsonlSink(tmp_path / "faces.jsonl")):
        sink.target.write_text(content)
        with pytest.raises(OutputError, match="was not written with these settings and model; leave out --resume"):
            list(sink.earlier())
