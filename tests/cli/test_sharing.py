"""mien detect --engine ray: what goes together, and what is refused before Ray starts; tests/cluster has the jobs."""

from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from mien.cli.detect import detect
from mien.cluster.kept import keep
from mien.cluster.parts import cut
from mien.cluster.work import Worker, settings_for
from mien.errors import ClusterError, MissingExtra, OutputError, PictureError
from mien.vision.sources import expand
from tests.cluster.photos import ASTRONAUT, store
from tests.vision.filming import film

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(detect)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(ASTRONAUT)
    return tmp_path / "photos"


def run(model: Path, *arguments: object) -> Result:
    return CliRunner().invoke(app, ["--model", str(model), *map(str, arguments)])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--engine", "spark"), "'spark' is not one of local, ray"),
        (("--address", "head:6379"), "goes only with --engine ray"),
        (("--workers", "2"), "goes only with --engine ray"),
        (("--engine", "ray", "--json"), "does not go with --engine ray"),
        (("--engine", "ray", "--blur"), "does not go with --engine ray"),
        (("--engine", "ray", "--stride", "2"), "does not go with --engine ray"),
        (("--engine", "ray", "--end", "2"), "does not go with --engine ray"),
        (("--engine", "ray", "--save", "parquet,csv"), "--engine ray writes parquet and nothing else"),
        (("--engine", "ray", "--workers", "0"), "--workers"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(model: Path, photos: Path, options: tuple[str, ...], message: str):
    result = run(model, photos, *options)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.replace("│", " ").split())


def test_videos_and_cameras_are_wrong_usage(model: Path, photos: Path):
    film(photos / "clip.mp4", count=3)
    for source in (photos, "0", "rtsp://door/1"):
        result = run(model, source, "--engine", "ray")
        assert result.exit_code == 2
        assert "reads pictures and Parquet" in " ".join(result.stderr.replace("│", " ").split())


def test_parquet_without_pictures_is_told(model: Path, photos: Path):
    pyarrow.parquet.write_table(pyarrow.table({"label": ["happy"]}), photos / "labels.parquet")
    result = run(model, photos, "--engine", "ray", "--out", photos / "out")
    assert isinstance(result.exception, PictureError)
    assert "labels.parquet: has no column of bytes" in str(result.exception)
    assert not (photos / "out").exists()


def test_parquet_without_rows_is_told(model: Path, tmp_path: Path):
    store(tmp_path / "none.parquet", [])
    result = run(model, tmp_path / "none.parquet", "--engine", "ray", "--out", tmp_path / "out")
    assert isinstance(result.exception, PictureError)
    assert "none.parquet: has no rows" in str(result.exception)


def test_a_job_that_is_done_starts_no_ray(model: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cv2.setNumThreads", lambda count: None)  # of this process, which is no worker
    settings = settings_for(model, "none")
    (part,) = cut(expand([photos]))
    keep(tmp_path / "out" / "faces.parquet", Worker(settings).work(part))
    options = ("--faces", "none", "--out", tmp_path / "out", "--resume", "--address", "127.0.0.1:9")
    result = run(model, photos, "--engine", "ray", *options)
    assert result.exit_code == 0
    assert "has all of its 1 parts" in result.stderr


def test_the_local_engine_says_who_reads_parquet(model: Path, photos: Path):
    pyarrow.parquet.write_table(pyarrow.table({"image": [ASTRONAUT]}), photos / "a.parquet")
    result = run(model, photos / "a.parquet")
    assert isinstance(result.exception, PictureError)
    assert "a.parquet: pictures in Parquet are read by --engine ray" in str(result.exception)
    assert "a.parquet" not in run(model, photos).output


def test_a_cluster_that_is_not_there_is_told(model: Path, photos: Path, tmp_path: Path):
    result = run(model, photos, "--engine", "ray", "--address", "127.0.0.1:9", "--out", tmp_path / "out")
    assert isinstance(result.exception, ClusterError)


def test_rows_of_the_local_engine_are_not_gone_on_with(model: Path, photos: Path, tmp_path: Path):
    run(model, photos, "--save", "parquet", "--out", tmp_path / "out")
    result = run(model, photos, "--engine", "ray", "--resume", "--out", tmp_path / "out")
    assert isinstance(result.exception, OutputError)
    assert "leave out --resume" in str(result.exception)


def test_without_ray_its_install_command_is_told(model: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mien.errors.find_spec", lambda name: None if name == "ray" else object())
    result = run(model, photos, "--engine", "ray")
    assert isinstance(result.exception, MissingExtra)
    assert "pip install 'mien[ray]" in str(result.exception)
