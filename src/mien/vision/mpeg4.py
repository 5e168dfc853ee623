"""Plain MPEG-4 videos by OpenCV, for where PyAV is missing."""

from pathlib import Path

import cv2
import numpy as np

from mien.errors import PictureError
from mien.pictures import Picture
from mien.vision.capture import open_video
from mien.vision.fitting import even_size, fitted
from mien.vision.openable import openable
from mien.vision.saving import unwritable

_LONGEST_GAP = 600.0  # seconds that one picture is shown; a later time is a broken one, and the next picture follows
_WHOLE = 0.99  # share of the frames that a video holds at least


class PlainMovie:
    """MPEG-4 part 2: no sound, a constant rate, at which a picture is repeated until it is time for the next.

    A ``Movie``; it plays only once it was closed.

    Args:
        target: the file to write.
        rate: frames a second.

    Example:
        >>> movie = PlainMovie(Path("out.mp4"), 25.0)
        >>> movie.write(picture, 0.0)
        >>> movie.finish()
    """

    def __init__(self, target: Path, rate: float) -> None:
        self._target, self._rate = target, rate
        self._writer: cv2.VideoWriter | None = None
        self._size, self._begins, self._frames = (0, 0), 0.0, 0
        self._shown: Picture = np.empty((0, 0, 3), np.uint8)

    def write(self, image: Picture, time: float) -> None:
        """Append a picture, see ``Movie``."""
        writer = self._writer or self._opened(image, time)
        repeats = round((time - self._begins) * self._rate) - self._frames
        if repeats > _LONGEST_GAP * self._rate:
            self._begins, repeats = time - self._frames / self._rate, 0
        for _ in range(repeats):
            writer.write(self._shown)
        self._shown = fitted(image, self._size)
        writer.write(self._shown)
        self._frames += max(0, repeats) + 1

    def _opened(self, image: Picture, time: float) -> cv2.VideoWriter:
        self._size, self._begins = even_size(image), time
        code = cv2.VideoWriter.fourcc(*"mp4v")
        with openable(self._target) as name:
            self._writer = cv2.VideoWriter(name, cv2.CAP_FFMPEG, code, self._rate, self._size)
        if not self._writer.isOpened():
            raise unwritable(self._target, "OpenCV has no encoder for it, or no room")
        return self._writer

    def finish(self) -> None:
        """Close the file, and see whether all of it is there: OpenCV does not tell of a full disk."""
        self.close()
        if self._held() < _WHOLE * self._frames:
            raise unwritable(self._target, "it is cut short, as on a full disk")

    def _held(self) -> int:
        """Return how many frames the file holds."""
        try:
            with open_video(self._target) as capture:
                return capture.count
        except PictureError:
            return 0

    def close(self) -> None:
        """Close the file as it is."""
        if self._writer is not None:
            self._writer.release()
