import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mien.data.splits import load_whole, read_split
from mien.data.writing import write_png
from mien.errors import DataError, RecipeError, RunError
from mien.evaluation.evaluate import evaluate
from mien.model.file import read_model
from mien.progress import silent
from mien.training import checkpoint
from mien.training.arrays import unpack_arrays
from mien.training.distill import ask_runs, pack, read_teachers
from mien.training.loop import Run, resume, train
from mien.training.recipe import Recipe
from mien.training.recipe_file import read_recipe
from mien.training.refit import repeated
from mien.training.watching import Silent


@pytest.fixture(scope="module")
def refit(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(repeated(run.folder), tmp_path_factory.mktemp("refit"), Silent())


def test_a_refit_learns_from_all_pictures_and_is_judged_by_none(run: Run, refit: Run) -> None:
    before, after = (read_split(made.folder / "split.csv") for made in (run, refit))
    assert set(before) == set(after)
    assert set(before.values()) == {"train", "val"}
    assert set(after.values()) == {"train"}
    assert refit.metrics == {}
    assert not (refit.folder / "evaluation").exists()
    told = json.loads((refit.folder / "environment.json").read_text())["data"]
    assert (told["train"]["n"], told["val"]["n"]) == (len(after), 0)


def test_a_refit_takes_epoch_seed_and_operating_point_from_its_run(run: Run, refit: Run) -> None:
    assert refit.best_epoch == run.best_epoch
    repeats, before = read_recipe(refit.folder), read_recipe(run.folder)
    assert repeats == replace(before, refit=str(run.folder), stop_after=run.best_epoch)
    old, new = (read_model(made.folder).metadata for made in (run, refit))
    assert (new.temperature, new.offsets, new.uncertain_below) == (old.temperature, old.offsets, old.uncertain_below)
    assert new.data != old.data
    assert new.figures == {}


class Dies(Silent):
    """A process that is killed after its first epoch."""

    def finished_epoch(self, row: Mapping[str, float], epochs: int) -> None:
        raise KeyboardInterrupt


def test_a_killed_refit_goes_on_without_its_run_as_if_nothing_had_been(run: Run, refit: Run, tmp_path: Path) -> None:
    parent = shutil.copytree(run.folder, tmp_path / "parent")
    with pytest.raises(KeyboardInterrupt):
        train(repeated(parent), tmp_path / "runs", Dies())
    shutil.rmtree(parent)
    (folder,) = (tmp_path / "runs").iterdir()
    environment = (folder / "environment.json").read_text()
    resume(folder, None, Silent())
    one, other = (checkpoint.load(made / "checkpoint") for made in (folder, refit.folder))
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(one.weights, other.weights, strict=True))
    assert read_model(folder).metadata == read_model(refit.folder).metadata
    assert json.loads((folder / "environment.json").read_text()) == json.loads(environment)
    with pytest.raises(RunError, match=r"stops after \d+ epochs by its recipe; leave --epochs out"):
        resume(folder, 9, Silent())


@pytest.mark.parametrize(("name", "value"), [("size", 64), ("balance", "none"), ("seed", 1), ("stop_after", 0)])
def test_a_refit_changes_nothing_of_its_run(name: str, value: Any, run: Run, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=f"refit of .*: {name} = .*, the run has .*; a refit may change"):
        train(replace(repeated(run.folder), **{name: value}), tmp_path / "runs", Silent())
    assert not (tmp_path / "runs").exists()


def test_a_refit_of_data_with_a_val_folder_learns_from_that_too(recipe: Recipe, tmp_path: Path) -> None:
    data = shutil.copytree(recipe.data, tmp_path / "faces")
    for folder in sorted((data / "train").iterdir()):
        (data / "val" / folder.name).mkdir(parents=True)
        for file in sorted(folder.iterdir())[:3]:
            file.rename(data / "val" / folder.name / file.name)
    parent = train(replace(recipe, data=str(data), epochs=1), tmp_path / "runs", Silent())
    folder = train(repeated(parent.folder), tmp_path / "refits", Silent()).folder
    learned = [name for name, part in read_split(folder / "split.csv").items() if part == "train"]
    assert sum(name.startswith("val/") for name in learned) == 21
    assert evaluate(folder, data, "train").metrics["n"] == len(learned)
    assert ask_runs([folder], data, silent).logits.shape[1] == len(learned)


