"""Videos: sent, followed, fetched, cancelled, expired, and what a killed server leaves."""

import csv
import errno
import io
import os
from pathlib import Path
from threading import Event, Timer
from time import monotonic, sleep
from typing import Any

import pytest
from starlette.testclient import TestClient

from mien.errors import OutputError
from mien.vision.media import read_video
from mien.web import job as module
from mien.web.engine import Engine
from mien.web.jobs import Jobs
from mien.web.refusals import Refusal
from mien.web.scratch import Scratch
from mien.web.settings import Limits, Settings
from tests.vision.filming import cut, film, film_with_sound
from tests.web.conftest import Open


@pytest.fixture
def clip(tmp_path: Path) -> bytes:
    return film_with_sound(tmp_path / "clip.mp4", count=12).read_bytes()


def send(client: TestClient, data: bytes) -> str:
    answer = client.post("/v1/videos", files={"file": ("clip.mp4", data)})
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/videos/{answer.json()['id']}"
    return str(answer.json()["id"])


def left(folder: Path) -> list[Path]:
    """Return what there is of videos on disk."""
    return list((folder / "jobs").glob("*/*"))


def followed(client: TestClient, name: str) -> dict[str, Any]:
    """Follow a video to its end; return its last state, with all its rows."""
    rows, cursor, began = [], 0, monotonic()
    while monotonic() - began < 60:
        told = client.get(f"/v1/videos/{name}", params={"cursor": cursor}).json()
        rows, cursor = rows + told["rows"], told["cursor"]
        if told["state"] not in ("receiving", "waiting", "running") and not told["rows"]:
            return {**told, "rows": rows}
        sleep(0.02)
    raise TimeoutError(told)


def test_a_video_has_a_row_a_frame_a_table_and_an_annotated_copy(client: TestClient, clip: bytes, tmp_path: Path):
    name = send(client, clip)
    told = followed(client, name)
    assert (told["state"], told["message"], told["file"]) == ("done", "", "clip.mp4")
    assert told["frames_done"] == told["frames_total"] == 12
    assert [row["index"] for row in told["rows"]] == list(range(12))
    assert {row["source"] for row in told["rows"]} == {"clip.mp4"}
    table = client.get(f"/v1/videos/{name}/faces.csv")
    faces = list(csv.DictReader(io.StringIO(table.text)))
    assert len(faces) == sum(len(row["faces"]) for row in told["rows"]) > 0
    copy = client.get(f"/v1/videos/{name}/annotated.mp4")
    assert copy.headers["content-type"] == "video/mp4"
    (tmp_path / "copy.mp4").write_bytes(copy.content)
    assert sum(1 for _ in read_video(tmp_path / "copy.mp4")) == 12


def test_the_sent_video_is_gone_when_it_is_done_and_everything_after_delete(
    client: TestClient, clip: bytes, tmp_path: Path
):
    name = send(client, clip)
    followed(client, name)
    assert {path.name for (job,) in [left(tmp_path)] for path in job.iterdir()} == {
        "annotated.mp4", "faces.csv", "faces.jsonl", "state.json"
    }  # fmt: skip
    assert client.delete(f"/v1/videos/{name}").status_code == 204
    assert left(tmp_path) == []
    for path in ("", "/faces.csv", "/annotated.mp4"):
        assert client.get(f"/v1/videos/{name}{path}").status_code == 404
    assert client.delete(f"/v1/videos/{name}").status_code == 404


def test_rows_come_in_parts_and_a_place_between_is_refused(
    client: TestClient, clip: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "_PAGE", 10)
    name = send(client, clip)
    assert [row["index"] for row in followed(client, name)["rows"]] == list(range(12))
    assert client.get(f"/v1/videos/{name}?cursor=3").status_code == 400
    assert client.get(f"/v1/videos/{name}?cursor=99999999").status_code == 400


@pytest.mark.parametrize(
    ("data", "status"), [(b"", 415), (b"#EXTM3U\nhttp://x", 415), (b"\0\0\0\x20ftypisom" + b"x" * 100, 422)]
)
def test_what_is_no_video_is_refused_and_leaves_nothing(client: TestClient, tmp_path: Path, data: bytes, status: int):
    assert client.post("/v1/videos", files={"file": ("clip.mp4", data)}).status_code == status
    assert left(tmp_path) == []


def test_a_video_over_a_limit_is_refused(open_app: Open, clip: bytes):
    for limits in (Limits(video_bytes=1000), Limits(video_frames=11), Limits(picture_pixels=1000)):
        with open_app(limits) as client:
            assert client.post("/v1/videos", content=clip).status_code == 413


