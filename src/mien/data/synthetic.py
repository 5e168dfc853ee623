"""Drawn faces of seven expressions, in FER2013's imbalance: data to try everything on, nobody's portrait."""

from pathlib import Path

import numpy as np

from mien.data.drawing import draw_face
from mien.data.writing import new_folder, write_png
from mien.labels import LABELS
from mien.progress import Watch

# Training pictures of FER2013 by class (Goodfellow et al. 2013, arXiv 1307.0414).
PROPORTIONS = {
    "angry": 3995,
    "disgust": 436,
    "fear": 4097,
    "happy": 7215,
    "neutral": 4965,
    "sad": 4830,
    "surprise": 3171,
}
LEAST = {"train": 10, "test": 4}
_REPORT_EVERY = 50


def write_faces(
    folder: str | Path,
    *,
    count: int,
    seed: int = 0,
    size: int = 48,
    test_share: float = 0.2,
    watch: Watch | None = None,
) -> None:
    """Write drawn faces as ``folder/train/<class>/*.png`` and ``folder/test/<class>/*.png``, grey.

    Each picture depends on seed, split, class and its number alone.

    Args:
        folder: does not exist yet, or is empty.
        count: pictures in all, shared among the classes in FER2013's proportions. Every class gets 10 in train and 4
            in test at least, so that a small count may be exceeded.
        seed: another seed, other faces.
        size: side of the pictures in pixels.
        test_share: part of each class that goes to test, 0-1.
        watch: called with the number of pictures written and of all.

    Raises:
        OutputError: the folder has something in it, or cannot be written.

    Example:
        >>> write_faces("faces", count=2000)
    """
    planned = class_sizes(count, test_share)
    total = sum(planned.values())
    done = 0
    with new_folder(folder) as place:
        for (split, name), amount in planned.items():
            (place / split / name).mkdir(parents=True)
            for number in range(amount):
                rng = np.random.default_rng([seed, list(LEAST).index(split), LABELS.index(name), number])
                write_png(place / split / name / f"{name}-{number:05d}.png", draw_face(name, rng, size))
                done += 1
                if watch is not None and (done % _REPORT_EVERY == 0 or done == total):
                    watch(done, total)


def class_sizes(count: int, test_share: float) -> dict[tuple[str, str], int]:
    """Return (split, class) -> number of pictures.

    Example:
        >>> class_sizes(2000, 0.2)["train", "disgust"], class_sizes(2000, 0.2)["test", "happy"]
        (24, 101)
    """
    whole = sum(PROPORTIONS.values())
    sizes = {name: round(count * part / whole) for name, part in PROPORTIONS.items()}
    sizes = {name: max(size, sum(LEAST.values())) for name, size in sizes.items()}
    largest = max(PROPORTIONS, key=lambda name: PROPORTIONS[name])
    others = sum(sizes.values()) - sizes[largest]
    sizes[largest] = max(count - others, sum(LEAST.values()))
    test = {
        name: min(max(round(size * test_share), LEAST["test"]), size - LEAST["train"]) for name, size in sizes.items()
    }
    return {
        (split, name): test[name] if split == "test" else sizes[name] - test[name] for split in LEAST for name in LABELS
    }
