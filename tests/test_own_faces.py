"""Another task by the same commands: three classes of one's own, colour pictures of mixed sizes, 20 to 1."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from mien.data.drawing import draw_face

CLASSES = {"awake": "surprise", "delighted": "happy", "gloomy": "sad"}
TRAIN = {"awake": 30, "delighted": 600, "gloomy": 150}
TEST = dict.fromkeys(CLASSES, 12)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    rng = np.random.default_rng(0)
    for split, counts in (("train", TRAIN), ("test", TEST)):
        for name, count in counts.items():
            (folder / split / name).mkdir(parents=True)
            for number in range(count):
                size = int(rng.integers(60, 140))
                face = cv2.cvtColor(draw_face(CLASSES[name], rng, size), cv2.COLOR_GRAY2BGR)
                tint = (face * rng.uniform(0.7, 1, 3)).astype(np.uint8)
                cv2.imwrite(str(folder / split / name / f"{number}.{'jpg' if number % 2 else 'png'}"), tint)
    return folder


def mien(cwd: Path, *words: object) -> str:
    done = subprocess.run([sys.executable, "-m", "mien", *map(str, words)], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ones_own_faces_go_all_the_way(pictures: Path, tmp_path: Path) -> None:
    checked = mien(tmp_path, "data", "check", pictures)
    assert "20.0" in checked
    mien(tmp_path, "train", "--data", pictures, "--recipe", "tiny", "--set", "batch=16", "--epochs", 30)
    (run,) = (tmp_path / "runs").iterdir()
    figures = json.loads(mien(tmp_path, "evaluate", run, "--data", pictures, "--json", "-"))
    assert figures["classes"] == sorted(CLASSES)
    assert figures["n"] == 36
    assert figures["balanced_accuracy"] > 0.7  # chance is 0.33
    assert "model.tflite" in mien(tmp_path, "export", run, "--format", "litert")
    shots = pictures / "test" / "delighted"
    mien(tmp_path, "detect", shots, "--model", run, "--faces", "none", "--save", "csv")
    with next((tmp_path / "mien-out").glob("*.csv")).open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert {row["label"] for row in rows} <= set(CLASSES)
