import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.data.splits import load_whole, read_split
from mien.errors import DataError, RunError
from mien.model.file import read_model
from mien.progress import silent
from mien.training import checkpoint
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


def test_a_stopped_refit_goes_on_as_if_it_had_not_been_stopped(run: Run, refit: Run, tmp_path: Path) -> None:
    stopped = train(replace(repeated(run.folder), stop_after=1), tmp_path, Silent()).folder
    told = (stopped / "recipe.toml").read_text().replace("stop_after = 1", f"stop_after = {run.best_epoch}")
    (stopped / "recipe.toml").write_text(told)
    resume(stopped, None, Silent())
    one, other = (checkpoint.load(folder / "checkpoint") for folder in (stopped, refit.folder))
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(one.weights, other.weights, strict=True))
    with pytest.raises(RunError, match=r"stops after \d+ epochs by its recipe; leave --epochs out"):
        resume(stopped, 9, Silent())


def test_teachers_speak_of_all_pictures_where_they_are_asked_to(run: Run, recipe: Recipe, tmp_path: Path) -> None:
    some, whole = (tmp_path / name for name in ("some.npz", "whole.npz"))
    some.write_bytes(pack(ask_runs([run.folder], recipe.data, silent)))
    whole.write_bytes(pack(ask_runs([run.folder], recipe.data, silent, whole=True)))
    pictures = load_whole(recipe.data, run.folder / "split.csv", size=recipe.size)
    assert read_teachers(whole, pictures).logits.shape[1] == len(pictures)
    taught = replace(repeated(run.folder), teacher_weight=0.8, stop_after=1)
    with pytest.raises(DataError, match="for a refit with mien teach --whole"):
        train(replace(taught, teachers=str(some)), tmp_path / "runs", Silent())
    assert train(replace(taught, teachers=str(whole)), tmp_path / "runs", Silent()).best_epoch == 1


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
    with pytest.raises(DataError, match=r"lacks 1 of \d+ pictures that .*split.csv gives to"):
        train(replace(repeated(run.folder), data=str(fewer)), tmp_path / "runs", Silent())
    assert not (tmp_path / "runs").exists()
