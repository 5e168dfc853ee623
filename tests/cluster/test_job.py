"""Jobs on Ray: whatever the number of workers, and whatever dies, the rows are those of the local engine.

A Ray cluster takes seconds to start: these tests share one, in a process of its own.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

import pandas
import pytest

import mien
from mien.cluster.job import SET, check_installed, joined
from mien.errors import ClusterError, MissingExtra
from tests.cluster.photos import local_rows, picture, store
from tests.conftest import make_model

MARK = "MIEN_TEST_RAY"  # environment: whose processes these are
TOKEN = uuid4().hex
LONG = 300.0  # seconds: a machine may be busy
PICTURES = 30  # in ten parts, and two more with what else there is
# The command with small parts, so that some are done while others are not.
COMMAND = "from mien.cluster import parts; parts.PICTURES = 3; from mien.cli.main import main; main()"
CLUSTER = """
import sys, ray
ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False)
print(ray.get_runtime_context().gcs_address, flush=True)
sys.stdin.read()
"""


def own(mark: str) -> dict[str, str]:
    """Return the environment of our processes: with a token of their own, none is written to the home folder."""
    return os.environ | {MARK: mark, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN}


def until(holds: Callable[[], object]) -> None:
    deadline = monotonic() + LONG
    while not holds():
        assert monotonic() < deadline
        sleep(0.02)


def marked(mark: str, command: str = "") -> list[int]:
    """Return the processes that were started with a mark and run a command."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment, words = (folder / "environ").read_bytes(), (folder / "cmdline").read_bytes()
        except OSError:  # gone by now
            continue
        if f"{MARK}={mark}\0".encode() in environment and command.encode() in words:
            found.append(int(folder.name))
    return found


@pytest.fixture(scope="module")
def mark() -> Iterator[str]:
    """A mark for all processes of these tests, of which none may be left at their end."""
    mark = uuid4().hex
    yield mark
    until(lambda: not marked(mark))


