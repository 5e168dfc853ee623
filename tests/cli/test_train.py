"""``mien train`` as a user runs it: in a process of its own, interrupted, killed, on another backend."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from mien.cli.train import _report, _told
from mien.data.synthetic import write_faces
from mien.model.classify import Classifier
from mien.training.checkpoint import load
from mien.training.recipe_file import read_recipe
from tests.cli.processes import interruptible

MIEN = [sys.executable, "-m", "mien"]
SETTINGS = ["--recipe", "tiny", "--set", "batch=32"]


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gezeichnete Gesichter é") / "faces"
    write_faces(folder, count=300, seed=1)
    return folder


def mien(*words: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*MIEN, *map(str, words)]
    return subprocess.run(command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False)


def started(cwd: Path, faces: Path, epochs: int, engine: str = "auto") -> subprocess.Popen[str]:
    """Start a training and wait until two epochs are done."""
    command = [*MIEN, "train", "--data", str(faces), *SETTINGS, "--set", f"engine={engine}", "--epochs", str(epochs)]
    process = interruptible(command, cwd)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("epoch 2/"):
            return process
    raise AssertionError("the training ended before its second epoch")


def only_run(cwd: Path) -> Path:
    (run,) = (cwd / "runs").iterdir()
    return run


def test_no_data_is_wrong_usage(tmp_path: Path) -> None:
    done = mien("train", cwd=tmp_path)
    assert done.returncode == 2
    assert "no data given" in done.stderr
    assert "Traceback" not in done.stderr


def test_data_that_is_not_there_is_told_before_keras_is_loaded(tmp_path: Path) -> None:
    done = mien("train", "--data", "nowhere", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: nowhere: no such file or folder; expected DIR")


def test_data_without_a_train_split_is_told_before_keras_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "faces" / "test" / "happy").mkdir(parents=True)
    done = mien("train", "--data", "faces", cwd=tmp_path)
    assert done.returncode == 1
    assert "has no split 'train' to train on; it has test" in done.stderr
    assert "Loading Keras" not in done.stderr


def test_data_that_vanished_meanwhile_spoil_no_finished_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    metrics = {"accuracy": 0.5, "macro_f1": 0.5, "macro_auc": 0.5, "n": 10}
    _report(tmp_path, metrics, 1, str(tmp_path / "gone"))
    told = capsys.readouterr().out
    assert "report.html" in told
    assert "next" not in told


def test_a_student_without_teachers_is_told_before_keras_is_loaded(tmp_path: Path, faces: Path) -> None:
    done = mien("train", "--data", faces, "--recipe", "student", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: recipe student learns from teachers (teacher_weight = 0.8), none are given")


def test_fine_tuning_takes_network_and_size_of_the_run_that_it_starts_from(tmp_path: Path, faces: Path) -> None:
    (tmp_path / "recipe.toml").write_text(replace(read_recipe("tiny"), size=64).to_toml())
    values = {"start": str(tmp_path)}
    assert (_told(str(faces), None, None, values).network, _told(str(faces), None, None, values).size) == ("tiny", 64)
    assert _told(str(faces), "compact", None, values).network == "compact"
    assert _told(str(faces), None, None, {"start": "bundled"}).network == "compact"


@pytest.mark.parametrize("option", [("--seed", "3"), ("--out", "elsewhere")])
def test_resume_refuses_options_that_it_would_not_follow(option: tuple[str, str], tmp_path: Path) -> None:
    done = mien("train", "--resume", "run", *option, cwd=tmp_path)
    assert done.returncode == 2
    assert "only --epochs and" in done.stderr


@pytest.mark.parametrize("option", [("--seed", "3"), ("--recipe", "tiny"), ("--epochs", "9"), ("--from", "bundled")])
def test_a_refit_refuses_options_that_would_change_it(option: tuple[str, str], tmp_path: Path) -> None:
    done = mien("train", "--refit", "run", *option, cwd=tmp_path)
    assert done.returncode == 2
    assert "repeats the run as it was" in done.stderr


def test_a_run_that_is_not_there_cannot_be_refitted(tmp_path: Path) -> None:
    done = mien("train", "--refit", "nowhere", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "error: nowhere: no model.keras and model.onnx in it; give the folder of a finished mien train\n"
    )


def test_a_refit_says_that_only_test_can_judge_it(tmp_path: Path, faces: Path) -> None:
    mien("train", "--data", faces, *SETTINGS, "--epochs", 2, cwd=tmp_path)
    done = mien("train", "--refit", only_run(tmp_path), "--out", "refits", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert " and 0 validation pictures" in done.stderr
    assert "val_loss" not in done.stderr
    (folder,) = (tmp_path / "refits").iterdir()
    assert done.stdout.splitlines()[0] == f"run       {Path('refits') / folder.name}"
    assert "no picture was held out, so only a test split can judge it" in done.stdout
    judged = mien("evaluate", folder, "--data", faces, "--split", "val", cwd=tmp_path)
    assert judged.returncode == 1
    assert "has no pictures of split 'val'; a refit holds none out, judge it by its test split" in judged.stderr
    assert mien("evaluate", folder, "--data", faces, cwd=tmp_path).returncode == 0


def test_wrong_usage_is_two(tmp_path: Path) -> None:
    assert mien("train", "--epochs", "0", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("engine", ["keras", "torch"])
def test_a_killed_run_is_resumed_and_equals_one_that_was_not(tmp_path: Path, faces: Path, engine: str) -> None:
    if engine == "torch":
        pytest.importorskip("torch", reason="torch is not installed")
    process = started(tmp_path, faces, 6, engine)
    process.kill()
    process.communicate()
    run = only_run(tmp_path)
    assert not (run / "model.onnx").exists()
    assert 2 <= len(load(run / "checkpoint").history) < 6
    resumed = mien("train", "--resume", run, cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    told = [*SETTINGS, "--set", f"engine={engine}", "--epochs", 6, "--out", "whole"]
    whole = mien("train", "--data", faces, *told, cwd=tmp_path)
    assert whole.returncode == 0, whole.stderr
    (other,) = (tmp_path / "whole").iterdir()
    one, two = load(run / "checkpoint"), load(other / "checkpoint")
    assert all(np.array_equal(a, b) for a, b in zip(one.weights, two.weights, strict=True))
    assert (run / "model.onnx").exists()


def test_votes_are_learned_by_a_head_that_the_model_file_does_not_have(tmp_path: Path, faces: Path) -> None:
    rows = [f"{path.name},{int(path.parent.name == 'happy')},1,1,1,1,1,1" for path in faces.glob("train/*/*")]
    head = "image,happy,angry,disgust,fear,neutral,sad,surprise"
    (tmp_path / "votes.csv").write_text("\n".join([head, *rows]))
    done = mien("train", "--data", faces, *SETTINGS, "--epochs", 1, "--votes", "votes.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert 'votes = "votes.csv"' in (only_run(tmp_path) / "recipe.toml").read_text()
    assert Classifier(only_run(tmp_path))(np.zeros((2, 48, 48), np.uint8)).shape == (2, 7)


def test_votes_that_cannot_be_read_are_told_before_keras_is_loaded(tmp_path: Path, faces: Path) -> None:
    done = mien("train", "--data", faces, "--votes", "nowhere.csv", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: nowhere.csv: cannot be read")


def test_ctrl_c_keeps_the_best_weights_and_writes_the_report(tmp_path: Path, faces: Path) -> None:
    process = started(tmp_path, faces, epochs=5000)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "the best weights are kept" in err
    run = only_run(tmp_path)
    assert (run / "evaluation" / "val" / "report.html").exists()
    assert Classifier(run).labels
    assert "report" in out


@pytest.mark.skipif(find_spec("jax") is None, reason="jax is not installed")
def test_the_same_command_works_on_jax_and_goes_on_with_the_devices_that_it_is_told(
    tmp_path: Path, faces: Path
) -> None:
    jax = {"KERAS_BACKEND": "jax", "XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    done = mien("train", "--data", faces, *SETTINGS, "--epochs", 1, cwd=tmp_path, **jax)
    assert done.returncode == 0, done.stderr
    run = only_run(tmp_path)
    environment = json.loads((run / "environment.json").read_text())
    assert (environment["backend"], environment["devices"]) == ("jax", 1)
    more = mien("train", "--resume", run, "--epochs", 2, "--devices", 2, cwd=tmp_path, **jax)
    assert more.returncode == 0, more.stderr
    assert json.loads((run / "environment.json").read_text()) == environment | {"devices": 2}
    assert len(load(run / "checkpoint").history) == 2
    assert Classifier(run)(np.zeros((2, 48, 48), np.uint8)).shape == (2, 7)


def test_nothing_but_the_result_goes_to_stdout_and_no_native_notes_to_stderr(tmp_path: Path, faces: Path) -> None:
    done = mien("train", "--data", faces, *SETTINGS, "--epochs", 1, "--seed", 3, cwd=tmp_path)
    assert done.stdout.startswith("run       runs/")
    assert done.stdout.count("\n") == 4
    assert "0000 00:00" not in done.stderr
    assert "seed = 3" in (only_run(tmp_path) / "recipe.toml").read_text()
