"""The one place that opens videos and cameras: OpenCV's capture as a ``with`` object that gives frames."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from mien.errors import PictureError
from mien.pictures import QUIET
from mien.results import Frame
from mien.vision.openable import openable
from mien.vision.sources import VIDEO_SUFFIXES, is_live, live_name

# FFmpeg inside OpenCV writes its own lines on a broken file to stderr; it asks for this variable once, when first used.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

_PATIENCE = 10_000  # milliseconds for a stream's answer
_USUAL_RATE = 25.0  # frames a second, where a file does not tell
_COUNTING = (".mp4", ".m4v", ".mov", ".avi")  # formats that say how many frames a video has


class Capture:
    """An open video file or camera. Closes when the ``with`` block ends.

    Attributes:
        name: the file as it was given, or ``camera 0``.
        rate: frames a second, as the file or camera claims.
        size: width and height of its pictures in pixels, as it claims, before a video is turned upright.
        count: how many frames the file claims; 0 for a camera, and where a file does not tell.
        live: whether it is a camera or a stream, which has no end of its own.
        frames_read: how many frames it has given so far.

    Example:
        >>> with open_video("clip.mp4") as capture:
        ...     first = capture.read()
    """

    def __init__(self, device: cv2.VideoCapture, name: str, *, live: bool) -> None:
        self.name = name
        self._device, self.live = device, live
        self.frames_read, self._time, self._start = 0, 0.0, monotonic()
        rate, count = device.get(cv2.CAP_PROP_FPS), device.get(cv2.CAP_PROP_FRAME_COUNT)
        self.rate = float(rate) if 0 < rate < 1000 else _USUAL_RATE
        self.size = int(device.get(cv2.CAP_PROP_FRAME_WIDTH)), int(device.get(cv2.CAP_PROP_FRAME_HEIGHT))
        scale = self.rate / rate if rate >= 1000 else 1  # what a file counts at a rate that is none
        self.count = 0 if live or not 0 < count < 2**40 else round(count * scale)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the file or camera; once more does no harm."""
        self._device.release()

    def read(self) -> Frame | None:
        """Return the next frame, without faces; None at the end of a file, or when a camera gives nothing.

        ``time`` is in seconds: from the file's own time stamps, or since a camera was opened. Rotated videos come
        upright. A frame of a file that cannot be made into a picture is left out.
        """
        while self.grab() is not None:
            frame = self.picture()
            if frame is not None or self.live:
                return frame
        return None

    def grab(self) -> float | None:
        """Go to the next frame without making a picture of it, which is quicker; return its time in seconds.

        None at the end of a file, or when a camera gives nothing.
        """
        try:
            if not self._device.grab():
                return None
        except cv2.error:
            return None
        index, self.frames_read = self.frames_read, self.frames_read + 1
        self._time = self._now(index)
        return self._time

    def picture(self) -> Frame | None:
        """Return the frame that ``grab`` went to; None where it cannot be made into a picture."""
        try:
            done, image = self._device.retrieve()
        except cv2.error:
            return None
        if not done or image is None:
            return None
        return Frame(self.name, self.frames_read - 1, self._time, np.asarray(image, np.uint8))

    def _now(self, index: int) -> float:
        if self.live:
            return round(monotonic() - self._start, 6)
        stamp = self._device.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if index and not stamp > self._time:  # a file without time stamps
            stamp = self._time + 1 / self.rate
        return float(round(stamp, 6))

    @property
    def missing(self) -> tuple[float, float] | None:
        """After the last frame: where the file ended and where it should have, in seconds; None if nothing is missing.

        Told of the formats that count their frames. Of the others OpenCV guesses it from the length of the sound, too.
        """
        if not self.name.lower().partition("?")[0].endswith(_COUNTING):
            return None
        end, told = self._time + 1 / self.rate, self.count / self.rate
        return (end, told) if end < told - max(0.5, 0.02 * told) else None


def open_video(path: str | Path) -> Capture:
    """Open a video file.

    Raises:
        PictureError: the file is missing, empty or not a video that OpenCV can decode.

    Example:
        >>> with open_video("clip.mp4") as capture:
        ...     print(capture.rate, capture.count)
        23.976 472
    """
    try:
        with Path(path).open("rb") as file:
            empty = not file.read(1)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        reason = getattr(error, "strerror", None) or error
        message = f"{path}: cannot be read ({reason}); give the path of a video"
        raise PictureError(message) from error
    if empty:
        message = f"{path}: is empty; expected a video ({', '.join(VIDEO_SUFFIXES)})"
        raise PictureError(message)
    with openable(Path(path)) as name:
        device = _opened(name, cv2.CAP_FFMPEG)
    if device is None:
        message = f"{path}: not a video that can be decoded, or cut off; expected one of {', '.join(VIDEO_SUFFIXES)}"
        raise PictureError(message)
    return Capture(device, str(path), live=False)


def open_camera(number: int) -> Capture:
    """Open a camera by its number, from 0.

    Raises:
        PictureError: there is no such camera, or another program holds it.

    Example:
        >>> with open_camera(0) as capture:
        ...     capture.read().image.shape
        (480, 640, 3)
    """
    device = _opened(number, cv2.CAP_ANY)
    if device is None:
        message = f"camera {number}: cannot be opened; {_advice(number)}"
        raise PictureError(message)
    return Capture(device, f"camera {number}", live=True)


def open_stream(address: str) -> Capture:
    """Open a stream, or a video that lies on a server: RTSP, HTTP and what else FFmpeg knows.

    Raises:
        PictureError: nothing answers at the address, or what answers is no video.

    Example:
        >>> with open_stream("rtsp://door.local/1") as capture:
        ...     first = capture.read()
    """
    patience = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _PATIENCE, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _PATIENCE]
    device = _opened(address, cv2.CAP_FFMPEG, patience)
    if device is None:
        message = f"{live_name(address)}: no video comes from there; check the address, and that it is being sent"
        raise PictureError(message)
    return Capture(device, live_name(address), live=is_live(address) and not device.get(cv2.CAP_PROP_FRAME_COUNT) > 0)


def _opened(source: str | int, backend: int, settings: Sequence[int] = ()) -> cv2.VideoCapture | None:
    try:
        with QUIET:
            device = cv2.VideoCapture(source, backend, settings)
    except cv2.error:
        return None
    if device.isOpened():
        return device
    device.release()
    return None


def _advice(number: int) -> str:
    """Say which cameras there are, where the system tells, and what to try."""
    if sys.platform.startswith("linux"):
        found = sorted(Path("/dev").glob("video*"))
        if not found:
            return "this machine shows none (no /dev/video*); plug one in, or try a video file"
        listed = ", ".join(str(path) for path in found)
        return f"there are {listed} (ls /dev/video*); close other programs that use it, or try another number"
    other = 1 if number == 0 else 0
    return f"plug it in, allow this program to use it, close others that do, or try --camera {other}"