def test_a_video_cut_off_keeps_its_rows_and_says_so(client: TestClient, tmp_path: Path):
    data = cut(film(tmp_path / "long.mp4", count=50)).read_bytes()
    told = followed(client, send(client, data))
    assert told["state"] == "done"
    assert told["message"].startswith("clip.mp4: ends at")
    assert 0 < len(told["rows"]) < 50


@pytest.mark.parametrize("limits", [Limits(video_frames=3), Limits(job_seconds=1e-9)], ids=["frames", "time"])
def test_work_ends_at_a_limit_and_says_so(engine: Engine, clip: bytes, tmp_path: Path, limits: Limits):
    job = module.Job("a", tmp_path)
    (tmp_path / "video.mp4").write_bytes(clip)
    module.work_on(job, tmp_path / "video.mp4", engine.detector(), limits)
    assert (job.state, job.done) == ("done", limits.video_frames if limits.video_frames == 3 else 0)
    assert "the server's limit" in job.told


def slowed(monkeypatch: pytest.MonkeyPatch) -> tuple[Event, Event]:
    """Let a job wait after its first frame until the second event is set."""
    began, go = Event(), Event()
    plain = module.read_video

    def slow(*arguments: object) -> Any:
        for frame in plain(*arguments):
            yield frame
            began.set()
            assert go.wait(20)

    monkeypatch.setattr(module, "read_video", slow)
    return began, go


