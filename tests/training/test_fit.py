from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from mien.data.splits import train_and_val
from mien.errors import RunError
from mien.training import checkpoint
from mien.training.batches import Lessons
from mien.training.checkpoint import load
from mien.training.fit import Fitted, fit
from mien.training.models import VOTES, build
from mien.training.recipe import Recipe
from mien.training.watching import Silent


class Counting(Silent):
    """Counts steps and asks to stop after one of them."""

    def __init__(self, last: int = 10**9) -> None:
        self.steps, self.last, self.rows = 0, last, []

    def stepped(self, epoch: int, step: int, steps: int, loss: float) -> None:
        self.steps += 1

    def finished_epoch(self, row: dict, epochs: int) -> None:
        self.rows.append(row)

    def stop(self) -> bool:
        return self.steps >= self.last


def fitted(recipe: Recipe, folder: Path, watcher: Counting) -> Fitted:
    keras.utils.set_random_seed(recipe.seed)
    train, val = train_and_val(recipe.data, share=0.15)
    votes = np.eye(7, dtype=np.float32)[train.labels] if recipe.votes else None
    model = build(recipe.network, size=recipe.size, classes=7, dropout=0.3, votes=votes is not None)
    return fit(model, recipe, (Lessons(train, votes), val), folder, watcher, watcher.stop)


def same(one: Fitted, other: Fitted) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one.weights, other.weights, strict=True))


@pytest.fixture(params=["keras", "torch"])
def recipe(request: pytest.FixtureRequest, recipe: Recipe) -> Recipe:
    """The small recipe on each engine."""
    if request.param == "torch":
        pytest.importorskip("torch", reason="torch is not installed")
    return replace(recipe, engine=request.param)


