import re
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from mien.data.load import load
from mien.data.splits import load_split
from mien.errors import ModelError, RecipeError, RunError
from mien.labels import LABELS
from mien.model.classify import Classifier
from mien.training.loop import Run, train
from mien.training.models import LOGITS, build
from mien.training.recipe import Recipe
from mien.training.start import read_start, seen_before, start_from
from mien.training.watching import Silent


class Listening(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def said(self, note: str) -> None:
        self.notes.append(note)


def test_the_bundled_weights_are_those_of_the_bundled_model() -> None:
    start = read_start("bundled")
    network = build(start.network, size=48, classes=7, dropout=0.2)
    assert start_from(start, network, LABELS) == "7 of 7 classes known from there"
    crops = np.random.default_rng(0).integers(0, 256, (16, 48, 48), np.uint8)
    logits = keras.ops.convert_to_numpy(network(crops[..., None].astype(np.float32), training=False))
    classify = Classifier()
    scaled = logits / classify.metadata.temperature + np.array(classify.metadata.offsets or 0)
    expected = np.exp(scaled) / np.exp(scaled).sum(axis=1, keepdims=True)
    assert np.abs(expected - classify(crops)).max() < 2e-3


def test_a_run_gives_its_network_classes_and_weights(run: Run) -> None:
    start = read_start(str(run.folder))
    assert (start.network, start.size, start.classes) == ("tiny", 48, LABELS)
    network = build("tiny", size=48, classes=7, dropout=0.2)
    start_from(start, network, LABELS)
    assert all(np.array_equal(a, b) for a, b in zip(network.get_weights(), start.weights, strict=True))


def test_classes_of_the_same_name_keep_their_part_of_the_head(run: Run) -> None:
    start = read_start(str(run.folder))
    network = build("tiny", size=48, classes=3, dropout=0.2)
    new = network.get_layer(LOGITS).get_weights()
    told = start_from(start, network, ("bored", "happy", "angry"))
    kernel, bias = network.get_layer(LOGITS).get_weights()
    assert told == "2 of 3 classes known from there"
    assert np.array_equal(kernel[:, 0], new[0][:, 0])
    assert np.array_equal(kernel[:, 1:], start.weights[-2][:, [LABELS.index("happy"), LABELS.index("angry")]])
    assert bias[1] == start.weights[-1][LABELS.index("happy")]


def test_classes_are_known_in_any_accepted_spelling_and_the_very_same_one_goes_first(run: Run) -> None:
    start = read_start(str(run.folder))
    network = build("tiny", size=48, classes=4, dropout=0.2)
    assert start_from(start, network, ("Happiness", "anger", "bored", "joy")) == "3 of 4 classes known from there"
    bias = network.get_layer(LOGITS).get_weights()[1]
    assert np.array_equal(
        bias[[0, 1, 3]], start.weights[-1][[LABELS.index(name) for name in ("happy", "angry", "happy")]]
    )
    mixed = replace(start, classes=("happy", "joy", *"cdefg"))
    start_from(mixed, network, ("joy", "happy", "Happiness", "bored"))
    assert np.array_equal(network.get_layer(LOGITS).get_weights()[1][:2], start.weights[-1][[1, 0]])


def test_another_network_is_refused(run: Run) -> None:
    start = replace(read_start(str(run.folder)), weights=[])
    with pytest.raises(
        ModelError,
        match=r"tiny-1: its tiny network has 0 arrays of weights, this mien's has \d+; .* or start from bundled",
    ):
        start_from(start, build("tiny", size=48, classes=7, dropout=0.2), LABELS)


def test_a_folder_that_is_no_finished_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no model.keras and model.onnx in it"):
        read_start(str(tmp_path))


def test_fine_tuning_starts_where_the_run_ended_and_is_marked(run: Run, recipe: Recipe, tmp_path: Path) -> None:
    watcher = Listening()
    told = replace(recipe, start=str(run.folder), epochs=1, optimizer="sgd", learning_rate=1e-4)
    tuned = train(told, tmp_path, watcher)
    assert f"Starting from {run.folder}: 7 of 7 classes known from there" in watcher.notes
    assert tuned.metrics["accuracy"] > run.metrics["accuracy"] - 0.1
    assert Classifier(tuned.folder).metadata.start == str(run.folder)
    assert Classifier(run.folder).metadata.start == ""


def test_a_recipe_for_another_network_is_refused_before_anything_is_made(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"bundled is a compact network, the recipe's a tiny; add --set network="):
        train(replace(recipe, start="bundled"), tmp_path, Silent())
    assert not list(tmp_path.iterdir())


def test_validation_pictures_that_the_start_learned_from_are_told(run: Run, recipe: Recipe) -> None:
    train, val = (load_split(recipe.data, run.folder / "split.csv", part) for part in ("train", "val"))
    told = seen_before(str(run.folder), train)
    assert told.startswith(f"{len(train)} of {len(train)} validation pictures are named like pictures that ")
    assert seen_before(str(run.folder), val) == ""
    assert seen_before("bundled", val) == seen_before("", val) == ""


def test_pictures_that_the_bundled_model_learned_from_are_known_by_their_pixels(fer2013: Path) -> None:
    train = load(fer2013, "train").subset(range(0, 20_000, 50))
    told = seen_before("bundled", replace(train, names=tuple(f"{row}.png" for row in range(len(train)))))
    assert re.match(r"the bundled model learned from (3[3-9]\d|400) of 400 validation pictures, pixel for pixel", told)


def test_a_start_of_another_size_is_refused_where_the_network_takes_one(
    run: Run, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = replace(read_start(str(run.folder)), network="reference", size=96)
    monkeypatch.setattr("mien.training.loop.read_start", lambda _: start)
    with pytest.raises(RecipeError, match="takes pictures of 96 pixels, the recipe's 48; add --set size=96"):
        train(replace(recipe, network="reference", start="mine"), tmp_path / "runs", Silent())
    assert not (tmp_path / "runs").exists()
