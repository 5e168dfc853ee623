"""Faults planted into a data folder, to measure what an audit finds and what it takes for a fault."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from mien.audit.audit import Audit
from mien.audit.findings import KINDS, Pictures
from mien.audit.quality import measure
from mien.audit.twins import identical
from mien.data.writing import write_png
from mien.errors import DataError

Image = npt.NDArray[np.uint8]
_TINY_SIDE = 12  # pixels
_WORDS = "MIEN"


def plant(folder: str | Path, pictures: Pictures, amount: int, seed: int = 0) -> dict[str, tuple[str, ...]]:
    """Add so many faults of every kind to the train split of a folder; returns kind -> names of the faulty files.

    Each is a new file ``zz-<kind>-<number>.png``, changed from a sound picture; a wrong label is a file that is moved
    to another class.

    Args:
        folder: a copy that may be written to, ``folder/train/<class>/`` and ``folder/test/<class>/``.
        pictures: what ``gather`` makes of it; only pictures that are there once and not blank are changed.
        amount: faults of each kind.
        seed: another seed, other pictures.

    Raises:
        DataError: there are too few pictures.

    Example:
        >>> plant("copy", audit("copy").pictures, 20)["blank"][0]
        'train/happy/zz-blank-000.png'
    """
    rng = np.random.default_rng(seed)
    usable = measure(pictures.images).usable
    sound = [group[0] for group in identical(pictures) if len(group) == 1 and usable[group[0]]]
    sources = {split: [row for row in sound if pictures.splits[row] == split] for split in ("train", "test")}
    kinds = list(KINDS)
    if len(sources["train"]) < amount * len(kinds) or len(sources["test"]) < amount:
        message = f"{folder}: has too few pictures for {amount} faults of each kind; expected {amount * len(kinds)}"
        raise DataError(message)
    chosen = {split: rng.permutation(rows).tolist() for split, rows in sources.items()}
    planted: dict[str, tuple[str, ...]] = {}
    for place, kind in enumerate(kinds):
        rows = chosen["test"] if kind == "twin-across" else chosen["train"][place * amount :]
        planted[kind] = tuple(
            _plant(Path(folder), pictures, row, kind, number, rng) for number, row in enumerate(rows[:amount])
        )
    return planted


def tally(planted: Mapping[str, Sequence[str]], before: Audit, after: Audit) -> dict[str, dict[str, int]]:
    """Return kind -> how many faults were planted and found, and how many alarms there were besides.

    ``before`` counts the alarms before anything was planted, true ones among them; ``false_alarms`` those on untouched
    pictures that are new since. An original that is paired with a planted picture is no false alarm.
    """
    touched = {name for names in planted.values() for name in names}
    known = {(finding.kind, finding.file) for finding in before.findings}
    counts = {}
    for kind, names in planted.items():
        found = {finding.file: finding for finding in after.findings if finding.kind == kind}
        false = [
            name
            for name, finding in found.items()
            if name not in touched and (kind, name) not in known and finding.partner not in touched
        ]
        hits = len(found.keys() & set(names))
        alarms = before.counts()[kind]
        counts[kind] = {"planted": len(names), "found": hits, "false_alarms": len(false), "before": alarms}
    return counts


def _plant(folder: Path, pictures: Pictures, row: int, kind: str, number: int, rng: np.random.Generator) -> str:
    """Write one faulty picture; returns its name."""
    name = Path(pictures.names[row])
    label = name.parent.name
    if kind in ("conflict", "label"):
        others = sorted(path.name for path in (folder / "train").iterdir() if path.is_dir() and path.name != label)
        label = str(rng.choice(others))
    target = Path("train") / label / f"zz-{kind}-{number:03d}.png"
    if kind == "unreadable":
        (folder / target).write_bytes(b"no picture")
    else:
        change = _CHANGES.get(kind)
        image = pictures.images[row]
        write_png(folder / target, image if change is None else change(image, rng))
    if kind == "label":
        (folder / name).unlink()
    return target.as_posix()


def _blank(image: Image, rng: np.random.Generator) -> Image:
    return np.full_like(image, rng.integers(0, 256))


def _near_constant(image: Image, rng: np.random.Generator) -> Image:
    return (rng.integers(50, 200) + rng.integers(-3, 4, image.shape)).astype(np.uint8)


def _tiny(image: Image, rng: np.random.Generator) -> Image:
    return np.asarray(cv2.resize(image, (_TINY_SIDE, _TINY_SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _near_duplicate(image: Image, rng: np.random.Generator) -> Image:
    """Move a picture by up to a pixel, change its light, compress it."""
    moved = np.roll(image, rng.integers(-1, 2, 2), axis=(0, 1))
    lit = np.clip(moved * rng.uniform(0.8, 1.15) + rng.uniform(-10, 10), 0, 255).astype(np.uint8)
    data = cv2.imencode(".jpg", lit, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(70, 95))])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def _non_face(image: Image, rng: np.random.Generator) -> Image:
    """Draw noise, stripes or words."""
    height, width = image.shape
    kind = rng.integers(3)
    if kind == 0:
        return rng.integers(0, 256, image.shape, np.uint8)
    if kind == 1:
        down, across = np.mgrid[:height, :width]
        waves = np.sin(down * rng.uniform(0.3, 1.2) + across * rng.uniform(0.3, 1.2))
        return np.asarray(127 + 100 * waves, np.uint8)
    page = np.full(image.shape, 255, np.uint8)
    for line in range(10, height, 11):
        words = "".join(rng.permutation(list(_WORDS * 2)))
        cv2.putText(page, words, (int(rng.integers(-4, 2)), line), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0,), 1)
    return page


def _glaring(image: Image, rng: np.random.Generator) -> Image:
    """Leave only the brightest twentieth of a picture visible, or only the darkest."""
    dark = rng.random() < 0.5
    values = image.astype(np.float64) if dark else 255.0 - image
    spots = np.maximum(values - np.quantile(values, 0.95), 0)
    spots *= 200 / max(spots.max(), 1)
    return (spots if dark else 255 - spots).astype(np.uint8)


def _blurred(image: Image, rng: np.random.Generator) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(3, 5)), np.uint8)


_CHANGES: dict[str, Callable[[Image, np.random.Generator], Image]] = {
    "blank": _blank,
    "near-constant": _near_constant,
    "tiny": _tiny,
    "near-duplicate": _near_duplicate,
    "non-face": _non_face,
    "brightness": _glaring,
    "sharpness": _blurred,
}
