"""Showing: frames with faces go by in a window while they are written and told elsewhere."""

from collections.abc import Generator, Set
from contextlib import closing
from math import inf
from time import monotonic, sleep

import numpy as np

from mien.pictures import Picture
from mien.results import Frame
from mien.vision.draw import annotate
from mien.vision.window import QUIT, Window

_QUITS = {"q", "escape", QUIT}
_LOOK = 0.05  # seconds between two looks at the keys


def shown(frames: Generator[Frame], moving: Set[str]) -> Generator[Frame]:
    """Yield the frames, each shown with its faces; q, Esc or closing the window ends them.

    A video plays at its own speed, or slower where finding faces takes longer. A picture stays until a key is pressed.

    Args:
        frames: closed at the end.
        moving: the sources that are videos, cameras or streams.

    Raises:
        MissingExtra: pygame-ce is not installed.
        OutputError: there is no display.

    Example:
        >>> for frame in shown(Detector().stream("clip.mp4"), {"clip.mp4"}):
        ...     print(frame.time, frame.faces)
    """
    with Window("mien") as window, closing(frames):
        source, began, before = "", 0.0, np.zeros((1, 1, 3), np.uint8)
        for frame in frames:
            picture, plays = annotate(frame.image, frame.faces), frame.source in moving
            if frame.source != source:
                source, began, before = frame.source, monotonic() - frame.time, picture
            if plays and not _stays(window, before, until=began + frame.time):
                return
            window.show(picture)
            yield frame
            if not plays and not _stays(window, picture, until=inf):
                return
            before = picture


def _stays(window: Window, picture: Picture, until: float) -> bool:
    """Keep a picture until then or until a key is pressed; return whether to go on after it."""
    while True:
        keys = window.pressed()
        if _QUITS & set(keys):
            return False
        if keys or monotonic() >= until:
            return True
        window.show(picture)  # again and again, for the window may be resized
        sleep(min(_LOOK, max(0.0, until - monotonic())))
