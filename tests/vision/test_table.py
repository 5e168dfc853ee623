"""Tables: data frames and Parquet parts with the rows that CSV has."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas
import pytest

import mien
from mien.errors import MissingExtra, OutputError
from mien.results import Face, Frame, row_columns
from mien.vision import table as module
from mien.vision.table import ParquetSink

LABELS = ("happy", "sad")
FACE = Face(
    (1, 2, 3, 4), {"happy": 0.75, "sad": 0.25}, uncertain=False, track=1, raw_probabilities={"happy": 1.0, "sad": 0.0}
)


def frame(index: int, *faces: Face) -> Frame:
    return Frame("clip.mp4", index, index / 25, np.zeros((4, 4, 3), np.uint8), faces)


@pytest.mark.parametrize("frames", [[], [0, 1]])
def test_frames_without_a_face_are_an_empty_table_with_columns(frames: list[int]):
    table = mien.to_pandas([frame(index) for index in frames])
    assert len(table) == 0
    assert list(table.columns) == row_columns(())


def test_a_table_has_a_row_a_face():
    table = mien.to_pandas([frame(0, FACE), frame(1), frame(2, FACE, replace(FACE, track=2))])
    assert list(table.columns) == row_columns(LABELS)
    assert table["index"].tolist() == [0, 2, 2]
    assert table["track"].tolist() == [1, 1, 2]
    assert table["raw_happy"].tolist() == [1.0] * 3


def test_a_table_of_one_still_has_no_track():
    table = mien.to_pandas(frame(0, replace(FACE, track=None, raw_probabilities=None)))
    assert table["track"].isna().all()
    assert table["raw_sad"].isna().all()


def test_parquet_reads_back_as_the_same_table(tmp_path: Path):
    frames = [frame(n, FACE, replace(FACE, track=None, raw_probabilities=None)) for n in range(5)]
    with ParquetSink(tmp_path / "faces.parquet", LABELS) as sink:
        for one in frames:
            sink.write(one)
    table = pandas.read_parquet(tmp_path / "faces.parquet")
    pandas.testing.assert_frame_equal(table, mien.to_pandas(frames), check_dtype=False)


def test_no_faces_are_a_table_with_columns(tmp_path: Path):
    with ParquetSink(tmp_path / "faces.parquet", LABELS) as sink:
        sink.write(frame(0))
    assert list(pandas.read_parquet(tmp_path / "faces.parquet").columns) == row_columns(LABELS)


def test_a_name_that_is_not_utf_8_can_be_told(tmp_path: Path):
    frames = [replace(frame(0, FACE), source=os.fsdecode(b"caf\xe9.mp4"))]
    with ParquetSink(tmp_path / "faces.parquet", LABELS) as sink:
        sink.write(frames[0])
    assert pandas.read_parquet(tmp_path / "faces.parquet")["source"].tolist() == ["caf\ufffd.mp4"]
    assert mien.to_pandas(frames)["source"].tolist() == ["caf\ufffd.mp4"]


def test_rows_that_could_not_be_written_are_not_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OutputError("no room")

    monkeypatch.setattr(module, "_PART_ROWS", 1)
    write = module.write_file
    monkeypatch.setattr(module, "write_file", full)
    with ParquetSink(tmp_path / "faces.parquet", LABELS) as sink:
        with pytest.raises(OutputError, match="no room"):
            sink.write(frame(0, FACE))
        monkeypatch.setattr(module, "write_file", write)
    assert pandas.read_parquet(tmp_path / "faces.parquet")["index"].tolist() == [0]


def test_parts_are_finished_while_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_PART_ROWS", 2)
    with ParquetSink(tmp_path / "faces.parquet", LABELS) as sink:
        for n in range(5):
            sink.write(frame(n, FACE))
        assert pandas.read_parquet(tmp_path / "faces.parquet")["index"].tolist() == [0, 1, 2, 3]
    assert len(list((tmp_path / "faces.parquet").iterdir())) == 3


def test_parts_are_finished_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_PART_SECONDS", -1.0)
    with ParquetSink(tmp_path / "faces.parquet", LABELS) as sink:
        sink.write(frame(0, FACE))
        sink.write(frame(1))
        assert len(list((tmp_path / "faces.parquet").iterdir())) == 1


def test_parts_of_an_earlier_run_are_replaced_and_other_files_stay(tmp_path: Path):
    (tmp_path / "faces.parquet").mkdir()
    (tmp_path / "faces.parquet" / "mine.txt").touch()
    for count in (3, 1):
        with ParquetSink(tmp_path / "faces.parquet", LABELS) as sink:
            for n in range(count):
                sink.write(frame(n, FACE))
    assert len(pandas.read_parquet(tmp_path / "faces.parquet" / "part-00000.parquet")) == 1
    assert (tmp_path / "faces.parquet" / "mine.txt").exists()


@pytest.mark.parametrize(
    ("content", "message"), [(b"no table", "cannot be read"), (None, "was not written with these")]
)
def test_parts_of_something_else_are_not_gone_on_with(tmp_path: Path, content: bytes | None, message: str):
    (tmp_path / "part-00000.parquet").write_bytes(content or b"")
    if content is None:
        pandas.DataFrame({"a": [1]}).to_parquet(tmp_path / "part-00000.parquet")
    with pytest.raises(OutputError, match=rf"part-00000\.parquet: {message}"):
        list(ParquetSink(tmp_path, LABELS).earlier())


@pytest.mark.parametrize("package", ["pandas", "pyarrow"])
def test_without_the_extra_its_install_command_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str):
    monkeypatch.setattr("mien.errors.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"not installed\. Install with: pip install 'mien\[table\]"):
        mien.to_pandas([]) if package == "pandas" else ParquetSink(tmp_path, LABELS)
