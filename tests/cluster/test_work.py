"""A worker's work: the rows of the local engine, and a row with an error for what cannot be read."""

from io import BytesIO
from pathlib import Path
from threading import active_count

import cv2
import numpy as np
import pandas
import pytest

import mien
from mien.cluster.parts import Part
from mien.cluster.stored import Rows
from mien.cluster.work import Done, Settings, Worker, mark, settings_for
from mien.errors import ClusterError, ModelError
from mien.model.file import read_model
from mien.results import row_columns
from tests.cluster.photos import local_rows, picture, store
from tests.conftest import make_model


@pytest.fixture
def settings(model: Path) -> Settings:
    return settings_for(model, "haar")


def table(done: Done) -> pandas.DataFrame:
    return pandas.read_parquet(BytesIO(done.table))


def test_a_part_has_the_rows_of_the_local_engine_and_a_column_for_errors(tmp_path: Path, settings: Settings):
    paths = [tmp_path / f"{number}.jpg" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(picture(number))
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((80, 90, 3), 90, np.uint8))
    done = Worker(settings).work(Part(0, (*map(str, paths), str(tmp_path / "wall.png"))))
    found, detector = table(done), mien.Detector(settings.model, faces="haar")
    local = local_rows(tmp_path / "local", detector, paths)
    assert list(found.columns) == [*row_columns(detector.classify.labels), "error"]
    assert found["error"].isna().all()
    pandas.testing.assert_frame_equal(found.drop(columns="error"), local)
    assert (done.faces, done.bad) == (len(local), ())


def test_rows_of_parquet_are_called_by_file_and_number(tmp_path: Path, settings: Settings):
    path = store(tmp_path / "a.parquet", [picture(0), b"no picture", None, picture(1)], inside=True)
    done = Worker(settings).work(Part(0, Rows(str(path), "image.bytes", 0, 4)))
    found = table(done)
    assert set(found["source"]) == {str(path)}
    assert found[found["error"].isna()]["index"].unique().tolist() == [0, 3]
    assert found[found["error"].notna()]["index"].tolist() == [1, 2]
    assert [reason.partition("; ")[0] for reason in done.bad] == [
        f"{path}, row 1: not a picture that can be decoded, or cut off",
        f"{path}, row 2: is empty",
    ]


def test_a_picture_that_cannot_be_read_has_a_row_of_nothing_but_the_error(tmp_path: Path, settings: Settings):
    done = Worker(settings).work(Part(0, (str(tmp_path / "gone.jpg"),)))
    (row,) = table(done).to_dict("records")
    filled = {name for name, value in row.items() if not pandas.isna(value)}
    assert filled == {"source", "index", "time", "error"}
    assert row["error"] == done.bad[0]
    assert "gone.jpg: cannot be read (No such file or directory)" in row["error"]


def test_a_table_that_broke_since_is_one_row_with_an_error(tmp_path: Path, settings: Settings):
    path = store(tmp_path / "a.parquet", [picture(0)])
    path.write_bytes(path.read_bytes()[:-9])  # since the job was cut into parts
    done = Worker(settings).work(Part(0, Rows(str(path), "image", 0, 1)))
    assert table(done)[["source", "index"]].to_numpy().tolist() == [[str(path), 0]]
    assert "a.parquet: cannot be read to row 0" in done.bad[0]


def test_a_name_that_is_not_utf8_can_be_written(tmp_path: Path, settings: Settings):
    done = Worker(settings).work(Part(0, (str(tmp_path / "caf\udce9.jpg"),)))
    assert table(done)["source"].tolist() == [str(tmp_path / "caf\ufffd.jpg")]


def test_no_pictures_are_a_table_with_columns(settings: Settings):
    done = Worker(settings).work(Part(0, ()))
    assert list(table(done).columns) == [*row_columns(settings.model.metadata.labels), "error"]


def test_the_mark_knows_model_finder_and_part(tmp_path: Path, settings: Settings):
    other = settings_for(make_model(tmp_path / "other.onnx", seed=1), "haar")
    whole = settings_for(settings.model.name, "none")
    parts = [Part(0, ("a.jpg",)), Part(1, ("a.jpg",)), Part(0, ("b.jpg",)), Part(0, Rows("a.jpg", "image", 0, 1))]
    marks = {mark(part, some.sum) for part in parts for some in (settings, other, whole)}
    assert len(marks) == 12
    assert mark(Part(0, ("a.jpg",)), settings.sum) in marks


def test_the_model_is_used_by_its_bytes(tmp_path: Path):
    path = make_model(tmp_path / "m.onnx")
    settings = settings_for(path, "none")
    path.unlink()
    assert settings.model.data
    Worker(settings)


def test_auto_is_decided_before_the_workers(model: Path, yunet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "none"))
    assert settings_for(model, "auto").faces == "haar"
    monkeypatch.setenv("MIEN_CACHE", str(yunet.parent))
    settings = settings_for(model, "auto")
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "none"))  # as on a machine where it was never pulled
    (tmp_path / "a.jpg").write_bytes(picture(0))
    assert settings.faces == "yunet"
    assert Worker(settings).work(Part(0, (str(tmp_path / "a.jpg"),))).faces == 1


def test_a_finder_that_was_never_pulled_is_told_before(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match="mien models pull yunet"):
        settings_for(model, "yunet")


def test_relative_paths_begin_where_the_command_ran(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("a.jpg").write_bytes(picture(0))
    store(Path("a.parquet"), [picture(0)])
    settings = settings_for(model, "none")
    monkeypatch.chdir(tmp_path)
    for part in (Part(0, ("a.jpg",)), Part(0, Rows("a.parquet", "image", 0, 1))):
        done = Worker(settings).work(part)
        assert (done.faces, done.bad) == (1, ())
        assert table(done)["source"].tolist() == ["a.parquet" if isinstance(part.pictures, Rows) else "a.jpg"]


def test_a_worker_searches_with_one_thread(tmp_path: Path, settings: Settings):
    (tmp_path / "a.jpg").write_bytes(picture(0))
    before = active_count()
    Worker(settings).work(Part(0, (str(tmp_path / "a.jpg"),)))
    assert active_count() - before == 1
    assert cv2.getNumThreads() == 1


def test_a_worker_of_another_version_refuses(model: Path):
    with pytest.raises(ClusterError, match=f"has mien {mien.__version__}, the job is of 9.9; .* pip install mien==9.9"):
        Worker(Settings(read_model(model), "haar", b"", version="9.9"))