def test_labels_that_changed_are_told(run: Run, recipe: Recipe, tmp_path: Path) -> None:
    data = shutil.copytree(recipe.data, tmp_path / "faces")
    write_png(next((data / "train" / "happy").iterdir()), np.zeros((48, 48), np.uint8))
    changed = r"the pictures or labels of (train|val) changed since .* was begun"
    with pytest.raises(DataError, match=changed):
        train(replace(repeated(run.folder), data=str(data)), tmp_path / "runs", Silent())
    with pytest.raises(DataError, match=changed):
        ask_runs([run.folder], data, silent)
    assert not (tmp_path / "runs").exists()


def test_teachers_speak_of_all_pictures_where_they_are_asked_to(run: Run, recipe: Recipe, tmp_path: Path) -> None:
    some, whole = (tmp_path / name for name in ("some.npz", "whole.npz"))
    some.write_bytes(pack(ask_runs([run.folder], recipe.data, silent)))
    whole.write_bytes(pack(ask_runs([run.folder], recipe.data, silent, whole=True)))
    pictures, held_out = load_whole(recipe.data, run.folder / "split.csv", size=recipe.size)
    assert read_teachers(whole, pictures).logits.shape[1] == len(pictures)
    taught = train(
        replace(recipe, epochs=1, teacher_weight=0.8, teachers=str(some)), tmp_path / "runs", Silent()
    ).folder
    with pytest.raises(DataError, match="for a refit with mien teach --whole"):
        train(repeated(taught), tmp_path / "refits", Silent())
    joined = tmp_path / "joined.npz"
    joined.write_bytes(pack(ask_runs([taught], recipe.data, silent, said=some)))
    teachers, kept = read_teachers(joined, pictures), unpack_arrays(some.read_bytes())[1]["logits"]
    assert np.array_equal(teachers.logits[:, ~held_out], kept)
    assert set(teachers.runs) == {run.folder.name, taught.name}
    with pytest.raises(DataError, match="made for other pictures"):
        ask_runs([taught], recipe.data, silent, said=joined)
    for file in (whole, joined):
        again = train(replace(repeated(taught), teachers=str(file)), tmp_path / "refits", Silent())
        assert again.best_epoch == 1
    with pytest.raises(DataError, match="held no picture out, so there is none to ask about"):
        ask_runs([again.folder], recipe.data, silent, said=joined)


def test_a_run_in_a_folder_called_like_a_recipe_is_that_run(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(run.folder, tmp_path / "teacher")
    monkeypatch.chdir(tmp_path)
    assert repeated(Path("teacher")).network == "tiny"


def test_what_cannot_be_repeated_is_told(run: Run, refit: Run, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no model\.keras and model.onnx"):
        repeated(tmp_path)
    with pytest.raises(RunError, match=r"is a refit itself, of .*; give a run that held validation pictures out"):
        repeated(refit.folder)
    short = shutil.copytree(run.folder, tmp_path / "short")
    (short / "history.csv").write_text("")
    with pytest.raises(RunError, match="no epoch of it was finished"):
        repeated(short)


def test_other_data_than_the_runs_are_told_before_a_folder_is_made(run: Run, recipe: Recipe, tmp_path: Path) -> None:
    fewer = shutil.copytree(recipe.data, tmp_path / "faces")
    next((fewer / "train" / "happy").iterdir()).unlink()
    with pytest.raises(DataError, match=r"lacks 1 of \d+ pictures of .*split.csv"):
        train(replace(repeated(run.folder), data=str(fewer)), tmp_path / "runs", Silent())
    assert not (tmp_path / "runs").exists()
