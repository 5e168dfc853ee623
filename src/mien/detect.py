"""Detector: pictures, videos and cameras in, faces with expressions out."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mien.errors import PictureError
from mien.model.classify import Classifier
from mien.model.preprocess import crop_face, square_around
from mien.pictures import Picture, read_picture
from mien.results import Box, Face, Frame
from mien.vision.ahead import ahead
from mien.vision.faces import checked, finder_named, whole_picture
from mien.vision.looks import LONGEST, LONGEST_LIVE, look
from mien.vision.media import Section
from mien.vision.smoothing import Row, Smoother
from mien.vision.sources import VIDEO_SUFFIXES, is_live
from mien.vision.stills import for_stills
from mien.vision.streams import read_source
from mien.vision.track import Numbers, Placed, follow

_ROOM = 8  # frames that wait, decoded


class Detector:
    """Finds the faces in a picture and reads their expressions. Works offline; safe to share between threads.

    Args:
        model: a ``model.onnx``, a run folder, or a classifier to share; the bundled model if not given.
        faces: how faces are found: ``haar`` (OpenCV's Haar cascades), ``yunet`` (a network, after ``mien models pull
            yunet``), ``auto`` (``yunet`` where it was pulled, else ``haar``) or ``none`` (every picture is one face
            crop already and goes to the network as a training picture does). Or a function of your own: BGR uint8
            ``(height, width, 3)`` in, boxes ``(x, y, width, height)`` out, from mid-forehead to the chin; rows of a
            NumPy array will do, as ``cv2.CascadeClassifier.detectMultiScale`` gives them.

    Attributes:
        classify: the classifier; ``classify.labels`` are the names in ``face.probabilities``.

    Raises:
        ModelError: the file is not a model made by mien, YuNet was never pulled, or OpenCV lacks its Haar cascades.
        MienError: there is no face finder of that name; when called: a box of your own function is not four numbers.

    Example:
        >>> detector = Detector()
        >>> [(face.box, face.label) for face in detector("photo.jpg")]
        [((173, 64, 100, 100), 'happy')]
    """

    def __init__(
        self, model: str | Path | Classifier | None = None, *, faces: str | Callable[[Picture], Any] = "auto"
    ) -> None:
        self._find = finder_named(faces) if isinstance(faces, str) else checked(faces)
        self._find_in_still = for_stills(self._find)
        self.classify = model if isinstance(model, Classifier) else Classifier(model)

    def __call__(self, image: str | Path | bytes | Picture) -> list[Face]:
        """Return the faces of a still picture, largest first; an empty list if there is none.

        Where no face is found, the picture is searched again with a border around it; then, where it looks like a face
        crop, the whole picture is the face.

        Args:
            image: a path, the bytes of a picture file, or BGR uint8 ``(height, width, 3)``.

        Raises:
            PictureError: a file that cannot be read, or an array of another type or shape.
        """
        picture = as_picture(image)
        boxes = sorted(self._find_in_still(picture), key=lambda box: -box[2] * box[3])
        crops = [self.crop(picture, box) for box in boxes]
        return [self._face(box, row) for box, row in zip(boxes, self.classify(crops), strict=True)]

    def stream(
        self,
        source: str | Path | int,
        *,
        stride: int = 1,
        max_faces: int | None = None,
        start: float = 0.0,
        end: float | None = None,
    ) -> Generator[Frame]:
        """Yield the frames of a video, camera or stream with their faces, one at a time, in constant memory.

        Faces are followed as in ``follow``. The file is closed, the camera released, when the frames end, when the loop
        is left early, and after an error. A video that ends before its length ends with a warning; its frames until
        there are good. A stream that breaks off is opened again.

        Args:
            source: a video file, a camera's number, from 0, a stream's address (``rtsp://``, ``http://``), or numbered
                pictures (``shot/%04d.png``).
            stride: read every so many frames.
            max_faces: how many faces to follow at once, the largest first; all if not given.
            start: seconds to leave out.
            end: seconds after which to end.

        Yields:
            Frames: ``index`` from 0, ``time`` in seconds, ``image`` BGR uint8 ``(height, width, 3)``, ``faces``. All of
            a file; of a camera or stream those that this machine keeps up with.

        Raises:
            PictureError: a file that is missing or not a video; a camera or stream that is missing or has stopped.

        Example:
            >>> for frame in Detector().stream("clip.mp4"):
            ...     print(f"{frame.time:.2f} s", [(face.track, face.label) for face in frame.faces])
        """
        frames = read_source(source, Section(start, end, stride))
        yield from self.follow(frames, max_faces=max_faces, live=is_live(source))

    def follow(
        self, frames: Generator[Frame], *, max_faces: int | None = None, live: bool = False, first_track: int = 1
    ) -> Generator[Frame]:
        """Yield each frame of one video with its faces, which have a ``track`` and smoothed probabilities.

        Decoding, finding, and reading the expressions run in threads of their own, ahead of what the caller does with
        the frames. The threads have ended and ``frames`` is closed when this generator is.

        Args:
            frames: of one video or camera, in order.
            max_faces: how many faces to follow at once, the largest first; all if not given.
            live: whether to keep up rather than to give every frame, and to look for faces more often.
            first_track: the number of the first track.

        Example:
            >>> for frame in Detector().follow(read_video("clip.mp4"), max_faces=1):
            ...     print([(face.track, face.label) for face in frame.faces])
        """
        read = ahead(frames, _ROOM, newest=live)
        looked = ahead(look(read, self._find, LONGEST_LIVE if live else LONGEST), 1)
        with closing(ahead(self._told(follow(looked, max_faces, first_track)), 1)) as groups:
            for group in groups:
                yield from group

    def watch(self) -> Callable[[Frame], Frame]:
        """Return a function that fills frame after frame of a camera at once, as a window needs it.

        Faces are looked for in every frame; they have a ``track`` and smoothed probabilities, as in ``follow``.

        Example:
            >>> fill = Detector().watch()
            >>> fill(frame).faces[0].track
            1
        """
        number, smooth = Numbers(), Smoother()

        def fill(frame: Frame) -> Frame:
            boxes = self._find(frame.image)
            tracks = dict(zip(number(boxes, frame.time), boxes, strict=True))
            rows = iter(self.classify([self.crop(frame.image, box) for box in tracks.values()]))
            return self._filled(frame, tracks, rows, smooth)

        return fill

    def _told(self, groups: Generator[list[Placed]]) -> Generator[list[Frame]]:
        """Yield frames with their boxes as frames with faces; the crops of a group go through the network at once."""
        smooth = Smoother()
        with closing(groups):
            for group in groups:
                crops = [self.crop(frame.image, box) for frame, boxes in group for box in boxes.values()]
                rows = iter(self.classify(crops))
                yield [self._filled(frame, boxes, rows, smooth) for frame, boxes in group]

    def _filled(self, frame: Frame, boxes: dict[int, Box], rows: Iterator[Row], smooth: Smoother) -> Frame:
        faces = []
        for track, box in boxes.items():
            raw = next(rows)
            face = self._face(box, smooth(track, frame.time, raw))
            faces.append(replace(face, track=track, raw_probabilities=self._named(raw)))
        return replace(frame, faces=tuple(sorted(faces, key=lambda face: -face.box[2] * face.box[3])))

    def _face(self, box: Box, row: Row) -> Face:
        return Face(box, self._named(row), uncertain=float(row.max()) < self.classify.metadata.uncertain_below)

    def _named(self, row: Row) -> dict[str, float]:
        return dict(zip(self.classify.labels, row.tolist(), strict=True))

    def fill(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Yield each frame with its faces, found in it alone: for pictures that do not follow on one another.

        Example:
            >>> for frame in Detector().fill([Frame("photo.jpg", 0, 0.0, image)]):
            ...     print(frame.source, len(frame.faces))
        """
        for frame in frames:
            yield replace(frame, faces=tuple(self(frame.image)))

    def crop(self, picture: Picture, box: Box) -> Picture:
        """Return the part of a BGR picture that the network is given for a face's box."""
        if self._find is whole_picture:
            return picture
        return crop_face(picture, box, self.classify.metadata.margin)

    def area(self, box: Box) -> Box:
        """Return where in the picture ``crop`` cuts: ``(x, y, width, height)`` in pixels, it may leave the picture."""
        return box if self._find is whole_picture else square_around(box, self.classify.metadata.margin)


def as_picture(image: object) -> Picture:
    """Return a picture from its path, the bytes of its file, or an array, which is checked.

    Raises:
        PictureError: a file that cannot be read, or an array of another type or shape.

    Example:
        >>> as_picture("photo.jpg").shape
        (512, 512, 3)
    """
    if isinstance(image, str | Path) and Path(image).suffix.lower() in VIDEO_SUFFIXES:
        message = f"{image}: a video; give it to detector.stream, or to mien detect"
        raise PictureError(message)
    if isinstance(image, str | Path | bytes):
        return read_picture(image)
    if not isinstance(image, np.ndarray):
        message = f"a picture is a path, bytes or a BGR uint8 array (height, width, 3), not {type(image).__name__}"
        raise PictureError(message)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        message = (
            f"a picture as an array is BGR uint8 (height, width, 3), not {image.dtype} {image.shape}; {_repair(image)}"
        )
        raise PictureError(message)
    return image


def _repair(image: npt.NDArray[np.generic]) -> str:
    if image.size == 0:
        return "this one is empty"
    if image.dtype != np.uint8:
        return "scale it to 0-255 and convert with .astype(numpy.uint8)"
    if image.ndim == 2:
        return "convert it with cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)"
    if image.ndim == 3 and image.shape[2] == 4:
        return "convert it with cv2.cvtColor(image, cv2.COLOR_BGRA2BGR)"
    return "give one picture at a time, colours last"