def test_a_running_video_can_be_cancelled(
    client: TestClient, clip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    began, go = slowed(monkeypatch)
    name = send(client, clip)
    assert began.wait(10)
    assert client.delete(f"/v1/videos/{name}").status_code == 204
    assert client.get(f"/v1/videos/{name}").status_code == 404
    go.set()
    deadline = monotonic() + 10
    while left(tmp_path) and monotonic() < deadline:
        sleep(0.02)
    assert left(tmp_path) == []


def test_a_video_that_waits_is_gone_from_the_disk_as_soon_as_it_is_cancelled(
    client: TestClient, clip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    began, go = slowed(monkeypatch)
    running, waiting = (send(client, clip) for _ in range(2))
    assert began.wait(10)
    assert client.delete(f"/v1/videos/{waiting}").status_code == 204
    assert [path.parent.name for path in (tmp_path / "jobs").glob("*/*/video.mp4")] == [f"{running}.job"]
    assert [path.name for path in left(tmp_path)] == [f"{running}.job"]
    go.set()
    assert followed(client, running)["state"] == "done"


def test_a_video_that_is_deleted_while_it_ends_leaves_nothing(
    client: TestClient, clip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    began, go, plain = Event(), Event(), Scratch.remember

    def slow(scratch: Scratch, name: str, state: dict[str, Any]) -> None:
        if state["ended"]:
            began.set()
            assert go.wait(20)
        plain(scratch, name, state)

    monkeypatch.setattr(Scratch, "remember", slow)
    name = send(client, clip)
    assert began.wait(20)
    Timer(0.3, go.set).start()
    assert client.delete(f"/v1/videos/{name}").status_code == 204
    assert go.is_set()
    assert left(tmp_path) == []


def test_videos_at_once_are_limited(open_app: Open, clip: bytes, monkeypatch: pytest.MonkeyPatch):
    _, go = slowed(monkeypatch)
    with open_app(Limits(jobs=2)) as client:
        names = [send(client, clip) for _ in range(2)]
        assert client.post("/v1/videos", content=clip).status_code == 429
        assert client.get(f"/v1/videos/{names[1]}/faces.csv").status_code == 404
        go.set()
        assert {followed(client, name)["state"] for name in names} == {"done"}


def test_results_expire(open_app: Open, clip: bytes, tmp_path: Path):
    with open_app(Limits(kept_seconds=1)) as client:
        name = send(client, clip)
        followed(client, name)
        sleep(1.5)
        assert left(tmp_path) == []  # though nobody has asked
        assert client.get(f"/v1/videos/{name}").status_code == 404


@pytest.mark.parametrize("path", ["", "/faces.csv", "/annotated.mp4"])
def test_a_video_that_expires_while_it_is_asked_for_is_not_there(
    client: TestClient, clip: bytes, path: str, monkeypatch: pytest.MonkeyPatch
):
    name, plain = send(client, clip), Jobs.get
    followed(client, name)

    def get_and_drop(jobs: Jobs, name: str) -> module.Job:
        job = plain(jobs, name)
        jobs.drop(job)  # as a timer does, just then
        return job

    monkeypatch.setattr(Jobs, "get", get_and_drop)
    assert client.get(f"/v1/videos/{name}{path}").status_code == 404


def test_a_server_that_was_killed_loses_what_ran_and_says_so(engine: Engine, clip: bytes, tmp_path: Path):
    settings = Settings(folder=tmp_path / "jobs")
    killed = Jobs(engine, Scratch(settings), Limits())
    done, running = killed.add(), killed.add()
    for job in (done, running):
        (job.folder / "video.mp4").write_bytes(clip)
    killed.start(done, done.folder / "video.mp4", "done.mp4")
    while done.ended == 0.0:
        sleep(0.02)
    killed._remember(running)  # as it is while a video is worked on
    with Jobs(engine, Scratch(settings), Limits()) as restarted:
        assert restarted.get(done.name).to_dict() == done.to_dict()
        assert len(restarted.get(done.name).rows(0)[0]) == 12
        assert restarted.get(running.name).state == "lost"
        assert "send it again" in restarted.get(running.name).told
        assert [path.name for path in running.folder.iterdir()] == ["state.json"]
        assert restarted.open == 0
    assert left(tmp_path) == []
    with pytest.raises(Refusal, match="no such video"):
        restarted.get("unknown")


def test_jobs_may_go_while_they_are_counted(engine: Engine, tmp_path: Path):
    jobs = Jobs(engine, Scratch(Settings(folder=tmp_path / "jobs")), Limits())

    class Going(module.Job):
        @property
        def is_open(self) -> bool:
            jobs._jobs.pop("other", None)  # as a timer does, in a thread of its own
            return True

    with jobs:
        jobs._jobs |= {"a": Going("a", tmp_path), "other": Going("other", tmp_path)}
        assert jobs.open == 2
        assert jobs.open == 1


def fill_disk(monkeypatch: pytest.MonkeyPatch, error: int = errno.ENOSPC) -> None:
    def full(*_: object) -> None:
        raise OutputError("no room") from OSError(error, os.strerror(error))

    monkeypatch.setattr("mien.web.scratch.write_file", full)


def test_a_full_disk_refuses_a_video_and_keeps_nothing_of_it(
    open_app: Open, clip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with open_app(Limits(jobs=1)) as client:
        fill_disk(monkeypatch)
        for _ in range(2):
            answer = client.post("/v1/videos", content=clip)
            assert (answer.status_code, answer.json()["error"]) == (507, "the server has no room to store this video")
            assert left(tmp_path) == []
        monkeypatch.undo()
        send(client, clip)


def test_a_folder_that_takes_no_video_is_not_called_full(open_app: Open, clip: bytes, monkeypatch: pytest.MonkeyPatch):
    with open_app(Limits(jobs=1)) as client:
        fill_disk(monkeypatch, errno.EACCES)
        answer = client.post("/v1/videos", content=clip)
        assert (answer.status_code, answer.json()["error"]) == (507, "the server cannot store this video")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full here")
def test_a_disk_that_fills_while_a_video_comes_refuses_it(
    client: TestClient, clip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    add = Scratch.add

    def add_full(scratch: Scratch, name: str) -> Path:
        folder = add(scratch, name)
        (folder / "video").symlink_to("/dev/full")
        return folder

    monkeypatch.setattr(Scratch, "add", add_full)
    assert client.post("/v1/videos", content=clip).status_code == 507
    assert left(tmp_path) == []


def test_a_disk_that_fills_while_a_video_is_worked_on_is_told_without_the_servers_folders(
    engine: Engine, clip: bytes, tmp_path: Path
):
    job = module.Job("a", tmp_path)
    (tmp_path / "video.mp4").write_bytes(clip)
    (tmp_path / "faces.csv").mkdir()  # a place that cannot be written
    module.work_on(job, tmp_path / "video.mp4", engine.detector(), Limits())
    assert job.state == "failed"
    assert job.told.startswith("the server cannot store this video; look whether its folder is there")
    assert str(tmp_path) not in job.told


def test_a_video_ends_and_expires_though_the_disk_is_full(
    open_app: Open, clip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    began, go = slowed(monkeypatch)
    with open_app(Limits(kept_seconds=1)) as client:
        name = send(client, clip)
        assert began.wait(10)
        fill_disk(monkeypatch)
        go.set()
        followed(client, name)
        sleep(1.5)
        assert client.get(f"/v1/videos/{name}").status_code == 404
        assert left(tmp_path) == []
