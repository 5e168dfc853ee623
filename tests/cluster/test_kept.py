"""Parts on disk: what is there is known again, what is another job's is refused."""

from pathlib import Path

import pytest

from mien.cluster.kept import begin, keep, missing
from mien.cluster.parts import Part
from mien.cluster.work import Settings, Worker, settings_for
from mien.errors import OutputError
from tests.conftest import make_model

PARTS = [Part(number, (f"gone-{number}.jpg",)) for number in range(3)]


@pytest.fixture
def settings(model: Path) -> Settings:
    return settings_for(model, "none")


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    """Parts 0 and 2 of three."""
    begin(tmp_path / "faces.parquet")
    for part in (PARTS[0], PARTS[2]):
        keep(tmp_path / "faces.parquet", Worker(settings).work(part))
    return tmp_path / "faces.parquet"


def test_where_there_is_no_folder_everything_is_missing(tmp_path: Path, settings: Settings):
    assert missing(tmp_path / "none", PARTS, settings) == PARTS


def test_what_is_there_is_not_missing(folder: Path, settings: Settings):
    assert [path.name for path in sorted(folder.iterdir())] == ["part-00000.parquet", "part-00002.parquet"]
    assert missing(folder, PARTS, settings) == [PARTS[1]]


def test_beginning_anew_removes_parts_and_what_was_half_written_and_nothing_else(folder: Path):
    (folder / "mine.txt").touch()
    (folder / ".part-00001.parquet-x.unfinished").touch()
    begin(folder)
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


def test_another_model_is_refused(folder: Path, tmp_path: Path):
    other = settings_for(make_model(tmp_path / "other.onnx", seed=1), "none")
    with pytest.raises(OutputError, match=r"part-00000\.parquet: was not written with these sources, settings and mod"):
        missing(folder, PARTS, other)


@pytest.mark.parametrize("parts", [PARTS[:2], [Part(number, ("else.jpg",)) for number in range(3)]])
def test_other_sources_are_refused(folder: Path, settings: Settings, parts: list[Part]):
    with pytest.raises(OutputError, match="leave out --resume"):
        missing(folder, parts, settings)


def test_what_is_no_parquet_is_refused(folder: Path, settings: Settings):
    (folder / "part-00001.parquet").write_bytes(b"half")
    with pytest.raises(OutputError, match=r"part-00001\.parquet: was not written"):
        missing(folder, PARTS, settings)
