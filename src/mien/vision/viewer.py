"""The loop behind a window: newest frame in, faces found, drawn and shown, keys obeyed."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic, sleep

import cv2
import numpy as np

from mien.pictures import Picture
from mien.results import Frame
from mien.vision.draw import annotate
from mien.vision.live import Live
from mien.vision.window import QUIT, Window

_QUIT_KEYS = (QUIT, "q", "escape")
_WAIT = 0.05  # seconds between two looks at the keys, when there is nothing else to do
_SPAN = 2.0  # seconds over which frames are counted


@dataclass(frozen=True)
class Actions:
    """What a viewer calls.

    Attributes:
        fill: gives a frame with its faces, largest first.
        save: is given an annotated picture when ``s`` is pressed, BGR uint8 ``(height, width, 3)``.
    """

    fill: Callable[[Frame], Frame]
    save: Callable[[Picture], None]


class Viewer:
    """Shows a camera or a playing video with its faces until it ends or the user quits.

    Keys: ``q``, Escape or closing the window quit, space pauses, ``s`` saves the annotated picture, ``m`` mirrors.

    Args:
        live: where frames come from.
        window: where they go.
        actions: how faces are found, and what saving means.
        mirror: whether the picture is shown as in a mirror at first.

    Example:
        >>> with Live(open_camera(0)) as live, Window("mien") as window:
        ...     Viewer(live, window, Actions(Detector().watch(), print), mirror=True).run()
    """

    def __init__(self, live: Live, window: Window, actions: Actions, *, mirror: bool) -> None:
        self._live, self._window, self._actions = live, window, actions
        self._mirror, self._paused, self._done = mirror, False, False
        self._shown: Frame | None = None
        self._times: deque[float] = deque()

    def run(self) -> None:
        """Show frames until the source is over or the user quits.

        Raises:
            PictureError: a camera that gives nothing, or no longer.
            OutputError: the window cannot be opened, or a picture cannot be saved.
        """
        while not self._done and (self._paused or not self._live.over):
            frame = None if self._paused else self._live.newest(wait=_WAIT)
            for key in self._window.pressed():
                self._obey(key)
            if frame is not None:
                self._shown = self._actions.fill(frame)
                self._count()
            if self._shown is not None:
                self._show(self._shown)
            if self._paused:
                sleep(_WAIT)

    def _obey(self, key: str) -> None:
        if key in _QUIT_KEYS:
            self._done = True
        elif key == "space":
            self._paused = self._live.paused = not self._paused
            self._times.clear()
        elif key == "m":
            self._mirror = not self._mirror
        elif key == "s" and self._shown is not None:
            view = self._view(self._shown)
            self._actions.save(annotate(view.image, view.faces))

    def _view(self, frame: Frame) -> Frame:
        return mirrored(frame) if self._mirror else frame

    def _show(self, frame: Frame) -> None:
        width, height = self._window.fitting(frame.image.shape[1], frame.image.shape[0])
        view = scaled(self._view(frame), width, height)
        note = "paused" if self._paused else f"{self._rate():.0f} frames/s"
        self._window.show(annotate(view.image, view.faces, note=note))

    def _count(self) -> None:
        now = monotonic()
        self._times.append(now)
        while now - self._times[0] > _SPAN:
            self._times.popleft()

    def _rate(self) -> float:
        """Return frames a second over the last moments."""
        span = self._times[-1] - self._times[0] if self._times else 0.0
        return (len(self._times) - 1) / span if span else 0.0


def mirrored(frame: Frame) -> Frame:
    """Return a frame with left and right exchanged, its faces with it.

    Example:
        >>> mirrored(frame).faces[0].box[0] == frame.image.shape[1] - frame.faces[0].box[0] - frame.faces[0].box[2]
        True
    """
    width = frame.image.shape[1]
    faces = (replace(face, box=(width - face.box[0] - face.box[2], *face.box[1:])) for face in frame.faces)
    return replace(frame, image=np.ascontiguousarray(frame.image[:, ::-1]), faces=tuple(faces))


def scaled(frame: Frame, width: int, height: int) -> Frame:
    """Return a frame in another size, its faces with it, so that what is drawn on it stays sharp.

    Example:
        >>> scaled(frame, 1280, 960).image.shape
        (960, 1280, 3)
    """
    old_height, old_width = frame.image.shape[:2]
    if (old_width, old_height) == (width, height):
        return frame
    across, down = width / old_width, height / old_height
    smooth = cv2.INTER_AREA if across < 1 else cv2.INTER_LINEAR
    image = np.asarray(cv2.resize(frame.image, (width, height), interpolation=smooth), np.uint8)
    faces = []
    for face in frame.faces:
        x, y, wide, high = face.box
        faces.append(replace(face, box=(round(x * across), round(y * down), round(wide * across), round(high * down))))
    return replace(frame, image=image, faces=tuple(faces))
