"""How pictures look: flat, tiny, dark, bright, blurred, noisy; and what is usual in each class."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mien.audit.findings import FLAT_BELOW, OUTLIER, TINY_BELOW, Finding, Pictures, robust_scores
from mien.progress import Watch

_REPORT_EVERY = 1000


@dataclass(frozen=True, eq=False)
class Looks:
    """Measures of pictures, float64 ``(n,)`` each.

    Attributes:
        brightness: mean of the pixels, 0-255.
        contrast: standard deviation of the pixels, grey levels.
        sharpness: variance of the Laplacian (Pech-Pacheco et al. 2000, doi 10.1109/ICPR.2000.903548).
    """

    brightness: npt.NDArray[np.float64]
    contrast: npt.NDArray[np.float64]
    sharpness: npt.NDArray[np.float64]

    @property
    def usable(self) -> npt.NDArray[np.bool_]:
        """Which pictures have something to see: bool ``(n,)``."""
        return self.contrast >= FLAT_BELOW


@dataclass(frozen=True)
class ClassLooks:
    """What is usual in one class, all splits together: lower quartile, median and upper quartile."""

    label: str
    pictures: int
    brightness: tuple[float, float, float]
    sharpness: tuple[float, float, float]


def measure(images: npt.NDArray[np.uint8], *, watch: Watch | None = None) -> Looks:
    """Return brightness, contrast and sharpness of pictures.

    Args:
        images: grey uint8 ``(n, h, w)``.
        watch: called with the number of pictures measured and of all.

    Example:
        >>> measure(dataset.images).brightness.mean()
        129.4
    """
    figures = np.zeros((len(images), 3))
    for row, image in enumerate(images):
        figures[row] = image.mean(), image.std(), cv2.Laplacian(image, cv2.CV_64F).var()
        if watch is not None and (row % _REPORT_EVERY == 0 or row + 1 == len(images)):
            watch(row + 1, len(images))
    return Looks(figures[:, 0], figures[:, 1], figures[:, 2])


def by_class(pictures: Pictures, looks: Looks) -> tuple[ClassLooks, ...]:
    """Return what is usual in each class, in order of their names; blank and flat pictures do not count."""
    labels = np.array(pictures.labels, dtype=object)
    found = []
    for label in sorted(set(pictures.labels)):
        rows = (labels == label) & looks.usable
        if rows.any():
            figures = (_quartiles(looks.brightness[rows]), _quartiles(looks.sharpness[rows]))
            found.append(ClassLooks(label, int(rows.sum()), *figures))
    return tuple(found)


def poor(pictures: Pictures, looks: Looks) -> list[Finding]:
    """Return blank, near-constant and tiny pictures, and outliers of brightness and sharpness."""
    return [*_flat(pictures, looks), *_tiny(pictures), *_outliers(pictures, looks)]


def _flat(pictures: Pictures, looks: Looks) -> list[Finding]:
    found = []
    for row in sorted(np.flatnonzero(~looks.usable).tolist(), key=lambda row: looks.contrast[row]):
        blank = pictures.images[row].max() == pictures.images[row].min()
        note = f"all pixels are {pictures.images[row, 0, 0]}" if blank else ""
        kind = "blank" if blank else "near-constant"
        found.append(pictures.finding(row, kind, looks.contrast[row], note=note))
    return found


def _tiny(pictures: Pictures) -> list[Finding]:
    rows = np.flatnonzero((pictures.sides > 0) & (pictures.sides < TINY_BELOW))
    ordered = rows[np.argsort(pictures.sides[rows], kind="stable")].tolist()
    return [pictures.finding(row, "tiny", pictures.sides[row], note=f"{pictures.sides[row]} pixels") for row in ordered]


def _outliers(pictures: Pictures, looks: Looks) -> list[Finding]:
    rows = np.flatnonzero(looks.usable)
    measures = {
        "brightness": (looks.brightness, robust_scores(looks.brightness[rows]), "very dark", "very bright"),
        "sharpness": (looks.sharpness, robust_scores(np.log(looks.sharpness[rows] + 1)), "blurred", "noisy or drawn"),
    }
    found = []
    for kind, (values, scores, low, high) in measures.items():
        far = np.flatnonzero(np.abs(scores) > OUTLIER)
        for place in far[np.argsort(-np.abs(scores[far]), kind="stable")]:
            note = f"{low if scores[place] < 0 else high}: {values[rows[place]]:.0f}"
            found.append(pictures.finding(int(rows[place]), kind, scores[place], note=note))
    return found


def _quartiles(values: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    low, middle, high = (round(float(value), 1) for value in np.percentile(values, (25, 50, 75)))
    return low, middle, high
