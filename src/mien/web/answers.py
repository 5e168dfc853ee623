"""What the API answers: the work on one picture, and the shape of the answers for the OpenAPI document."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePath
from time import monotonic
from typing import Any

import cv2

from mien.detect import Detector
from mien.errors import PictureError
from mien.model.classify import Classifier
from mien.pictures import Picture, read_picture
from mien.results import Face, Frame
from mien.vision.draw import annotate
from mien.web.screening import undecodable
from mien.web.upload import Upload

Fill = Callable[[Frame], Frame]


@dataclass(frozen=True)
class FaceAnswer:
    """A face: its box in pixels of the picture (x, y, width, height), its expression, all probabilities."""

    box: list[int]
    label: str
    confidence: float
    uncertain: bool
    probabilities: dict[str, float]
    track: int | None
    raw_probabilities: dict[str, float] | None


@dataclass(frozen=True)
class ModelAnswer:
    """Which model answered: its name, its labels, the confidence under which a face is marked uncertain."""

    name: str
    labels: list[str]
    uncertain_below: float


@dataclass(frozen=True)
class PictureAnswer:
    """A picture with its faces, largest first; ``faces_left_out`` counts those over the server's limit."""

    file: str
    width: int
    height: int
    faces: list[FaceAnswer]
    faces_left_out: int


@dataclass(frozen=True)
class DetectAnswer:
    """One result for each picture, in order."""

    results: list[PictureAnswer]
    model: ModelAnswer


@dataclass(frozen=True)
class CropAnswer:
    """The expression of one face crop."""

    file: str
    label: str
    confidence: float
    uncertain: bool
    probabilities: dict[str, float]


@dataclass(frozen=True)
class ClassifyAnswer:
    """One result for each face crop, in order."""

    results: list[CropAnswer]
    model: ModelAnswer


@dataclass(frozen=True)
class RowAnswer:
    """A frame of a video with its faces; ``time`` in seconds, ``faces`` in pixels of the frame."""

    source: str
    index: int
    time: float
    width: int
    height: int
    faces: list[FaceAnswer]


@dataclass(frozen=True)
class JobAnswer:
    """A video: ``state`` is receiving, waiting, running, done, failed or lost; ``message`` says why, in a sentence."""

    id: str
    file: str
    state: str
    message: str
    frames_done: int
    frames_total: int


@dataclass(frozen=True)
class FollowedAnswer(JobAnswer):
    """A video with the rows from the asked ``cursor`` on; ask again with the ``cursor`` of the answer for the next."""

    rows: list[RowAnswer]
    cursor: int


@dataclass(frozen=True)
class ErrorAnswer:
    """Why a request was not served, and what to do about it."""

    error: str
    repair: str


def told_model(classify: Classifier) -> dict[str, Any]:
    """Return which model answers, ready for JSON."""
    return {
        "name": public_name(classify.name),
        "labels": list(classify.labels),
        "uncertain_below": classify.metadata.uncertain_below,
    }


def told_whole_model(classify: Classifier) -> dict[str, Any]:
    """Return everything that the model file says of itself, ready for JSON."""
    return {"name": public_name(classify.name), **asdict(classify.metadata)}


def public_name(name: str) -> str:
    """Return a model file's name without the folders of this machine.

    Example:
        >>> public_name("/home/me/runs/2026-11-22-compact-1/model.onnx")
        '2026-11-22-compact-1/model.onnx'
    """
    return "/".join(PurePath(name).parts[-2:])


def told_faces(detector: Detector, upload: Upload, most: int) -> dict[str, Any]:
    """Return a picture's faces, ready for JSON, ``most`` of them at most.

    Raises:
        Refusal: 422, it cannot be decoded.
    """
    image = _decoded(upload)
    return {"file": upload.name, **_told(image, detector(image), most)}


def told_live(_: Detector, upload: Upload, fill: Fill, most: int) -> dict[str, Any]:
    """Return the faces that ``fill`` puts into a frame of a camera, ready for JSON, ``most`` of them at most.

    Raises:
        Refusal: 422, it cannot be decoded.
    """
    image = _decoded(upload)
    return _told(image, fill(Frame(upload.name, 0, monotonic(), image)).faces, most)


def drawn_faces(detector: Detector, upload: Upload, most: int) -> bytes:
    """Return a picture with its faces drawn in, as PNG.

    Raises:
        Refusal: 422, it cannot be decoded.
    """
    image = _decoded(upload)
    return bytes(cv2.imencode(".png", annotate(image, detector(image)[:most]))[1])


def told_expression(detector: Detector, upload: Upload) -> dict[str, Any]:
    """Return the expression of a face crop, ready for JSON.

    Raises:
        Refusal: 422, it cannot be decoded.
    """
    image = _decoded(upload)
    box = (0, 0, image.shape[1], image.shape[0])
    (row,) = detector.classify([image])
    probabilities = dict(zip(detector.classify.labels, row.tolist(), strict=True))
    uncertain = float(row.max()) < detector.classify.metadata.uncertain_below
    told = Face(box, probabilities, uncertain=uncertain).to_dict()
    return {"file": upload.name, **{key: told[key] for key in ("label", "confidence", "uncertain", "probabilities")}}


def _told(image: Picture, faces: Sequence[Face], most: int) -> dict[str, Any]:
    return {
        "width": image.shape[1],
        "height": image.shape[0],
        "faces": [face.to_dict() for face in faces[:most]],
        "faces_left_out": max(0, len(faces) - most),
    }


def _decoded(upload: Upload) -> Picture:
    try:
        return read_picture(upload.data)
    except PictureError as error:
        raise undecodable(upload.name) from error
