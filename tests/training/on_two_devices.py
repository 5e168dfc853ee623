"""Trains on jax with two devices, in a process of its own: ``python -m tests.training.on_two_devices DATA FOLDER``.

Prints a JSON object: for one device and for two the loss after each step, the validation loss after each epoch, and how
many devices hold the weights then.
"""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ |= {"KERAS_BACKEND": "jax", "XLA_FLAGS": "--xla_force_host_platform_device_count=2"}

import keras

from mien.data.splits import train_and_val
from mien.training.batches import Lessons
from mien.training.devices import spread
from mien.training.fit import fit
from mien.training.models import build
from mien.training.recipe import Recipe
from mien.training.recipe_file import read_recipe, with_values
from mien.training.watching import Silent


class Losses(Silent):
    def __init__(self) -> None:
        self.steps: list[float] = []

    def stepped(self, epoch: int, step: int, steps: int, loss: float) -> None:
        self.steps.append(loss)


def trace(recipe: Recipe, folder: Path, devices: int) -> dict[str, Any]:
    train, val = train_and_val(recipe.data, share=0.15)
    losses = Losses()
    keras.utils.set_random_seed(recipe.seed)
    with spread(devices):
        model = build(recipe.network, size=recipe.size, classes=7, dropout=recipe.dropout)
        done = fit(model, recipe, (Lessons(train), val), folder / str(devices), losses, lambda: False)
    held = len(model.trainable_weights[0].value.sharding.device_set)
    return {"steps": losses.steps, "epochs": [row["val_loss"] for row in done.history], "held": held}


if __name__ == "__main__":
    data, folder = sys.argv[1:]
    told = with_values(read_recipe("tiny"), data=data, epochs=2, batch=32, engine="keras")
    told = replace(told, average=0.9, dropout=0.3)
    print(json.dumps({devices: trace(told, Path(folder), devices) for devices in (1, 2)}))