@pytest.fixture(scope="module")
def cluster(mark: str) -> Iterator[str]:
    """The address of a cluster of two cores."""
    with subprocess.Popen(
        [sys.executable, "-c", CLUSTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=own(mark) | SET
    ) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.communicate(timeout=LONG)
        assert process.returncode == 0


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures, one that is none, and a Parquet file with two pictures and one that is none."""
    folder = tmp_path_factory.mktemp("ray") / "photos"
    folder.mkdir()
    for number in range(PICTURES):
        (folder / f"{number:03}.jpg").write_bytes(picture(number))
    (folder / "bad.jpg").write_bytes(b"no picture")
    store(folder / "stored.parquet", [picture(0), b"", picture(1)])
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("ray-model") / "model.onnx")


@pytest.fixture(scope="module")
def rows(model: Path, photos: Path, tmp_path_factory: pytest.TempPathFactory) -> pandas.DataFrame:
    """The rows of the local engine."""
    detector = mien.Detector(model, faces="haar")
    return local_rows(tmp_path_factory.mktemp("local"), detector, sorted(photos.glob("0*.jpg")))


def start(mark: str, model: Path, photos: Path, out: Path, *options: object) -> "subprocess.Popen[str]":
    words = ["detect", photos, "--model", model, "--faces", "haar", "--engine", "ray", "--out", out, *options]
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=own(mark),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def parts(out: Path) -> list[Path]:
    return sorted((out / "faces.parquet").glob("part-*.parquet"))


def check(out: Path, photos: Path, rows: pandas.DataFrame) -> None:
    """Compare what was written with the rows of the local engine, in their order."""
    found = pandas.read_parquet(out / "faces.parquet")
    good = found[found["error"].isna()].drop(columns="error").reset_index(drop=True)
    stored = good["source"] == str(photos / "stored.parquet")
    pandas.testing.assert_frame_equal(
        good[~stored].reset_index(drop=True), rows, check_dtype=False
    )  # nulls make floats
    first = rows[rows["source"] == str(photos / "000.jpg")]
    values = ["face", "x", "label", "confidence"]
    assert good[stored & (good["index"] == 0)][values].to_numpy().tolist() == first[values].to_numpy().tolist()
    bad = found[found["error"].notna()]
    assert bad[["source", "index"]].to_numpy().tolist() == [
        [str(photos / "bad.jpg"), 0],
        [str(photos / "stored.parquet"), 1],
    ]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_the_rows_are_those_of_the_local_engine(
    mark: str, cluster: str, model: Path, photos: Path, rows: pandas.DataFrame, tmp_path: Path, workers: int
):
    process = start(mark, model, photos, tmp_path, "--address", cluster, "--workers", workers)
    stdout, stderr = process.communicate(timeout=LONG)
    assert process.returncode == 0, stderr
    check(tmp_path, photos, rows)
    assert [path.name for path in parts(tmp_path)] == [f"part-{number:05d}.parquet" for number in range(12)]
    assert re.fullmatch(r"34 pictures, \d+ faces, 2 pictures that could not be read\n", stdout)
    assert sorted(line.partition("; ")[0] for line in stderr.splitlines()) == [
        f"skipped: {photos / 'bad.jpg'}: not a picture that can be decoded, or cut off",
        f"skipped: {photos / 'stored.parquet'}, row 1: is empty",
        f"wrote {tmp_path / 'faces.parquet'}",
    ]


@pytest.mark.slow
def test_a_job_whose_worker_is_killed_has_the_same_rows(
    mark: str, cluster: str, model: Path, photos: Path, rows: pandas.DataFrame, tmp_path: Path
):
    process = start(mark, model, photos, tmp_path, "--address", cluster, "--workers", 2)
    until(lambda: parts(tmp_path))
    victims = marked(mark, "ray::MapWorker")
    assert len(victims) == 2
    assert len(parts(tmp_path)) < 9
    os.kill(victims[0], signal.SIGKILL)
    _, stderr = process.communicate(timeout=LONG)
    assert process.returncode == 0, stderr
    check(tmp_path, photos, rows)


@pytest.mark.slow
def test_ctrl_c_keeps_parts_leaves_no_process_and_is_gone_on_with(
    cluster: str, mark: str, model: Path, photos: Path, rows: pandas.DataFrame, tmp_path: Path
):
    alone = uuid4().hex
    process = start(alone, model, photos, tmp_path, "--workers", 2)
    until(lambda: parts(tmp_path))
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=LONG)
    assert process.returncode == 130, stderr
    until(lambda: not marked(alone))
    before = {path: path.stat().st_mtime_ns for path in parts(tmp_path)}
    assert stderr.splitlines()[-1] == f"interrupted: {len(before)} of 12 parts are in {tmp_path / 'faces.parquet'}"
    assert 1 <= len(before) < 12
    process = start(mark, model, photos, tmp_path, "--address", cluster, "--resume")
    _, stderr = process.communicate(timeout=LONG)
    assert process.returncode == 0, stderr
    check(tmp_path, photos, rows)
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.slow
def test_a_cluster_that_cannot_run_mien_is_told_in_a_line(
    mark: str, cluster: str, model: Path, photos: Path, tmp_path: Path
):
    words = ["detect", photos, "--model", model, "--engine", "ray", "--address", cluster, "--out", tmp_path]
    done = subprocess.run(
        [sys.executable, "-c", f"import mien; mien.__version__ = '9.9'; {COMMAND}", *map(str, words)],
        capture_output=True,
        text=True,
        env=own(mark),
        timeout=LONG,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"has mien {mien.__version__}, the job is of 9.9" in done.stderr.splitlines()[-1]


def test_a_cluster_that_is_not_there_is_told_at_once():
    with (
        pytest.raises(ClusterError, match=r"127\.0\.0\.1:9: no Ray cluster answers there .+ start one with: ray start"),
        joined("127.0.0.1:9", None),
    ):
        pass


def test_the_address_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:9")
    with pytest.raises(ClusterError, match=r"127\.0\.0\.1:9: no Ray cluster answers there"), joined(None, None):
        pass


def test_without_the_extra_its_install_command_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mien.errors.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"--engine ray needs ray, .+ Install with: pip install 'mien\[ray\]"):
        check_installed()
