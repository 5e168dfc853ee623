"""A composed video with known truth, built at run time from the development samples: who is where, in every frame."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from mien.pictures import Picture
from mien.results import Box
from mien.vision.media import read_video

WIDTH, HEIGHT, RATE = 640, 360, 24
_SECONDS = 5
_HALF = WIDTH // 2
_SPOT = (60, 40)  # pixels from the upper left, where a face comes and goes


@dataclass(frozen=True, eq=False)
class Moment:
    """One frame of the composed video: its picture, and the true box of each person, by number."""

    image: Picture
    truth: dict[int, Box]


def plain_boxes(path: Path) -> list[list[Box]]:
    """Return what one Haar cascade finds in every frame, with the settings that most people use."""
    cascade = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_default.xml")
    return [plain_find(cascade, frame.image) for frame in read_video(path)]


def plain_find(cascade: cv2.CascadeClassifier, image: Picture) -> list[Box]:
    found = cascade.detectMultiScale(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), 1.1, 5, minSize=(50, 50))
    return [tuple(box) for box in np.asarray(found, int).reshape(-1, 4).tolist()]


def compose(samples: Path) -> Iterator[Moment]:
    """Yield a face, nobody, the sample beside its mirror image, a pan, a hard cut, and a face that comes and goes."""
    clip = samples / "WolfgangLanger_Pexels.mp4"
    faces = [frame.image for frame in read_video(clip)]
    boxes = _steady([max(found, key=lambda box: box[2], default=None) for found in plain_boxes(clip)])
    empty = [cv2.resize(frame.image, (WIDTH, HEIGHT)) for frame in read_video(samples / "no_face.mp4")]
    long = _SECONDS * RATE
    for n in range(long):
        yield Moment(faces[n], {1: boxes[n]})
    for n in range(3 * RATE):
        yield Moment(empty[n % len(empty)], {})
    for n in range(long, 2 * long):
        yield _mirrored(faces[n], boxes[n])
    for n in range(long):
        yield _panned(empty[0], faces[2 * long + n], boxes[2 * long + n], n / long)
    for n in range(3 * RATE):
        yield Moment(np.ascontiguousarray(faces[n][:, ::-1]), {5: _flipped(boxes[n], WIDTH)})
    for n in range(4 * RATE):
        ground = empty[n % len(empty)]
        there = RATE <= n < 3 * RATE
        yield _pasted(ground, faces[n + long], boxes[n + long]) if there else Moment(ground, {})


def _steady(found: list[Box | None]) -> list[Box]:
    """Return the boxes as a running median over half a second: the truth does not jitter."""
    known = [box for box in found if box is not None]
    rows = np.array([known[min(n, len(known) - 1)] for n in range(len(found))])
    return [
        tuple(int(v) for v in np.median(rows[max(0, n - RATE // 4) : n + RATE // 4 + 1], axis=0))
        for n in range(len(rows))
    ]


def _flipped(box: Box, width: int) -> Box:
    return (width - box[0] - box[2], *box[1:])


def _mirrored(image: Picture, box: Box) -> Moment:
    """Return the half with the face beside its mirror image: persons 2 and 3."""
    left = int(np.clip(box[0] + box[2] // 2 - _HALF // 2, 0, WIDTH - _HALF))
    half = image[:, left : left + _HALF]
    inside = (box[0] - left, *box[1:])
    mirror = _flipped(inside, _HALF)
    return Moment(np.hstack([half, half[:, ::-1]]), {2: inside, 3: (mirror[0] + _HALF, *mirror[1:])})


def _panned(ground: Picture, image: Picture, box: Box, share: float) -> Moment:
    """Return a window that wanders over a larger scene with the sample at half its size in it: person 4."""
    wide = cv2.resize(ground, None, fx=1.5, fy=1.5)
    spot = (wide.shape[1] - WIDTH, wide.shape[0] - HEIGHT)
    wide[spot[1] : spot[1] + HEIGHT // 2, spot[0] : spot[0] + _HALF] = _half(image)
    left, top = round(share * spot[0]), round((1 - share) * spot[1])
    x, y, width, height = (value // 2 for value in box)
    window = np.ascontiguousarray(wide[top : top + HEIGHT, left : left + WIDTH])
    return Moment(window, {4: (x + spot[0] - left, y + spot[1] - top, width, height)})


def _pasted(ground: Picture, image: Picture, box: Box) -> Moment:
    """Return the sample's face, with a little around it, at half its size in a scene without faces: person 6.

    Most of the scene stays, so this is no cut.
    """
    x, y, width, height = box
    around = width // 6
    left, top = max(0, x - around), max(0, y - around)
    part = image[top : y + height + around, left : x + width + around]
    part = cv2.resize(part, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    scene = ground.copy()
    scene[_SPOT[1] : _SPOT[1] + part.shape[0], _SPOT[0] : _SPOT[0] + part.shape[1]] = part
    return Moment(scene, {6: (_SPOT[0] + (x - left) // 2, _SPOT[1] + (y - top) // 2, width // 2, height // 2)})


def _half(image: Picture) -> Picture:
    return np.asarray(cv2.resize(image, (_HALF, HEIGHT // 2), interpolation=cv2.INTER_AREA), np.uint8)
