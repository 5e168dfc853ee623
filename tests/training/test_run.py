import json
from pathlib import Path

import pytest

from mien.errors import OutputError, RunError
from mien.training.run import check_resumable, commit, commit_of, history_csv, new_run, note_devices


def test_no_history_is_an_empty_table() -> None:
    assert history_csv([]) == ""


def test_runs_are_numbered(tmp_path: Path) -> None:
    names = [new_run(tmp_path / "runs", "tiny").name for _ in range(3)]
    assert [name[10:] for name in names] == ["-tiny-1", "-tiny-2", "-tiny-3"]


def test_a_place_for_runs_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"cannot be made .*choose another place with --out"):
        new_run(tmp_path / "file", "tiny")


def test_a_link_that_leads_nowhere_is_no_place_for_runs(tmp_path: Path) -> None:
    (tmp_path / "runs").symlink_to(tmp_path / "unmounted" / "runs")
    with pytest.raises(OutputError, match=r"cannot be made .*choose another place with --out"):
        new_run(tmp_path / "runs", "tiny")


def test_a_folder_that_is_no_run_cannot_be_resumed(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not a run folder"):
        check_resumable(tmp_path)


def test_history_is_a_row_an_epoch() -> None:
    assert history_csv([{"epoch": 1, "loss": 0.5}]) == "epoch,loss\n1,0.5\n"


def test_the_commit_is_that_of_the_checkout_or_empty(tmp_path: Path) -> None:
    assert commit() == "" or len(commit().rstrip("+")) == 12
    assert commit_of(tmp_path) == ""


def test_the_devices_are_noted_where_there_is_something_to_note_them_in(tmp_path: Path) -> None:
    note_devices(tmp_path, 2, "")
    assert not list(tmp_path.iterdir())
    (tmp_path / "environment.json").write_text('{"commit": "1234", "devices": 1}')
    note_devices(tmp_path, 2, "A Card")
    assert json.loads((tmp_path / "environment.json").read_text()) == {
        "commit": "1234",
        "devices": 2,
        "accelerator": "A Card",
    }
