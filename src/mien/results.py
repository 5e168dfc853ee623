"""What detection returns: faces with probabilities, and frames with faces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

Box = tuple[int, int, int, int]

_COLUMNS = ("source", "index", "time", "face", "track", "x", "y", "width", "height", "label", "confidence", "uncertain")
_ERROR = "error"  # the column that --engine ray puts after those of the classes


@dataclass(frozen=True)
class Face:
    """One face in a picture.

    Attributes:
        box: ``(x, y, width, height)`` in pixels of the original picture, origin at its upper left corner.
        probabilities: label -> probability, 0-1, summing to 1, in the model's order.
        uncertain: whether the confidence is below the model's own threshold.
        track: the face's number over time in a video, None for still pictures.
        raw_probabilities: the probabilities before smoothing over time, None where nothing was smoothed.

    Example:
        >>> face = Face((10, 20, 48, 48), {"happy": 0.9, "sad": 0.1}, uncertain=False)
        >>> face.label, face.confidence
        ('happy', 0.9)
    """

    box: Box
    probabilities: Mapping[str, float]
    uncertain: bool
    track: int | None = None
    raw_probabilities: Mapping[str, float] | None = None

    @property
    def label(self) -> str:
        """The expression with the highest probability."""
        return max(self.probabilities, key=lambda name: self.probabilities[name])

    @property
    def confidence(self) -> float:
        """The highest probability, 0-1."""
        return max(self.probabilities.values())

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON; ``Face.from_dict`` reads them back."""
        return {
            "box": list(self.box),
            "label": self.label,
            "confidence": self.confidence,
            "uncertain": self.uncertain,
            "probabilities": dict(self.probabilities),
            "track": self.track,
            "raw_probabilities": None if self.raw_probabilities is None else dict(self.raw_probabilities),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Face":
        """Return the face that ``to_dict`` was called on."""
        x, y, width, height = values["box"]
        return cls(
            box=(x, y, width, height),
            probabilities=dict(values["probabilities"]),
            uncertain=values["uncertain"],
            track=values.get("track"),
            raw_probabilities=values.get("raw_probabilities"),
        )


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a source with its faces.

    Attributes:
        source: the file, address or camera it came from.
        index: number of the frame in its source, from 0.
        time: seconds since the source began; 0.0 for a still picture.
        image: BGR uint8 ``(height, width, 3)``.
        faces: largest first; empty if there is none.
    """

    source: str
    index: int
    time: float
    image: npt.NDArray[np.uint8]
    faces: tuple[Face, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON: the frame with all its faces, also if it has none; without the picture.

        Example:
            >>> frame.to_dict()
            {'source': 'a.jpg', 'index': 0, 'time': 0.0, 'width': 640, 'height': 480, 'faces': []}
        """
        height, width = self.image.shape[:2]
        return {
            "source": self.source,
            "index": self.index,
            "time": self.time,
            "width": width,
            "height": height,
            "faces": [face.to_dict() for face in self.faces],
        }

    def rows(self) -> list[dict[str, Any]]:
        """Return one flat row a face, for tables; none if there is no face.

        Columns: source, index (of the frame), time (s), face (number in the frame, from 0, largest first), track, x, y,
        width, height (pixels), label, confidence (0-1), uncertain, then one column a class: its probability, then one a
        class with ``raw_`` before its name: the probability before smoothing. ``track`` and those are None for stills.
        A class whose name is that of another column has ``p_`` before it: a class ``x`` is in column ``p_x``.

        Example:
            >>> [(row["time"], row["label"], row["happy"]) for row in frame.rows()]
            [(0.0, 'happy', 0.97)]
        """
        return [_row(self, number, face) for number, face in enumerate(self.faces)]


def _row(frame: Frame, number: int, face: Face) -> dict[str, Any]:
    raw = face.raw_probabilities or dict.fromkeys(face.probabilities)
    columns = class_columns(tuple(face.probabilities), _reserved(tuple(face.probabilities)))
    values = (frame.source, frame.index, frame.time, number, face.track, *face.box)
    return {
        **dict(zip(_COLUMNS, (*values, face.label, face.confidence, face.uncertain), strict=True)),
        **{columns[label]: value for label, value in face.probabilities.items()},
        **{f"raw_{label}": value for label, value in raw.items()},
    }


def _reserved(labels: tuple[str, ...]) -> tuple[str, ...]:
    return (*_COLUMNS, *(f"raw_{label}" for label in labels), _ERROR)


@cache
def class_columns(labels: tuple[str, ...], reserved: tuple[str, ...]) -> dict[str, str]:
    """Return label -> name of its column: the label, with ``p_`` before it where another column has that name.

    Example:
        >>> class_columns(("x", "happy"), ("x", "y"))
        {'x': 'p_x', 'happy': 'happy'}
    """
    taken = {*reserved, *labels}
    names = {}
    for label in labels:
        name = label
        if label in reserved:
            while name in taken:
                name = f"p_{name}"
        taken.add(name)
        names[label] = name
    return names


def row_columns(labels: Sequence[str]) -> list[str]:
    """Return the names of the columns of ``Frame.rows``.

    Example:
        >>> row_columns(("happy", "sad"))[-5:]
        ['uncertain', 'happy', 'sad', 'raw_happy', 'raw_sad']
    """
    own = class_columns(tuple(labels), _reserved(tuple(labels)))
    return [*_COLUMNS, *own.values(), *(f"raw_{label}" for label in labels)]


@dataclass(frozen=True, eq=False)
class Explanation:
    """Which parts of a face spoke for an expression, see ``mien.explain``.

    Attributes:
        face: the face as it was found and read.
        area: the part of the picture that the network saw, ``(x, y, width, height)`` in pixels; may leave the picture.
        label: the expression that is explained.
        probability: what the model gives it, 0-1.
        map: float32 ``(size, size)`` over ``area``, -1 to 1: probability lost where the face is covered.
        region: the part of the face that mattered most, in plain words.
    """

    face: Face
    area: Box
    label: str
    probability: float
    map: npt.NDArray[np.float32] = field(repr=False)
    region: str
