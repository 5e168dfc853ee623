import json
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.data.splits import read_split
from mien.errors import DataError, RunError
from mien.evaluation.metrics import HEADLINE
from mien.model.classify import Classifier
from mien.training import checkpoint
from mien.training.engine import choose
from mien.training.loop import Run, resume, train
from mien.training.recipe import Recipe
from mien.training.recipe_file import read_recipe
from mien.training.watching import Silent
from mien.writing import UNFINISHED

FILES = [
    *("recipe.toml", "environment.json", "split.csv", "history.csv", "model.png", "model.keras", "model.onnx"),
    *("history-loss.png", "history-accuracy.png", "history-auc.png", "checkpoint/last.npz"),
]
JUDGED = [
    *("metrics.json", "classification_report.csv", "classification_report.png", "predictions.csv", "report.html"),
    *("confusion_matrix.csv", "confusion_matrix.png"),
]


def test_a_missing_data_set_makes_no_run_folder(tmp_path: Path, recipe: Recipe) -> None:
    with pytest.raises(DataError, match="nowhere"):
        train(replace(recipe, data="nowhere"), tmp_path / "runs", Silent())
    assert not (tmp_path / "runs").exists()


def test_a_run_folder_holds_everything_and_nothing_unfinished(run: Run) -> None:
    made = {str(path.relative_to(run.folder)) for path in run.folder.rglob("*") if path.is_file()}
    assert made == {*FILES, *(f"evaluation/val/{name}" for name in JUDGED)}
    for name in ("history-loss.png", "model.png", "evaluation/val/confusion_matrix.png"):
        assert (run.folder / name).read_bytes().startswith(b"\x89PNG")


def test_files_that_are_no_pictures_are_told_by_name_and_left_out(recipe: Recipe, tmp_path: Path) -> None:
    data = tmp_path / "faces"
    shutil.copytree(recipe.data, data)
    (data / "train" / "happy" / "broken.png").write_bytes(b"no picture")
    told: list[str] = []
    watcher = Silent()
    watcher.said = told.append  # type: ignore[method-assign]
    mine = train(replace(recipe, epochs=1, data=str(data)), tmp_path / "runs", watcher)
    assert told[0].startswith("1 left out as unreadable: train/happy/broken.png: not a picture")
    assert "broken.png" in (mine.folder / "environment.json").read_text()


def test_an_engine_without_sharpness_aware_steps_says_so_and_trains(recipe: Recipe, tmp_path: Path) -> None:
    told: list[str] = []
    watcher = Silent()
    watcher.said = told.append  # type: ignore[method-assign]
    mine = train(replace(recipe, epochs=1, sharpness=0.05, engine="keras"), tmp_path, watcher)
    assert told == ["Training without sharpness-aware steps, which need the torch engine"]
    assert read_recipe(mine.folder).sharpness == 0


def test_the_run_tells_how_it_was_made(run: Run, recipe: Recipe) -> None:
    assert read_recipe(run.folder) == replace(recipe, engine=choose("auto"))
    environment = json.loads((run.folder / "environment.json").read_text())
    assert environment["versions"]["keras"]
    parts = environment["data"]
    assert parts["train"]["n"] + parts["val"]["n"] == len(read_split(run.folder / "split.csv"))


def test_the_model_file_carries_what_is_needed_to_use_it(run: Run) -> None:
    metadata = Classifier(run.folder).metadata
    assert metadata.labels == ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
    assert (metadata.recipe, metadata.size) == ("tiny", 48)
    assert 0.1 <= metadata.temperature <= 10
    assert metadata.data
    assert metadata.licence == "not stated; depends on the training pictures"
    assert set(metadata.figures) == {"val"}
    assert metadata.figures["val"] == {key: pytest.approx(run.metrics[key], abs=1e-3) for key in (*HEADLINE, "n")}


def test_offsets_do_not_undo_an_answer_to_the_imbalance(run: Run, tmp_path: Path) -> None:
    assert set(Classifier(run.folder).metadata.offsets) == {0.0}  # recipe tiny has class weights
    plain = shutil.copytree(run.folder, tmp_path / "plain")
    (plain / "recipe.toml").write_text(replace(read_recipe(plain), balance="none").to_toml())
    resume(plain, None, Silent())
    assert any(Classifier(plain).metadata.offsets)


