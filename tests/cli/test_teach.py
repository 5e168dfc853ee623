import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import typer
from typer.testing import CliRunner

from mien.cli.teach import teach
from mien.data.splits import train_and_val, write_split
from mien.data.synthetic import write_faces
from mien.training.arrays import unpack_arrays
from mien.training.distill import VIEWS, read_teachers
from mien.training.recipe_file import read_recipe
from tests.conftest import make_model

app = typer.Typer()
app.command()(teach)


def test_no_run_is_wrong_usage() -> None:
    assert CliRunner().invoke(app, ["--data", "faces", "--out", "teachers.npz"]).exit_code == 2


def test_a_folder_that_is_no_run_is_one_line(tmp_path: Path) -> None:
    words = ["teach", "nowhere", "--data", "faces", "--out", "teachers.npz"]
    command = [sys.executable, "-m", "mien", *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: nowhere: no model.keras and model.onnx in it; give the folder of a finished")
    assert done.stderr.count("\n") == 1


def test_a_file_of_another_kind_is_never_written_over(tmp_path: Path) -> None:
    made = CliRunner().invoke(app, [str(tmp_path), "--data", "faces", "--out", str(tmp_path / "notes.txt")])
    assert made.exit_code == 2
    assert "expected a name that ends in .npz" in made.output


def test_runs_speak_of_their_training_pictures_and_the_next_command_is_told(tmp_path: Path) -> None:
    write_faces(tmp_path / "faces", count=60, seed=1)
    train, val = train_and_val(tmp_path / "faces", seed=1)
    runs = [tmp_path / "a", tmp_path / "b"]
    for seed, run in enumerate(runs):
        run.mkdir()
        make_model(run / "model.onnx", seed=seed)
        write_split(run / "split.csv", train, val)
        (run / "recipe.toml").write_text(replace(read_recipe("compact"), split_seed=1).to_toml())
        (run / "model.keras").touch()
    out = tmp_path / "teachers.npz"
    made = CliRunner().invoke(app, [*map(str, runs), "--data", str(tmp_path / "faces"), "--out", str(out)])
    assert made.exit_code == 0, made.output
    teachers = read_teachers(out, train)
    assert teachers.logits.shape == (VIEWS, len(train), 7)
    assert np.isfinite(teachers.logits).all()
    assert f"2 teachers, {len(train)} pictures in 8 views" in made.output
    told = shlex.split(made.output.splitlines()[1])
    assert told[-5:] == ["student", "--set", "split_seed=1", "--set", f"teachers={out}"]
    more = ["--whole", "--views", "3", "--out", str(out)]
    made = CliRunner().invoke(app, [*map(str, runs), "--data", str(tmp_path / "faces"), *more])
    assert unpack_arrays(out.read_bytes())[1]["logits"].shape == (3, len(train) + len(val), 7)
    assert f"2 teachers, {len(train) + len(val)} pictures" in made.output
    assert "mien train --refit RUN --set" in made.output
    some, faces = tmp_path / "some.npz", str(tmp_path / "faces")
    CliRunner().invoke(app, [str(runs[0]), "--data", faces, "--views", "2", "--out", str(some)])
    made = CliRunner().invoke(app, [str(runs[1]), "--data", faces, "--said", str(some), "--out", str(out)])
    assert f"2 teachers, {len(train) + len(val)} pictures in 2 views" in made.output
    assert "mien train --refit RUN --set" in made.output
    made = CliRunner().invoke(
        app, [str(runs[1]), "--data", faces, "--said", str(some), "--views", "3", "--out", str(out)]
    )
    assert made.exit_code == 2
    assert "leave it out" in made.output


def test_help_has_an_example() -> None:
    assert "mien teach runs/" in CliRunner(env={"COLUMNS": "120"}).invoke(app, ["--help"]).output
