"""Drawing one schematic face: an expression as eleven numbers, a person and a view drawn at random."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import cv2
import numpy as np
import numpy.typing as npt

_OVERSAMPLING = 4  # drawn this much larger, then shrunk
_SHIFT = 4  # OpenCV takes coordinates in 1/16 pixels
Point = tuple[float, float]


@dataclass(frozen=True)
class Look:
    """What the muscles do; 0 is at rest. Lengths in units of half a face's height.

    After the action units of the facial action coding system (Ekman and Friesen 1978).
    """

    inner_brow: float = 0.0  # up; AU1, AU4
    outer_brow: float = 0.0  # up; AU2
    frown: float = 0.0  # 0-1, folds between the brows; AU4
    lids: float = 1.0  # opening of the eyes, 1 at rest; AU5, AU7
    nose_fold: float = 0.0  # 0-1, wrinkles of the nose; AU9
    cheek_fold: float = 0.0  # 0-1, folds from nose to mouth; AU6, AU10
    corners: float = 0.0  # mouth corners up; AU12, AU15
    width: float = 0.3  # half of the mouth's width; AU20, AU18
    opening: float = 0.0  # of the mouth; AU25, AU26
    teeth: float = 0.0  # 0-1, how much of the opening is teeth
    upper_lip: float = 0.0  # up in the middle; AU10


REST = Look()
LOOKS = {
    "angry": Look(-0.13, 0.06, 1.0, 0.72, 0.15, 0.2, -0.05, 0.27, 0.10, 1.0, 0.0),
    "disgust": Look(-0.08, -0.03, 0.5, 0.42, 1.0, 0.9, -0.10, 0.29, 0.09, 0.35, 0.13),
    "fear": Look(0.17, 0.03, 0.4, 1.45, 0.0, 0.0, -0.08, 0.37, 0.15, 0.6, 0.0),
    "happy": Look(0.02, 0.03, 0.0, 0.78, 0.0, 0.8, 0.16, 0.43, 0.17, 0.8, 0.0),
    "neutral": REST,
    "sad": Look(0.14, -0.08, 0.3, 0.66, 0.0, 0.1, -0.13, 0.27, 0.0, 0.0, 0.0),
    "surprise": Look(0.18, 0.17, 0.0, 1.5, 0.0, 0.0, -0.02, 0.18, 0.34, 0.0, 0.0),
}


def draw_face(expression: str, rng: np.random.Generator, size: int) -> npt.NDArray[np.uint8]:
    """Return a drawn face: grey uint8 ``(size, size)``.

    Strength of the expression, person, place, scale, turn, light and noise are drawn from ``rng``.

    Example:
        >>> draw_face("happy", np.random.default_rng(0), 48).shape
        (48, 48)
    """
    strength = rng.uniform(0.6, 1.15)
    look = Look(
        **{
            field.name: (rest := getattr(REST, field.name))
            + strength * (getattr(LOOKS[expression], field.name) - rest)
            + rng.normal(0, 0.012)
            for field in fields(Look)
        }
    )
    person = _Person(rng)
    pen = _Pen(rng, size * _OVERSAMPLING)
    _draw_head(pen, person)
    _draw_eyes(pen, look, person)
    _draw_brows(pen, look, person)
    _draw_nose(pen, look, person)
    _draw_mouth(pen, look, person)
    _draw_extras(pen, person)
    return _photograph(pen.canvas, rng, size)


class _Person:
    """Tones (grey, 0-255) and proportions of one face."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.skin = rng.uniform(85, 225)
        self.line = self.skin * rng.uniform(0.25, 0.45)
        self.fold = self.skin * rng.uniform(0.6, 0.75)
        self.hair = float(np.clip(self.skin * rng.uniform(0.15, 0.9), 15, 235))
        self.lip = self.skin * rng.uniform(0.5, 0.7)
        self.cheek = rng.uniform(0.72, 0.84)  # half of the head's width
        self.eye = rng.uniform(0.30, 0.36)  # from the middle
        self.brow = rng.uniform(0.05, 0.09)  # thickness
        self.gaze = rng.uniform(-0.03, 0.03)
        self.style = rng.choice(["short", "long", "bald", "hat"], p=[0.45, 0.3, 0.12, 0.13])
        self.glasses = rng.random() < 0.18


