"""Drawing explanations: which parts of each face spoke for its expression, in warm and cool colours."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from mien.pictures import Picture
from mien.results import Box, Explanation
from mien.vision.draw import SMALLEST_TEXT, Canvas, class_color, draw_tag, shade, text_width, write_text

# Orange against blue: the pair that all common kinds of colour blindness leave apart (Okabe and Ito, 2008, "Color
# Universal Design"). Blue, green, red.
WARM, COOL = (0, 110, 255), (200, 90, 0)
FAINTEST = 0.02  # a map whose peak is lower is drawn as if it were this, so that noise stays pale
_STRONGEST = 0.72  # how much of the picture the colour covers at the map's peak
_BLUR = 1 / 24  # standard deviation that levels the edges of the patches, a share of the map's side
_GREY = (0.114, 0.587, 0.299)  # weights of blue, green and red in luma, ITU-R BT.601
_WHITE = (255, 255, 255)
_SMALL = 320  # pixels; a picture whose shorter side is less is enlarged, so that its words can be read
_ENLARGED = 1280  # pixels of its longer side, at most
_BAR = 5  # length of the legend's bar, in heights of its text


def overlay(image: Picture, explanations: Sequence[Explanation]) -> Picture:
    """Return a copy of a picture with the map of every face drawn over it, its label and a legend.

    Warm: this part spoke for the label. Cool: against it. No colour: it did not matter. Each face's colours are as
    strong as its own strongest part is; its map is smoothed a little, and the face itself turns grey below it. The
    picture keeps its resolution; one smaller than 320 pixels is enlarged by a whole factor.

    Args:
        image: BGR uint8 ``(height, width, 3)``; left as it is.
        explanations: of faces in this picture.

    Returns:
        BGR uint8 ``(height, width, 3)``, or a whole multiple of it.

    Example:
        >>> cv2.imwrite("explained.png", overlay(image, explain(image, Detector())))
    """
    factor = max(1, min(-(-_SMALL // min(image.shape[:2])), _ENLARGED // max(image.shape[:2])))
    size = (image.shape[1] * factor, image.shape[0] * factor)
    pixels = image.copy() if factor == 1 else np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC))
    areas = [_enlarged(one.area, factor) for one in explanations]
    canvas = Canvas(np.asarray(pixels, np.uint8), areas.copy())
    for one, area in reversed(list(zip(explanations, areas, strict=True))):
        _tint(canvas.pixels, area, one.map)
    for one, area in zip(explanations, areas, strict=True):
        name = f"{one.label} {one.probability:.0%}"
        color = class_color(one.label, list(one.face.probabilities).index(one.label))
        draw_tag(canvas, area, (f"{name}: {one.region}", name, one.label), color)
    if explanations:
        _draw_legend(canvas)
    return canvas.pixels


def colored(values: npt.NDArray[np.float32]) -> tuple[Picture, npt.NDArray[np.float32]]:
    """Return the colours of a map and how strong they are.

    Args:
        values: float32 ``(height, width)``, above 0 where it speaks for the label.

    Returns:
        BGR uint8 ``(height, width, 3)``, and float32 ``(height, width)``, 0-1, 1 at the map's strongest point.

    Example:
        >>> colored(np.array([[0.5, -0.25]], np.float32))[1]
        array([[1. , 0.5]], dtype=float32)
    """
    colors = np.where(values[..., None] > 0, np.array(WARM, np.uint8), np.array(COOL, np.uint8))
    peak = max(float(np.abs(values).max()), FAINTEST)
    return np.asarray(colors, np.uint8), (np.abs(values) / np.float32(peak)).astype(np.float32)


def _enlarged(box: Box, factor: int) -> Box:
    x, y, width, height = box
    return x * factor, y * factor, width * factor, height * factor


def _tint(pixels: Picture, area: Box, values: npt.NDArray[np.float32]) -> None:
    """Draw a map over its part of the picture; what lies outside the picture is left out."""
    x, y, width, height = area
    top, left = max(0, y), max(0, x)
    part = pixels[top : y + height, left : x + width]
    even = cv2.GaussianBlur(values, (0, 0), max(_BLUR * len(values), 0.1))
    smooth = np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
    smooth = smooth[top - y : top - y + part.shape[0], left - x : left - x + part.shape[1]]
    colors, strength = colored(smooth)
    weight = _STRONGEST * strength[..., None]
    grey = (part @ np.array(_GREY, np.float32))[..., None]
    part[:] = np.rint(grey * (1 - weight) + colors * weight).astype(np.uint8)


def _draw_legend(canvas: Canvas) -> None:
    """Draw what the colours mean into the corner that covers least of the faces, where there is room."""
    height = max(SMALLEST_TEXT + 2, round(min(canvas.width, canvas.height) / 36))
    pad, bar = height // 2, _BAR * height
    before, after = "spoke against", "spoke for it"
    words = text_width(before, height)
    width, tall = words + bar + text_width(after, height) + 4 * pad, height + 2 * pad
    right, bottom = canvas.width - width, canvas.height - tall
    places: list[Box] = [(x, y, width, tall) for y in (bottom, 0) for x in (0, right)]
    place = min(places, key=canvas.overlap)
    if not canvas.holds(place):
        return
    shade(canvas.pixels, place)
    left, top = place[0] + pad, place[1] + pad
    write_text(canvas.pixels, before, (left, top), height, _WHITE)
    colors, strength = colored(np.linspace(-1, 1, bar, dtype=np.float32)[None])
    ground = np.float32(160) * (1 - strength[..., None])
    start = left + words + pad
    canvas.pixels[top : top + height, start : start + bar] = ground + colors * strength[..., None]
    write_text(canvas.pixels, after, (start + bar + pad, top), height, _WHITE)
