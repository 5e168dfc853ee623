"""Drawing: a picture and its faces in, a picture with boxes, labels and probability bars out."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from mien.labels import color_of
from mien.pictures import Picture
from mien.results import Box, Face
from mien.vision.boxes import pixels_shared

Color = tuple[int, int, int]  # blue, green, red, 0-255
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_FONT = cv2.FONT_HERSHEY_DUPLEX
_FONT_HEIGHT = 30  # pixels from the top of a capital to the foot of a g at scale 1
_SHARPER = 4  # text is drawn this much larger and shrunk, so that small letters stay legible
SMALLEST_TEXT = 10  # pixels; smaller cannot be read
_MOST_BARS = 7
_CROWD = 8  # more faces than this get no bars
_GROOVE: Color = (90, 90, 90)  # the empty part of a bar
_SHADE = 0.62  # how much of the picture a panel of bars covers
_LARGE_FACE = 6  # a panel goes into a face's own box only where the box is this many times as large


@dataclass
class Canvas:
    """The picture that is drawn on, and the rectangles that are taken."""

    pixels: Picture
    taken: list[Box] = field(default_factory=list)

    @property
    def width(self) -> int:
        """Width of the picture in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height of the picture in pixels."""
        return int(self.pixels.shape[0])

    def holds(self, box: Box) -> bool:
        """Return whether a rectangle lies wholly in the picture."""
        return box[0] >= 0 and box[1] >= 0 and box[0] + box[2] <= self.width and box[1] + box[3] <= self.height

    def overlap(self, box: Box) -> int:
        """Return how many pixels of a rectangle are taken."""
        return sum(pixels_shared(box, other) for other in self.taken)


def annotate(image: Picture, faces: Sequence[Face], *, note: str = "") -> Picture:
    """Return a copy of a picture with a box, a label and, where there is room, probability bars for every face.

    Sizes follow the picture and the face. The label stays inside the picture; an uncertain one ends in ``?``, that of a
    video begins with the number of its track. Bars stand beside or below a face; they are left out in a crowd, and
    where they would cover another face or be too small to read.

    Args:
        image: BGR uint8 ``(height, width, 3)``; left as it is.
        faces: boxes in pixels of ``image``.
        note: a few words for the upper left corner.

    Returns:
        BGR uint8 ``(height, width, 3)``.

    Example:
        >>> cv2.imwrite("annotated.png", annotate(image, Detector()(image)))
    """
    canvas = Canvas(image.copy(), [face.box for face in faces])
    for face in reversed(faces):
        _draw_box(canvas, face)
    _draw_note(canvas, note)
    tags = [draw_tag(canvas, face.box, _wordings(face), _face_color(face)) for face in faces]
    if len(faces) <= _CROWD:
        for face, text_height in zip(faces, tags, strict=True):
            _draw_bars(canvas, face, text_height)
    return canvas.pixels


def _draw_note(canvas: Canvas, note: str) -> None:
    height = max(SMALLEST_TEXT + 2, round(min(canvas.width, canvas.height) / 32))
    pad = round(height * 0.5)
    place = (0, 0, text_width(note, height) + 2 * pad, height + pad)
    if note and canvas.holds(place):
        shade(canvas.pixels, place)
        write_text(canvas.pixels, note, (pad, pad // 2), height, _WHITE)
        canvas.taken.append(place)


def _face_color(face: Face) -> Color:
    return class_color(face.label, list(face.probabilities).index(face.label))


def class_color(name: str, position: int) -> Color:
    """Return a class's colour in the order of a picture; ``position`` colours names that are no expression's."""
    red, green, blue = color_of(name, position)
    return blue, green, red


def _line_width(canvas: Canvas, face: Face) -> int:
    return max(1, round(min(min(canvas.width, canvas.height) / 200, max(face.box[2:]) / 30)))


def _draw_box(canvas: Canvas, face: Face) -> None:
    x, y, width, height = face.box
    line = _line_width(canvas, face)
    corners = (x, y), (x + width - 1, y + height - 1)
    cv2.rectangle(canvas.pixels, *corners, _BLACK, line + 2 * max(1, line // 3))  # an edge that shows on any ground
    cv2.rectangle(canvas.pixels, *corners, _face_color(face), line)


def draw_tag(canvas: Canvas, box: Box, wordings: Sequence[str], color: Color) -> int:
    """Draw a few words at a box: the first of the wordings that fits the picture.

    Returns:
        The height of the text in pixels, 0 if there was no room for any.
    """
    for text in wordings:
        height = _text_height(canvas, box, text)
        while height >= SMALLEST_TEXT and text_width(text, height) + height > canvas.width:
            height -= 1
        if height >= SMALLEST_TEXT:
            size = (text_width(text, height) + round(height * 0.6), round(height * 1.3))
            _paint_tag(canvas, _tag_place(canvas, box, size), text, height, color)
            return height
    return 0


def _wordings(face: Face) -> tuple[str, str, str]:
    name = face.label + ("?" if face.uncertain else "")
    numbered = name if face.track is None else f"{face.track} {name}"
    return f"{numbered} {face.confidence:.0%}", numbered, name


def _text_height(canvas: Canvas, box: Box, text: str) -> int:
    """Return a text height that follows the face and the picture, and is not much wider than the face."""
    side = min(canvas.width, canvas.height)
    wanted = float(np.clip(0.16 * box[2], max(14, side / 60), max(14, side / 22)))
    fitting = wanted * 1.5 * box[2] / max(1, text_width(text, round(wanted)))
    return round(max(SMALLEST_TEXT, min(wanted, fitting)))


def _tag_place(canvas: Canvas, box: Box, size: tuple[int, int]) -> Box:
    """Return where a tag covers least: above the face, below it, inside its upper edge, always inside the picture."""
    x, y, width, height = box
    lefts = (x, x + width - size[0])
    tops = (y - size[1], y + height, y, y + height - size[1])
    places = []
    for top in tops:
        for left in lefts:
            inside = (max(0, min(left, canvas.width - size[0])), max(0, min(top, canvas.height - size[1])))
            places.append((*inside, *size))
    best = min(places, key=canvas.overlap)
    canvas.taken.append(best)
    return best


def _paint_tag(canvas: Canvas, place: Box, text: str, height: int, color: Color) -> None:
    x, y, width, tall = place
    canvas.pixels[y : y + tall, x : x + width] = color
    blue, green, red = color
    bright = 0.114 * blue + 0.587 * green + 0.299 * red > 140
    write_text(
        canvas.pixels, text, (x + round(height * 0.3), y + (tall - height) // 2), height, _BLACK if bright else _WHITE
    )


def _draw_bars(canvas: Canvas, face: Face, text_height: int) -> None:
    """Draw one bar a class in a shaded panel, where one fits that covers no other face, label or panel."""
    names = list(face.probabilities)
    shown = sorted(sorted(names, key=lambda name: -face.probabilities[name])[:_MOST_BARS], key=names.index)
    for row in _row_heights(face, text_height, len(shown)):
        words = max(text_width(name, row) for name in shown)
        bar = max(3 * row, min(5 * row, round(face.box[2] * 0.4)))
        pad = max(2, row // 3)
        place = _panel_place(canvas, face, (words + bar + 3 * pad, row * len(shown) + 2 * pad))
        if place is not None:
            break
    else:
        return
    shade(canvas.pixels, place)
    for line, name in enumerate(shown):
        top = place[1] + pad + line * row
        write_text(canvas.pixels, name, (place[0] + pad, top), row, _WHITE)
        left = place[0] + 2 * pad + words
        thick = max(2, row // 2)
        start = top + (row - thick) // 2
        canvas.pixels[start : start + thick, left : left + bar] = _GROOVE
        filled = round(bar * face.probabilities[name])
        canvas.pixels[start : start + thick, left : left + filled] = class_color(name, names.index(name))


def _row_heights(face: Face, text_height: int, rows: int) -> list[int]:
    """Return the heights of a row to try, largest first; none where even the largest could not be read."""
    largest = min(text_height * 0.9, max(face.box[3] / rows, SMALLEST_TEXT + 1))
    return [row for row in (round(largest * share) for share in (1, 0.8, 0.65)) if row > SMALLEST_TEXT]


def _panel_place(canvas: Canvas, face: Face, size: tuple[int, int]) -> Box | None:
    x, y, width, height = face.box
    gap = _line_width(canvas, face) + 2
    top = max(0, min(y, canvas.height - size[1]))
    left = max(0, min(x, canvas.width - size[0]))
    tag_row = round(size[1] / _MOST_BARS)
    spots = [(x + width + gap, top), (x - gap - size[0], top)]
    spots += [(left, y + height + gap), (left, y + height + gap + tag_row), (left, y - gap - size[1])]
    places: list[Box] = [(*spot, *size) for spot in spots]
    free = [place for place in places if canvas.holds(place) and canvas.overlap(place) == 0]
    if not free:  # a face that fills the picture: a lower corner of its own box
        inside = (x + gap, y + height - gap - size[1], *size)
        alone = canvas.overlap(inside) == size[0] * size[1]
        if alone and canvas.holds(inside) and size[0] * size[1] * _LARGE_FACE <= width * height:
            free = [inside]
    if not free:
        return None
    canvas.taken.append(free[0])
    return free[0]


def shade(pixels: Picture, place: Box) -> None:
    """Darken a part of a picture, so that white text on it can be read."""
    x, y, width, height = place
    part = pixels[y : y + height, x : x + width]
    part[:] = (part * (1 - _SHADE)).astype(np.uint8)


def _plain(text: str) -> str:
    """Return text in the letters that OpenCV's font has: accents dropped, others a question mark."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).encode("ascii", "replace").decode()