def test_the_recipe_of_a_run_gives_the_run_again(run: Run, tmp_path: Path) -> None:
    again = train(read_recipe(run.folder), tmp_path, Silent())
    crops = np.random.default_rng(0).integers(0, 256, (8, 48, 48), np.uint8)
    assert np.array_equal(Classifier(again.folder)(crops), Classifier(run.folder)(crops))
    assert again.metrics == run.metrics


def test_resuming_a_finished_run_with_more_epochs_trains_on(run: Run, recipe: Recipe, tmp_path: Path) -> None:
    mine = train(replace(recipe, epochs=1), tmp_path, Silent())
    more = resume(mine.folder, 2, Silent())
    assert len((mine.folder / "history.csv").read_text().splitlines()) == 3
    assert more.folder == mine.folder
    assert tomllib.loads((mine.folder / "recipe.toml").read_text())["epochs"] == 2


def test_finishing_a_run_elsewhere_keeps_what_it_was_trained_on(run: Run, tmp_path: Path) -> None:
    mine = shutil.copytree(run.folder, tmp_path / "mine")
    told = json.loads((mine / "environment.json").read_text()) | {"accelerator": "A Card"}
    (mine / "environment.json").write_text(json.dumps(told))
    resume(mine, None, Silent())
    assert json.loads((mine / "environment.json").read_text())["accelerator"] == "A Card"
    resume(mine, read_recipe(mine).epochs + 1, Silent())
    assert json.loads((mine / "environment.json").read_text())["accelerator"] != "A Card"


def test_fewer_epochs_than_are_done_are_refused_and_nothing_changes(run: Run, tmp_path: Path) -> None:
    mine = shutil.copytree(run.folder, tmp_path / "mine")
    done, before = len(checkpoint.load(mine / "checkpoint").history), (mine / "recipe.toml").read_bytes()
    with pytest.raises(RunError, match=rf"{done} epochs are done, --epochs {done - 1} asks for fewer; give {done} or"):
        resume(mine, done - 1, Silent())
    assert (mine / "recipe.toml").read_bytes() == before


def test_a_run_that_ended_early_says_why_it_trains_no_further(run: Run, tmp_path: Path) -> None:
    early = shutil.copytree(run.folder, tmp_path / "early")
    recipe = replace(read_recipe(early), epochs=9, learning_rate=1e-9, patience=1)
    (early / "recipe.toml").write_text(recipe.to_toml())
    told: list[str] = []
    watcher = Silent()
    watcher.said = told.append  # type: ignore[method-assign]
    done = resume(early, None, watcher)
    resume(early, 20, watcher)
    assert done.best_epoch < len(checkpoint.load(early / "checkpoint").history) < 9
    assert "epochs went by without a better" in told[-1]


def test_a_run_whose_data_changed_is_not_resumed(run: Run, recipe: Recipe, tmp_path: Path) -> None:
    mine = train(replace(recipe, epochs=1), tmp_path, Silent())
    split = mine.folder / "split.csv"
    split.write_text(split.read_text() + "train/happy/gone.png,train\n")
    with pytest.raises(DataError, match=r"gone\.png"):
        resume(mine.folder, 2, Silent())
    with pytest.raises(RunError, match="not a run folder"):
        resume(tmp_path, None, Silent())


@pytest.mark.parametrize("written", [["recipe.toml"], ["recipe.toml", "environment.json", "split.csv"]])
def test_a_run_killed_before_its_first_epoch_starts_over(run: Run, tmp_path: Path, written: list[str]) -> None:
    mine = tmp_path / run.folder.name
    mine.mkdir()
    for name in written:
        (mine / name).write_bytes((run.folder / name).read_bytes())
    (mine / f".environment.json-ab{UNFINISHED}").write_text("{")
    assert resume(mine, None, Silent()).metrics == run.metrics
    assert not list(mine.rglob(f"*{UNFINISHED}*"))
    assert (mine / "split.csv").read_bytes() == (run.folder / "split.csv").read_bytes()