class _Pen:
    """A canvas and the view on it: draws in face units, x to the right, y down, (0, 0) between eyes and nose."""

    def __init__(self, rng: np.random.Generator, side: int) -> None:
        top, bottom = rng.uniform(20, 235, 2)
        self.canvas = np.repeat(np.linspace(top, bottom, side).astype(np.uint8)[:, None], side, axis=1)
        self.unit = side * rng.uniform(0.36, 0.46)
        self.centre = side / 2 + rng.uniform(-0.05, 0.05, 2) * side
        turn = rng.normal(0, 0.12)
        self.axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        self.degrees = float(np.degrees(turn))
        self.glance = rng.normal(0, 0.05, 2)  # the features move on the head as it turns away

    def _pixels(self, points: Sequence[Point] | npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
        placed = np.asarray(points, np.float64) @ self.axes * self.unit + self.centre
        return np.asarray(np.round(placed * (1 << _SHIFT)), np.int32)

    def fill(self, points: Sequence[Point] | npt.NDArray[np.float64], tone: float) -> None:
        """Fill a polygon."""
        cv2.fillPoly(self.canvas, [self._pixels(points)], tone, cv2.LINE_AA, _SHIFT)

    def stroke(self, points: Sequence[Point] | npt.NDArray[np.float64], tone: float, width: float) -> None:
        """Draw a smooth line through the points."""
        thickness = max(1, round(width * self.unit))
        cv2.polylines(
            self.canvas,
            [self._pixels(_curve(points))],
            isClosed=False,
            color=tone,
            thickness=thickness,
            lineType=cv2.LINE_AA,
            shift=_SHIFT,
        )

    def oval(self, centre: Point, radii: Point, tone: float, width: float = 0.0) -> None:
        """Fill an ellipse, or outline it where a width is given."""
        angles = np.linspace(0, 2 * np.pi, 48)
        ring = np.array(centre) + np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii
        if width:
            self.stroke(ring, tone, width)
        else:
            self.fill(ring, tone)


def _curve(points: Sequence[Point] | npt.NDArray[np.float64], steps: int = 24) -> npt.NDArray[np.float64]:
    """Return points on the parabola through three points; more or fewer points are returned as they are."""
    given = np.asarray(points, np.float64)
    if len(given) != 3:
        return given
    t = np.linspace(0, 1, steps)[:, None]
    handle = 2 * given[1] - (given[0] + given[2]) / 2
    return np.asarray((1 - t) ** 2 * given[0] + 2 * t * (1 - t) * handle + t**2 * given[2])


def _draw_head(pen: _Pen, person: _Person) -> None:
    if person.style == "long":
        pen.oval((0, 0.12), (person.cheek + 0.2, 1.2), person.hair)
    pen.oval((0, 1.75), (1.1, 0.75), person.hair * 0.5 + 60)
    pen.fill([(-0.3, 0.7), (0.3, 0.7), (0.36, 1.25), (-0.36, 1.25)], person.skin * 0.85)
    for side in (-1, 1):
        pen.oval((side * person.cheek, 0.02), (0.1, 0.18), person.skin * 0.88)
    if person.style in ("short", "long"):
        pen.oval((0, -0.32), (person.cheek + 0.07, 0.82), person.hair)
    pen.oval((0, 0), (person.cheek, 1.0), person.skin)


def _draw_eyes(pen: _Pen, look: Look, person: _Person) -> None:
    shift, drop = pen.glance
    height = max(0.02, 0.095 * look.lids)
    for side in (-1, 1):
        x, y = side * person.eye + shift, -0.14 + drop
        corners = (x - 0.165, y), (x + 0.165, y)
        upper = _curve([corners[0], (x, y - height), corners[1]])
        lower = _curve([corners[1], (x, y + height * 0.75), corners[0]])
        pen.fill(np.concatenate([upper, lower]), min(250, person.skin * 0.3 + 175))
        radius = min(0.075, height * 0.95)
        pen.oval((x + person.gaze, y - height * 0.05), (min(0.075, 0.06 + 0.2 * radius), radius), 25)
        pen.stroke(upper, person.line, 0.035)
        pen.stroke(lower, person.fold, 0.02)
        if look.lids < 0.9 and look.cheek_fold > 0.3:
            pen.stroke([(x - 0.15, y + 0.13), (x, y + 0.17), (x + 0.15, y + 0.13)], person.fold, 0.025)


def _draw_brows(pen: _Pen, look: Look, person: _Person) -> None:
    shift, drop = pen.glance
    for side in (-1, 1):
        x, y = side * person.eye + shift, -0.38 + drop
        inner = (x - side * 0.19, y - look.inner_brow)
        middle = (x + side * 0.02, y - 0.05 - (look.inner_brow + look.outer_brow) / 2)
        outer = (x + side * 0.22, y + 0.02 - look.outer_brow)
        pen.stroke([inner, middle, outer], min(person.hair, person.skin * 0.5), person.brow)
        if look.frown > 0.2:
            pen.stroke(
                [(side * 0.06 + shift, y - 0.02), (side * 0.05 + shift, y + 0.12)], person.fold, 0.03 * look.frown
            )
    if min(look.inner_brow, look.outer_brow) > 0.08:
        for level in (-0.68, -0.78):
            pen.stroke([(-0.3 + shift, level), (shift, level - 0.03), (0.3 + shift, level)], person.fold, 0.02)


def _draw_nose(pen: _Pen, look: Look, person: _Person) -> None:
    shift, drop = pen.glance * 1.4
    lift = 0.05 * look.nose_fold
    nose = [(-0.1 + shift, 0.2 + drop - lift), (shift, 0.27 + drop - lift), (0.1 + shift, 0.2 + drop - lift)]
    pen.stroke(nose, person.line, 0.03)
    pen.stroke([(0.05 + shift, -0.05 + drop), (0.09 + shift, 0.17 + drop - lift)], person.fold, 0.02)
    if look.nose_fold > 0.3:
        for level in (-0.12, -0.04, 0.04):
            fold = [(-0.09 + shift, level + drop), (shift, level + drop - 0.05), (0.09 + shift, level + drop)]
            pen.stroke(fold, person.line, 0.03 * look.nose_fold)
    for side in (-1, 1) if look.cheek_fold > 0.25 else ():
        start, end = (side * 0.16 + shift, 0.18 + drop), (side * (look.width + 0.1) + shift, 0.5 + drop - look.corners)
        bend = (side * (look.width * 0.75 + 0.1) + shift, 0.28 + drop)
        pen.stroke([start, bend, end], person.fold, 0.035 * look.cheek_fold)


def _draw_mouth(pen: _Pen, look: Look, person: _Person) -> None:
    shift, drop = pen.glance * 1.2
    y = 0.53 + drop
    opening = max(0.0, look.opening)
    left, right = ((side * look.width + shift, y - look.corners) for side in (-1, 1))
    top = (shift, y + look.corners * 0.5 - opening * 0.4 - look.upper_lip)
    bottom = (shift, y + look.corners * 0.5 + opening * 0.9)
    upper, lower = _curve([left, top, right]), _curve([right, bottom, left])
    if opening < 0.04:
        pen.stroke([left, (shift, y + look.corners * 0.5 - look.upper_lip), right], person.line * 0.7, 0.05)
        pen.stroke([(shift - 0.1, y + 0.12), (shift, y + 0.14), (shift + 0.1, y + 0.12)], person.fold, 0.03)
        return
    pen.fill(np.concatenate([upper, lower]), 30)
    if look.teeth > 0.15:
        biting = upper + (lower[::-1] - upper) * min(1.0, look.teeth * 0.75)
        pen.fill(np.concatenate([upper, biting[::-1]]), min(250, person.skin * 0.2 + 195))
    if look.teeth > 0.8 and look.corners < 0.05:
        pen.stroke((upper + lower[::-1]) / 2, 60, 0.025)
    pen.stroke(upper, person.lip, 0.045)
    pen.stroke(lower, person.lip, 0.055)


def _draw_extras(pen: _Pen, person: _Person) -> None:
    shift, drop = pen.glance
    if person.glasses:
        for side in (-1, 1):
            pen.oval((side * person.eye + shift, -0.12 + drop), (0.24, 0.2), 30, 0.035)
        bridge = (person.eye - 0.24, -0.14 + drop)
        pen.stroke([(shift - bridge[0], bridge[1]), (shift + bridge[0], bridge[1])], 30, 0.035)
    if person.style == "short":
        fringe = _curve([(-person.cheek * 0.93, -0.5), (0.1, -0.8), (person.cheek * 0.93, -0.5)])
        crown = _curve([(person.cheek, -0.55), (0, -1.17), (-person.cheek, -0.55)])
        pen.fill(np.concatenate([fringe, crown]), person.hair)
    if person.style == "hat":
        pen.fill([(-0.72, -0.66), (-0.58, -1.3), (0.58, -1.3), (0.72, -0.66)], person.hair)
        pen.stroke([(-0.95, -0.62), (0, -0.7), (0.95, -0.62)], person.hair * 0.8, 0.09)


def _photograph(canvas: npt.NDArray[np.uint8], rng: np.random.Generator, size: int) -> npt.NDArray[np.uint8]:
    """Shrink, light from one side, change contrast, blur a little and add noise."""
    small = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32)
    ramp = np.linspace(-1, 1, size, dtype=np.float32)
    light = 1 + rng.normal(0, 0.12) * ramp[None, :] + rng.normal(0, 0.08) * ramp[:, None]
    small = (small * light - 128) * rng.uniform(0.7, 1.1) + 128 + rng.normal(0, 14)
    if rng.random() < 0.4:
        small = cv2.GaussianBlur(small, (3, 3), rng.uniform(0.3, 0.8))
    noisy = small + rng.normal(0, rng.uniform(1, 7), small.shape)
    return np.asarray(np.clip(np.round(noisy), 0, 255), np.uint8)
