"""How fast each engine trains one fixed network through mien's own loop, side by side, and whether both learn alike.

Usage: uv run python benchmarks/training_speed.py FER2013_FOLDER     (needs torch: pip install torch)

Each round is a process of its own: 300 steps of 128 augmented pictures, SGD. Rounds of the engines alternate, so that a
slow minute of the machine hits both. Speed is the median step after the first 20; learning is compared by the mean loss
of steps 201-300, one round a seed.
"""

import json
import os
import subprocess
import sys
from itertools import islice
from statistics import mean, median, stdev
from time import perf_counter
from typing import Any

STEPS, SKIPPED, SEEDS = 300, 20, (0, 1, 2)
ENGINES = ("keras", "torch")


def network() -> Any:
    """Return the fixed network: 138 million multiply-adds for a 48 x 48 picture."""
    import keras
    from keras import layers

    def convolution(x: Any, channels: int) -> Any:
        x = layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
        return layers.BatchNormalization(momentum=0.9)(x)

    faces = keras.Input((48, 48, 1), name="faces")
    x = layers.Rescaling(1 / 64, offset=-2.0)(faces)
    x = layers.ReLU()(convolution(x, 32))
    for channels in (32, 64, 128, 256):
        x = layers.MaxPooling2D(2)(x) if channels > 32 else x
        y = convolution(layers.ReLU()(convolution(x, channels)), channels)
        if channels > 32:
            x = layers.Conv2D(channels, 1, use_bias=False)(x)
        x = layers.ReLU()(layers.Add()([x, y]))
    return keras.Model(faces, layers.Dense(7, name="logits")(layers.GlobalAveragePooling2D()(x)))


def one_round(engine: str, seed: int, data: str, steps: int = STEPS) -> dict[str, Any]:
    """Train; return the loss and the seconds of each."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras

    from mien.data.splits import train_and_val
    from mien.training.batches import Lessons
    from mien.training.engine import Steering, open_engine
    from mien.training.recipe_file import read_recipe, with_values
    from mien.training.watching import Silent

    class Watching(Silent):
        def __init__(self) -> None:
            self.means: list[float] = []
            self.times: list[float] = [perf_counter()]

        def stepped(self, epoch: int, step: int, steps: int, loss: float) -> None:
            self.means.append(loss)
            self.times.append(perf_counter())

    # the balance of compact when this was first measured
    told = {"epochs": 2, "seed": seed, "engine": engine, "balance": "logit-adjustment"}
    recipe = with_values(read_recipe("compact"), sizes=(), **told)
    train, _ = train_and_val(data, size=48, share=0.1, seed=0)
    keras.utils.set_random_seed(seed)
    worker, watching = open_engine(network(), recipe, train.counts()), Watching()

    lessons = Lessons(train)

    def source() -> Any:
        for epoch in (0, 1):
            yield from worker.batches(lessons, epoch)

    worker.train(islice(source(), steps), Steering(recipe, 0, steps, watching, lambda: False, lambda _: None))
    sums = [watching.means[step] * (step + 1) for step in range(steps)]
    losses = [after - before for before, after in zip([0.0, *sums], sums, strict=False)]
    times = [after - before for before, after in zip(watching.times, watching.times[1:], strict=False)]
    return {"losses": losses, "seconds": times}


def main(data: str) -> None:
    """Run all rounds, print them and record the result."""
    from record import record

    speeds: dict[str, list[float]] = {engine: [] for engine in ENGINES}
    losses: dict[str, list[float]] = {engine: [] for engine in ENGINES}
    for seed in SEEDS:
        for engine in ENGINES:
            command = [sys.executable, __file__, data, engine, str(seed)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            found = json.loads(done.stdout.splitlines()[-1])
            speeds[engine].append(128 / median(found["seconds"][SKIPPED:]))
            losses[engine].append(mean(found["losses"][200:]))
            print(
                f"seed {seed} {engine:6s} {speeds[engine][-1]:6.0f} images/s, loss {losses[engine][-1]:.4f}", flush=True
            )
    figures = {
        engine: {
            "images_a_second": round(median(speeds[engine]), 1),
            "rounds": [round(speed, 1) for speed in speeds[engine]],
            "loss_of_steps_201_to_300": [round(loss, 4) for loss in losses[engine]],
            "spread_of_loss": round(stdev(losses[engine]), 4),
        }
        for engine in ENGINES
    }
    ratio = figures["torch"]["images_a_second"] / figures["keras"]["images_a_second"]
    print(record("training-speed", {**figures, "ratio": round(ratio, 2)}))


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(json.dumps(one_round(sys.argv[2], int(sys.argv[3]), sys.argv[1])))
    else:
        main(sys.argv[1])
