"""Small data sets for tests: folders with pictures, tables as FER2013's."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np


def picture(seed: int, side: int = 48) -> np.ndarray:
    """Return a grey picture of noise: uint8 (side, side)."""
    return np.random.default_rng(seed).integers(0, 256, (side, side)).astype(np.uint8)


def write_picture(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(path.suffix.lower(), picture(seed))[1].tobytes())
    return path


def make_folder(root: Path, counts: Mapping[str, int], first_seed: int = 0) -> Path:
    """Write so many different pictures in each folder, such as {"train/happy": 3}."""
    seed = first_seed
    for folder, count in counts.items():
        (root / folder).mkdir(parents=True)
        for number in range(count):
            write_picture(root / folder / f"{folder.replace('/', '-')}-{number}.png", seed)
            seed += 1
    return root


def row(emotion: object, seed: int, usage: str = "Training") -> tuple[str, str, str]:
    return str(emotion), " ".join(map(str, picture(seed).ravel())), usage


def write_csv(
    path: Path, rows: Sequence[tuple[str, ...]], header: Sequence[str] = ("emotion", "pixels", "Usage")
) -> Path:
    lines = [",".join(header), *(",".join(cells) for cells in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path
