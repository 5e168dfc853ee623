"""What fine-tuning buys on few own pictures: half of a folder to learn from, half to judge, against two other ways.

Usage: uv run python benchmarks/finetune.py PHOTOS_ZIP      (EXPRESSION/name.jpg inside)

Three seeded halves; each judges the bundled model as it is, the same fine-tuned (recipe finetune), and the same network
trained from scratch on that half alone.
"""

import random
import sys
import zipfile
from collections import defaultdict
from pathlib import Path, PurePosixPath
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

from mien.evaluation.evaluate import evaluate
from mien.training.loop import train
from mien.training.recipe_file import read_recipe, with_values
from mien.training.watching import Silent
from record import record

SEEDS = (0, 1, 2)


def halves(photos: zipfile.ZipFile, seed: int, folder: Path) -> None:
    """Write ``train/`` and ``test/`` with half of each class."""
    classes = defaultdict(list)
    for name in sorted(photos.namelist()):
        if name.endswith((".jpg", ".png")):
            classes[PurePosixPath(name).parent.name].append(name)
    for label, names in classes.items():
        random.Random(f"{seed} {label}").shuffle(names)
        for number, name in enumerate(names):
            path = folder / ("train" if number % 2 else "test") / label / PurePosixPath(name).name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(photos.read(name))


def judged(photos: zipfile.ZipFile, seed: int) -> dict[str, dict[str, Any]]:
    """Return accuracy and macro-F1 on the test half of each way."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        halves(photos, seed, folder / "data")
        values = {"data": str(folder / "data"), "seed": seed}
        tuned = train(with_values(read_recipe("finetune"), start="bundled", **values), folder / "runs", Silent())
        alone = train(
            with_values(read_recipe("finetune"), learning_rate=0.1, epochs=40, **values), folder / "runs", Silent()
        )
        found = {}
        for name, model in (("bundled", None), ("fine-tuned", tuned.folder), ("from scratch", alone.folder)):
            metrics = evaluate(model, folder / "data", "test").metrics
            found[name] = {key: metrics[key] for key in ("accuracy", "macro_f1", "n")}
        return found


if __name__ == "__main__":
    with zipfile.ZipFile(sys.argv[1]) as photos:
        rounds = [judged(photos, seed) for seed in SEEDS]
    means = {
        name: {key: round(mean(found[name][key] for found in rounds), 4) for key in ("accuracy", "macro_f1")}
        for name in rounds[0]
    }
    print(record("finetune", {"means": means, "rounds": rounds}))
    print(means)