def test_every_epoch_tells_loss_accuracy_and_auc_of_both_parts(recipe: Recipe, tmp_path: Path) -> None:
    watcher = Counting()
    done = fitted(recipe, tmp_path, watcher)
    assert [row["epoch"] for row in done.history] == [1, 2, 3]
    assert [int(row["best"]) for row in done.history].count(1) == 1
    wanted = {"loss", "accuracy", "auc", "val_loss", "val_accuracy", "val_auc", "val_macro_f1", "val_balanced_accuracy"}
    for row in done.history:
        assert wanted <= row.keys()
        assert all(np.isfinite(value) for value in row.values())
    assert watcher.steps == 3 * (sum(1 for _ in Path(recipe.data).glob("train/*/*")) * 85 // 100 // 32 + 1)


def test_a_run_that_was_stopped_and_resumed_equals_one_that_was_not(recipe: Recipe, tmp_path: Path) -> None:
    whole = fitted(recipe, tmp_path / "whole", Counting())
    assert fitted(recipe, tmp_path / "parts", Counting(last=9)).interrupted
    parts = fitted(recipe, tmp_path / "parts", Counting())
    assert same(whole, parts)
    figures = [{key: value for key, value in row.items() if key != "seconds"} for row in parts.history]
    assert figures == [{key: value for key, value in row.items() if key != "seconds"} for row in whole.history]


def test_an_average_goes_on_where_it_was(recipe: Recipe, tmp_path: Path) -> None:
    recipe = replace(recipe, average=0.99)
    whole = fitted(recipe, tmp_path / "whole", Counting())
    assert fitted(recipe, tmp_path / "parts", Counting(last=9)).interrupted
    assert len(load(tmp_path / "parts").history) == 1
    assert same(whole, fitted(recipe, tmp_path / "parts", Counting()))


def test_epochs_that_were_held_back_are_written_when_training_ends_early(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "_QUICK", -1.0)
    monkeypatch.setattr(checkpoint, "_SELDOM", 10**6)
    assert fitted(recipe, tmp_path / "stopped", Counting(last=20)).interrupted
    assert len(load(tmp_path / "stopped").history) == 2
    watcher = Counting()

    def broken(*_: object) -> None:
        if len(watcher.rows) == 2:
            message = "the loss is nan"
            raise RunError(message)

    watcher.stepped = broken
    with pytest.raises(RunError):
        fitted(recipe, tmp_path / "broken", watcher)
    assert len(load(tmp_path / "broken").history) == 2


def test_another_seed_gives_another_network(recipe: Recipe, tmp_path: Path) -> None:
    short = replace(recipe, epochs=1)
    assert not same(
        fitted(short, tmp_path / "a", Counting()), fitted(replace(short, seed=1), tmp_path / "b", Counting())
    )


def test_stopping_before_the_first_epoch_keeps_the_weights_there_are(recipe: Recipe, tmp_path: Path) -> None:
    done = fitted(recipe, tmp_path, Counting(last=1))
    assert (done.interrupted, done.history, done.best_epoch) == (True, (), 0)
    assert done.weights


def test_training_stops_early_when_nothing_gets_better(recipe: Recipe, tmp_path: Path) -> None:
    done = fitted(replace(recipe, epochs=9, patience=2, learning_rate=1e-9), tmp_path, Counting())
    assert len(done.history) <= done.best_epoch + 2 < 9


def test_a_broken_loss_is_told_with_the_repair(recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mien.training.batches.class_weights", lambda *_: np.full(7, np.nan, np.float32))
    with pytest.raises(RunError, match=r"epoch 1, step 1: the loss is nan; lower the learning rate, such as --set "):
        fitted(recipe, tmp_path, Counting())


def test_a_checkpoint_of_another_network_is_refused(recipe: Recipe, tmp_path: Path) -> None:
    fitted(replace(recipe, epochs=1), tmp_path, Counting())
    with pytest.raises(RunError, match="of another network, optimiser or engine"):
        fitted(replace(recipe, network="compact", optimizer="sgd"), tmp_path, Counting())


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_votes_are_learned_too_and_resumed(recipe: Recipe, optimizer: str, tmp_path: Path) -> None:
    voted = replace(recipe, votes="votes.csv", optimizer=optimizer, epochs=2)
    whole = fitted(voted, tmp_path / "whole", Counting())
    fitted(voted, tmp_path / "parts", Counting(last=9))
    assert same(whole, fitted(voted, tmp_path / "parts", Counting()))
    assert len(whole.weights) == 2 + len(fitted(replace(recipe, epochs=1), tmp_path / "plain", Counting()).weights)
    plain = fitted(replace(voted, vote_weight=0.0), tmp_path / "weightless", Counting())
    assert not same(whole, plain)


def test_an_average_takes_in_the_last_step_of_an_epoch_however_few_there_are(recipe: Recipe, tmp_path: Path) -> None:
    one_step = replace(recipe, average=0.999, epochs=1, batch=10_000)
    untaught = fitted(replace(one_step, learning_rate=1e-9), tmp_path / "untaught", Counting())
    done = fitted(replace(one_step, learning_rate=0.1), tmp_path / "taught", Counting())
    assert done.history[0]["val_loss"] != pytest.approx(untaught.history[0]["val_loss"], abs=1e-4)
    assert not same(untaught, done)


def test_a_picture_without_votes_teaches_the_votes_head_nothing(recipe: Recipe, tmp_path: Path) -> None:
    train, val = train_and_val(recipe.data, share=0.15)
    model = build(recipe.network, size=recipe.size, classes=7, dropout=0.0, votes=True)
    votes = np.zeros((len(train), 7), np.float32)
    told = replace(recipe, votes="votes.csv", vote_weight=5.0, epochs=1, weight_decay=0.0)
    done = fit(model, told, (Lessons(train, votes), val), tmp_path, Counting(), lambda: False)
    paths = [item.path for item in model.weights]
    before = [array for path, array in zip(paths, model.get_weights(), strict=True) if f"/{VOTES}/" in f"/{path}"]
    after = [array for path, array in zip(paths, done.weights, strict=True) if f"/{VOTES}/" in f"/{path}"]
    assert len(before) == 2
    assert all(np.array_equal(old, new) for old, new in zip(before, after, strict=True))


def test_where_nothing_validates_the_last_epoch_is_kept(recipe: Recipe, tmp_path: Path) -> None:
    train, val = train_and_val(recipe.data, share=0.15)
    model = build(recipe.network, size=recipe.size, classes=7, dropout=0.3)
    told = replace(recipe, stop_after=2, patience=1)
    done = fit(model, told, (Lessons(train), val.subset([])), tmp_path, Counting(), lambda: False)
    assert (len(done.history), done.best_epoch, done.interrupted) == (2, 2, False)
    assert all(np.isnan(row["val_loss"]) for row in done.history)


@pytest.mark.parametrize("balance", ["focal", "balanced-softmax"])
def test_both_engines_take_the_same_loss(recipe: Recipe, balance: str, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    losses = []
    for engine in ("keras", "torch"):
        told = replace(recipe, engine=engine, balance=balance, epochs=1, learning_rate=1e-9)
        losses.append(fitted(told, tmp_path / engine, Counting()).history[0]["loss"])
    assert losses[0] == pytest.approx(losses[1], rel=0.05)


@pytest.mark.parametrize("recipe", ["torch"], indirect=True)
def test_sharpness_aware_steps_begin_after_their_share_and_are_resumed(recipe: Recipe, tmp_path: Path) -> None:
    sharp = replace(recipe, sharpness=0.1, sharpness_from=0.5)  # from epoch 3 of 3
    plain, whole = fitted(recipe, tmp_path / "plain", Counting()), fitted(sharp, tmp_path / "whole", Counting())
    assert [row["loss"] for row in plain.history[:2]] == [row["loss"] for row in whole.history[:2]]
    assert plain.history[2]["val_loss"] != whole.history[2]["val_loss"]
    fitted(sharp, tmp_path / "parts", Counting(last=9))
    assert same(whole, fitted(sharp, tmp_path / "parts", Counting()))
