"""Finding faces with Haar cascades: several look, and where enough of their windows agree is a face."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
import numpy.typing as npt

from mien.errors import ModelError
from mien.pictures import Picture
from mien.results import Box
from mien.vision.boxes import apart, largest_first, overlap, scaled

Grey = npt.NDArray[np.uint8]

# Viola and Jones 2001, "Rapid object detection using a boosted cascade of simple features", as OpenCV ships them. Which
# of them and how they search was measured, see docs/experiments.md.
_FRONTAL = ("frontalface_alt", "frontalface_alt2")
_FRONTAL_VOTES = 2  # of a window; the profile cascade errs more often and has one
_PROFILE = "profileface"  # it knows faces turned to one side; the other side is found in the mirrored picture
_LIKENESS = 0.2  # how far windows of one face may lie apart, as a share of their size (cv2.groupRectangles)
_WINDOW = 24  # pixels: the smallest face, once the picture is scaled; the cascades see 20


# Where windows have less than _SURE votes, the spot is looked at closely: scaled to _NEAR pixels, in small steps.
_SURE = 16
_NEAR = 40
_NEAR_STEP = 1.05
_NEAR_SMALLEST = 0.7  # of the face that is looked at
_SURROUNDING = 0.5  # of its width on every side
_AGREEMENT = 0.5  # overlap with what is seen closely, at least


@dataclass(frozen=True)
class Search:
    """One search of a picture for faces.

    Attributes:
        smallest: the smallest face, as a share of the picture's shorter side. The picture is scaled so that it is just
            seen: half of it costs four times the time.
        step: factor from one size of face to the next.
        profile_step: the same for profiles, which take more than half of the time; None looks for none.
        votes: that windows have to have, to be looked at closely. More positions bring more chance hits, and need more.
        closely: votes that they then have to have.
    """

    smallest: float
    step: float
    profile_step: float | None
    votes: int
    closely: int


FRAMES = (Search(1 / 8, step=1.2, profile_step=1.3, votes=3, closely=10),)  # what a video has time for
STILLS = (
    Search(1 / 10, step=1.2, profile_step=1.2, votes=3, closely=10),
    Search(1 / 20, step=1.2, profile_step=None, votes=4, closely=14),
)


class Cascades:
    """Two frontal Haar cascades, the one of profiles, and its mirror image. Safe to share between threads.

    The four search side by side, in threads of their own.

    Args:
        threads: that search at the same time.

    Raises:
        ModelError: this OpenCV has no Haar cascades.
    """

    def __init__(self, threads: int = 4) -> None:
        self._cascades = [_load_cascade(f"haarcascade_{name}.xml") for name in (*_FRONTAL, _PROFILE, _PROFILE)]
        self._lock = Lock()  # detectMultiScale writes into the classifier object
        self._threads = ThreadPoolExecutor(threads, "mien looks")

    def vote(self, grey: Grey, smallest: int, steps: tuple[float, float | None], votes: int) -> list[tuple[Box, int]]:
        """Return where windows of the cascades agree, with their votes, most votes first.

        Args:
            grey: uint8 ``(height, width)``.
            smallest: side of the smallest window in pixels.
            steps: factors from one window size to the next, above 1: of frontal cascades, of the profile cascade, which
                does not look where it is None.
            votes: least number of votes, from 2; a window of a frontal cascade has two, one of the profile cascade one.
        """
        pictures = (grey, grey, grey, np.ascontiguousarray(grey[:, ::-1]))
        with self._lock:
            search = partial(_windows, smallest=smallest)
            each = [steps[0]] * len(_FRONTAL) + [steps[1]] * 2
            *frontal, left, right = self._threads.map(search, self._cascades, pictures, each)
        windows = [box for found in frontal for box in found * _FRONTAL_VOTES] + left
        windows += [(grey.shape[1] - x - width, y, width, height) for x, y, width, height in right]
        if not windows:
            return []
        boxes, counts = cv2.groupRectangles(windows, votes - 1, _LIKENESS)
        found = zip(map(_box, boxes), np.ravel(counts).tolist(), strict=True)
        return sorted(found, key=lambda item: (-item[1], item[0]))


def _windows(cascade: cv2.CascadeClassifier, grey: Grey, step: float | None, smallest: int) -> list[Box]:
    if step is None:
        return []
    found = cascade.detectMultiScale(grey, step, 0, minSize=(smallest, smallest))
    return [_box(box) for box in found]


class HaarFinder:
    """Finds faces, frontal and from the side, by the votes of Haar cascades. Safe to share between threads.

    Args:
        cascades: loaded if not given.
        searches: made one after the other; where two find the same face, the one with more votes counts.

    Attributes:
        cascades: to be shared with others that need them.

    Raises:
        ModelError: this OpenCV has no Haar cascades.

    Example:
        >>> HaarFinder()(read_picture("astronaut.jpg"))
        [(175, 64, 98, 98)]
    """

    def __init__(self, cascades: Cascades | None = None, searches: Sequence[Search] = FRAMES) -> None:
        self.cascades = cascades or Cascades()
        self._searches = searches

    def __call__(self, image: Picture) -> list[Box]:
        """Return the boxes of the faces in a BGR uint8 ``(height, width, 3)`` picture, squares, largest first."""
        height, width = image.shape[:2]
        grey = to_grey(image)
        found: list[tuple[Box, int]] = []
        for search in self._searches:
            scale = min(1.0, _WINDOW / (min(height, width) * search.smallest))
            agreed = self.cascades.vote(resized(grey, scale), _WINDOW, (search.step, search.profile_step), search.votes)
            for seen, votes in agreed:
                box = scaled(seen, 1 / scale)
                if votes >= _SURE or self._is_seen_closely(grey, box, search.closely):
                    found.append((box, votes))
        found.sort(key=lambda item: -item[1])
        return largest_first(apart([box for box, _ in found]), width, height)

    def _is_seen_closely(self, grey: Grey, box: Box, votes: int) -> bool:
        x, y, width, height = box
        around = round(width * _SURROUNDING)
        left, top = max(0, x - around), max(0, y - around)
        scale = _NEAR / width
        part = resized(grey[top : y + height + around, left : x + width + around], scale)
        expected = scaled((x - left, y - top, width, height), scale)
        seen = self.cascades.vote(part, round(_NEAR * _NEAR_SMALLEST), (_NEAR_STEP, _NEAR_STEP), votes)
        return any(overlap(expected, other) >= _AGREEMENT for other, _ in seen)


def to_grey(image: Picture) -> Grey:
    """Return a BGR uint8 picture as grey uint8 ``(height, width)``."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def resized(image: npt.NDArray[np.uint8], scale: float) -> npt.NDArray[np.uint8]:
    """Return a picture, grey or colour, ``scale`` times as large, at least a pixel."""
    if scale == 1:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(
        cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR), np.uint8
    )


def _load_cascade(name: str) -> cv2.CascadeClassifier:
    folder = getattr(getattr(cv2, "data", None), "haarcascades", "")
    path = Path(folder) / name
    cascade = cv2.CascadeClassifier(str(path)) if path.is_file() and hasattr(cv2, "CascadeClassifier") else None
    if cascade is None or cascade.empty():
        message = (
            f"OpenCV {cv2.__version__} has no {name}; install one that has it: "
            "pip install 'opencv-python-headless>=4.13,<5', or take whole pictures as faces: --faces none"
        )
        raise ModelError(message)
    return cascade


def _box(values: npt.NDArray[np.int32]) -> Box:
    x, y, width, height = map(int, values)
    return x, y, width, height
