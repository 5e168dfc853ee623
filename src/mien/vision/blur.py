"""Hiding: faces made unrecognisable in what is written."""

from collections import deque
from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from mien.pictures import Picture
from mien.results import Box, Frame
from mien.vision.looks import LONGEST

_AROUND = 0.15  # of a box on every side that is hidden too: hair and chin
_CELLS = 5  # so many colours across and down are left of a face


def hide(frames: Iterable[Frame]) -> Generator[Frame]:
    """Yield the frames with the faces in their pictures made unrecognisable.

    Faces are looked for every few frames of a video. So a face is hidden for so long before it is first seen and after
    it is last seen too, where it was. A face that is not found at all is not hidden.

    Example:
        >>> for frame in hide(Detector().stream("clip.mp4")):
        ...     sink.write(frame)
    """
    window: deque[Frame] = deque()
    middle = 0  # of the window: the frame to give out next
    for frame in frames:
        if window and frame.source != window[-1].source:
            yield from (_hidden(window, place) for place in range(middle, len(window)))
            window.clear()
            middle = 0
        window.append(frame)
        if len(window) - middle > LONGEST:
            yield _hidden(window, middle)
            middle += 1
        if middle > LONGEST:
            window.popleft()
            middle -= 1
    yield from (_hidden(window, place) for place in range(middle, len(window)))


def _hidden(window: Sequence[Frame], place: int) -> Frame:
    frame = window[place]
    boxes = {(face.track, face.box) for face in frame.faces}
    there = {face.track for face in frame.faces}
    near = list(window)[max(0, place - LONGEST) : place + LONGEST + 1]
    boxes |= {(face.track, face.box) for other in near for face in other.faces if face.track not in there}
    return replace(frame, image=blurred(frame.image, [box for _, box in boxes])) if boxes else frame


def blurred(image: Picture, boxes: Sequence[Box]) -> Picture:
    """Return a copy of a picture in which little more than the colours of some boxes is left.

    Args:
        image: BGR uint8 ``(height, width, 3)``.
        boxes: in pixels.

    Example:
        >>> blurred(image, [face.box for face in detector(image)]).shape == image.shape
        True
    """
    image = image.copy()
    for x, y, width, height in boxes:
        across, down = round(width * _AROUND), round(height * _AROUND)
        part = image[max(0, y - down) : max(0, y + height + down), max(0, x - across) : max(0, x + width + across)]
        if part.size:
            small = cv2.resize(part, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
            part[:] = np.asarray(cv2.resize(small, part.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
    return image
