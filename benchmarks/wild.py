"""How well expressions are read end to end on outside photos, nearly all tight face crops: found, cropped, classified.

A photo without a face counts as wrong. Of several faces the largest counts. Beside mien's finders stand the plain loop
(see finding.py) with the same classifier, and each whole photo taken as a crop.

Usage: MIEN_CACHE=FOLDER_WITH_YUNET uv run python benchmarks/wild.py WILD_PHOTOS_ZIP
       (EXPRESSION/name.jpg inside; labels are noisy)
"""

import sys
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

import mien
from finding import plain_loop
from mien.labels import canonical
from mien.pictures import Picture, read_picture
from record import record

LEAST = 60  # photos of a class that enters the macro-F1


def read(archive: Path) -> tuple[list[Picture], list[str]]:
    pictures, labels = [], []
    with zipfile.ZipFile(archive) as photos:
        for name in sorted(photos.namelist()):
            label = canonical(PurePosixPath(name).parent.name)
            if label and not name.endswith("/"):
                pictures.append(read_picture(photos.read(name)))
                labels.append(label)
    return pictures, labels


def judge(guesses: list[str | None], truth: list[str]) -> dict[str, Any]:
    right = np.array([guess == label for guess, label in zip(guesses, truth, strict=True)])
    f1 = {}
    for name in sorted(set(truth)):
        both = sum(guess == label == name for guess, label in zip(guesses, truth, strict=True))
        f1[name] = round(2 * both / (guesses.count(name) + truth.count(name)), 3)
    large = [f1[name] for name in f1 if truth.count(name) >= LEAST]
    return {
        "n": len(truth),
        "no_face": guesses.count(None),
        "accuracy": round(float(right.mean()), 4),
        "standard_error": round(float(right.std() / np.sqrt(len(right))), 4),
        "macro_f1_of_six": round(float(np.mean(large)), 4),
        "f1": f1,
    }


def guess(detector: mien.Detector, picture: Picture) -> str | None:
    faces = detector(picture)
    return faces[0].label if faces else None


if __name__ == "__main__":
    pictures, truth = read(Path(sys.argv[1]))
    ways = {"plain loop": plain_loop, "whole photo": "none", "haar": "haar", "yunet": "yunet"}
    figures = {}
    for name, faces in ways.items():
        detector = mien.Detector(faces=faces)
        figures[name] = judge([guess(detector, picture) for picture in pictures], truth)
        print(name, figures[name], flush=True)
    print(record("wild", {"finders": figures}))
