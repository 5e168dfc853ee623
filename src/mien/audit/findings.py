"""What an audit looks for: the kinds of finding with their thresholds, and the pictures that are looked at."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mien.data.dataset import Dataset

# Chosen by eye on FER2013's train and test pictures; benchmarks/audit_planted.py measures what they find.
FLAT_BELOW = 5.0  # standard deviation of the pixels, grey levels
TINY_BELOW = 24  # shorter side on disk in pixels: half of what the networks see
HASH_BITS = 14  # of 64 that may differ between near duplicates
DIFFERENCE = 12.0  # mean absolute difference of near duplicates, grey levels at a standard deviation of 50
FACE_SPACE = 4.0  # robust standard deviations from face space
OUTLIER = 3.5  # robust standard deviations (Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers)

KINDS = {
    "unreadable": "a file or row that is no picture",
    "blank": "all pixels are equal",
    "near-constant": f"the standard deviation of the pixels is under {FLAT_BELOW:g} grey levels",
    "tiny": f"the shorter side on disk is under {TINY_BELOW} pixels",
    "twin": "the same pixels and the same label as an earlier picture of its split",
    "twin-across": "the same pixels and the same label as a picture of another split, which counts as the original",
    "conflict": "the same pixels as another picture under a different label; every member of the group is listed",
    "near-duplicate": f"its perceptual hash is within {HASH_BITS} of 64 bits of another picture's, and the mean "
    f"absolute difference, contrast evened, within {DIFFERENCE:g} grey levels",
    "non-face": f"its distance from face space (16 components) is over {FACE_SPACE:g} robust standard deviations",
    "brightness": f"its mean is over {OUTLIER:g} robust standard deviations from the median of all pictures",
    "sharpness": f"the logarithm of its Laplacian's variance is over {OUTLIER:g} robust standard deviations from the "
    "median of all pictures",
    "label": "the model is confident of another class (confident learning)",
}
_ORIGINALS_FIRST = ("test", "private", "val", "train")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or may be, with one picture.

    Attributes:
        file: the picture's name in its data set.
        split: train, val, test or private.
        kind: one of ``KINDS``.
        score: how strong it is, in the unit of its kind; None where there is nothing to measure.
        partner: the other picture of a pair, the one that counts as the original; else empty.
        label: the picture's class; empty where it is unknown.
        note: what a reader should know.
    """

    file: str
    split: str
    kind: str
    score: float | None = None
    partner: str = ""
    label: str = ""
    note: str = ""

    @property
    def pair(self) -> str:
        """The file, and its partner behind = or ≈ where there is one."""
        sign = "≈" if self.kind == "near-duplicate" else "="
        return f"{self.file} {sign} {self.partner}" if self.partner else self.file


@dataclass(frozen=True, eq=False)
class Pictures:
    """The pictures of all splits; those of test come first, so that of two copies the one in train is the later.

    Attributes:
        images: grey uint8 ``(n, h, w)``.
        names, splits, labels: one each a picture.
        sides: int64 ``(n,)``, shorter side on disk in pixels; 0 for rows of a table.
    """

    images: npt.NDArray[np.uint8]
    names: tuple[str, ...]
    splits: tuple[str, ...]
    labels: tuple[str, ...]
    sides: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.names)

    def finding(
        self, row: int, kind: str, score: float | None = None, *, partner: int | None = None, note: str = ""
    ) -> Finding:
        """Return a finding on the picture at a position; ``partner`` is a position too."""
        other = "" if partner is None else self.names[partner]
        rounded = None if score is None else round(float(score), 4)
        return Finding(self.names[row], self.splits[row], kind, rounded, other, self.labels[row], note)


def gather(parts: Mapping[str, Dataset]) -> Pictures:
    """Return the pictures of all splits as one.

    Example:
        >>> len(gather({"train": train, "test": test}))
        32137
    """
    order = [(split, parts[split]) for split in _ORIGINALS_FIRST if split in parts]
    sides = [part.sides if part.sides is not None else np.zeros(len(part), np.int64) for _, part in order]
    return Pictures(
        images=np.concatenate([part.images for _, part in order]),
        names=tuple(name for _, part in order for name in part.names),
        splits=tuple(split for split, part in order for _ in part.names),
        labels=tuple(part.classes[label] for _, part in order for label in part.labels),
        sides=np.concatenate(sides),
    )


def robust_scores(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return how many robust standard deviations (1.4826 times the median deviation) values lie from their median.

    All are 0 where most values are equal.

    Example:
        >>> robust_scores(np.array([1.0, 2, 3, 4, 100])).round(1)
        array([-1.3, -0.7,  0. ,  0.7, 65.4])
    """
    if not len(values):
        return np.zeros(0)
    away = values.astype(np.float64) - np.median(values)
    spread = 1.4826 * float(np.median(np.abs(away)))
    return away / spread if spread > 0 else np.zeros(len(values))
