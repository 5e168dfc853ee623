"""Going on: nothing twice, nothing lost, whichever file reaches how far."""

import csv
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.errors import OutputError
from mien.results import Face, Frame
from mien.vision.resume import Point, find_point
from mien.vision.rows import CsvSink, JsonlSink, RowSink
from mien.vision.table import ParquetSink, to_pandas

LABELS = ("happy", "sad")
FACE = Face((1, 2, 3, 4), {"happy": 0.75, "sad": 0.25}, uncertain=False, track=1)
SOURCES = ["a.mp4", "b.mp4"]


def frames(source: str, *, faces: Sequence[int], count: int = 10) -> list[Frame]:
    """Frames of which some have a face, of track 1 in the first five and of track 2 after."""
    image = np.zeros((4, 4, 3), np.uint8)
    face = [replace(FACE, track=1 + n // 5) for n in range(count)]
    return [Frame(source, n, n / 25, image, (face[n],) if n in faces else ()) for n in range(count)]


ALL = frames("a.mp4", faces=range(10)) + frames("b.mp4", faces=(0, 1, 2, 7, 8))


def made(folder: Path, *names: str) -> list[RowSink]:
    sinks: dict[str, RowSink] = {
        "csv": CsvSink(folder / "faces.csv", LABELS),
        "jsonl": JsonlSink(folder / "faces.jsonl"),
        "parquet": ParquetSink(folder / "faces.parquet", LABELS),
    }
    return [sinks[name] for name in names]


def write(sinks: Sequence[RowSink], given: Sequence[Frame]) -> None:
    for sink in sinks:
        with sink:
            for frame in given:
                sink.write(frame)


def told(folder: Path) -> dict[str, list[tuple[str, int]]]:
    """Return source and index of every row, by the kind of file."""
    found: dict[str, list[tuple[str, int]]] = {}
    if (folder / "faces.csv").exists():
        rows = csv.DictReader((folder / "faces.csv").read_text().splitlines())
        found["csv"] = [(row["source"], int(row["index"])) for row in rows]
    if (folder / "faces.jsonl").exists():
        lines = [json.loads(line) for line in (folder / "faces.jsonl").read_text().splitlines()]
        found["jsonl"] = [(line["source"], line["index"]) for line in lines]
    if (folder / "faces.parquet").exists():
        import pandas

        table = pandas.read_parquet(folder / "faces.parquet")
        found["parquet"] = list(zip(table["source"], table["index"], strict=True))
    return found


def go_on(sinks: Sequence[RowSink]) -> Point:
    """Do what ``mien detect --resume`` does."""
    point = find_point(sinks, SOURCES)
    begin = next((n for n, one in enumerate(ALL) if (one.source, one.index) == (point.source, point.index)), 0)
    write(sinks, ALL[begin:])
    return point


@pytest.mark.parametrize("names", [("csv",), ("jsonl",), ("parquet",), ("csv", "jsonl", "parquet")])
@pytest.mark.parametrize("stopped", [0, 1, 4, 10, 13, 16, 20])
def test_rows_of_a_run_in_two_are_those_of_one_run(tmp_path: Path, names: tuple[str, ...], stopped: int):
    write(made(tmp_path / "whole", *names), ALL)
    write(made(tmp_path / "two", *names), ALL[:stopped])
    go_on(made(tmp_path / "two", *names))
    assert told(tmp_path / "two") == told(tmp_path / "whole")


def test_files_that_reach_less_far_decide(tmp_path: Path):
    write(made(tmp_path, "csv"), ALL[:9])
    write(made(tmp_path, "jsonl"), ALL[:8])
    write(made(tmp_path, "parquet"), ALL[:6])
    assert go_on(made(tmp_path, "csv", "jsonl", "parquet")) == Point("a.mp4", 5, 1)
    write(made(tmp_path / "whole", "csv", "jsonl", "parquet"), ALL)
    assert told(tmp_path) == told(tmp_path / "whole")


def test_a_row_that_is_half_written_is_written_again(tmp_path: Path):
    write(made(tmp_path / "whole", "csv", "jsonl"), ALL)
    write(made(tmp_path / "two", "csv", "jsonl"), ALL[:8])
    for name in ("faces.csv", "faces.jsonl"):
        content = (tmp_path / "two" / name).read_bytes()
        (tmp_path / "two" / name).write_bytes(content[:-7])
    go_on(made(tmp_path / "two", "csv", "jsonl"))
    assert told(tmp_path / "two") == told(tmp_path / "whole")


def test_frames_without_faces_are_not_read_again_where_json_lines_tell(tmp_path: Path):
    write(made(tmp_path, "csv", "jsonl"), ALL[:17])
    assert find_point(made(tmp_path, "csv", "jsonl"), SOURCES) == Point("b.mp4", 6, 1)


def test_a_file_that_is_not_there_means_the_beginning(tmp_path: Path):
    write(made(tmp_path, "csv"), ALL[:17])
    assert find_point(made(tmp_path, "csv", "jsonl"), SOURCES) == Point()
    assert find_point(made(tmp_path / "none", "csv", "jsonl", "parquet"), SOURCES) == Point()


def test_the_highest_track_that_is_kept_is_told(tmp_path: Path):
    write(made(tmp_path, "csv"), ALL[:8])
    assert find_point(made(tmp_path, "csv"), SOURCES) == Point("a.mp4", 7, 2)


def test_rows_of_another_source_are_a_clear_error_and_stay(tmp_path: Path):
    write(made(tmp_path, "csv"), ALL[:8])
    before = (tmp_path / "faces.csv").read_bytes()
    with pytest.raises(OutputError, match=r"faces\.csv: has rows of a\.mp4, which is no source here; name it, or"):
        find_point(made(tmp_path, "csv"), ["c.mp4"])
    assert (tmp_path / "faces.csv").read_bytes() == before


def test_a_table_of_the_same_frames_has_the_same_rows(tmp_path: Path):
    write(made(tmp_path, "parquet"), ALL)
    assert told(tmp_path)["parquet"] == list(to_pandas(ALL)[["source", "index"]].itertuples(index=False, name=None))


def test_a_source_that_is_not_utf_8_is_gone_on_with(tmp_path: Path):
    source = os.fsdecode(b"caf\xe9.mp4")
    write(made(tmp_path, "csv", "parquet"), frames(source, faces=range(8)))
    point = find_point(made(tmp_path, "csv", "parquet"), ["a.mp4", source])
    assert point == Point(source, 7, 2)