def text_width(text: str, height: int) -> int:
    """Return how wide a text of a height in pixels is drawn, in pixels."""
    (width, _), _ = cv2.getTextSize(_plain(text), _FONT, height / _FONT_HEIGHT, 1)
    return int(width) + 1


def write_text(pixels: Picture, text: str, corner: tuple[int, int], height: int, color: Color) -> None:
    """Write text of a height in pixels; ``corner`` is its upper left, and the text fits the picture."""
    mask = _text_mask(text, height)
    x, y = corner
    part = pixels[y : y + mask.shape[0], x : x + mask.shape[1]]
    weight = mask[: part.shape[0], : part.shape[1], None]
    part[:] = np.rint(part * (1 - weight) + np.asarray(color, np.float32) * weight).astype(np.uint8)


def _text_mask(text: str, height: int) -> npt.NDArray[np.float32]:
    """Return how much of each pixel the letters cover: float32 ``(height, width)``, 0-1."""
    width = text_width(text, height)
    scale = _SHARPER * height / _FONT_HEIGHT
    large = np.zeros((_SHARPER * height, _SHARPER * width), np.uint8)
    thickness = max(1, round(scale * 1.3))
    cv2.putText(large, _plain(text), (0, round(22 * scale) + 1), _FONT, scale, 255, thickness, cv2.LINE_AA)
    small = cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)
