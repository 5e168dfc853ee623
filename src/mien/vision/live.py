"""Now, not a queue: a capture read in a thread of its own, of which the newest frame is taken."""

from threading import Condition, Event, Thread
from time import monotonic
from types import TracebackType
from typing import Self

from mien.results import Frame
from mien.vision.capture import Capture
from mien.vision.media import PATIENCE, silent

_FIRST_PATIENCE = 5.0  # seconds for the first picture: some cameras need a while to wake
_PAUSE = 0.02  # seconds until a camera that gave nothing is asked again
_LONGEST_CLOSING = 2.0  # seconds to wait for a driver that hangs; its thread ends with the program


class Live:
    """A camera, or a video file that plays at its own speed. A ``with`` object; the capture is released at its end.

    Whoever is slower than the source misses frames instead of falling behind.

    Args:
        capture: an open camera or video file; belongs to this object from then on.
        plays: whether frames wait for their time, as those of a file must.

    Attributes:
        paused: set it to let a file stand still; a camera goes on unseen.

    Example:
        >>> with Live(open_camera(0)) as live:
        ...     frame = live.newest(wait=1.0)
    """

    def __init__(self, capture: Capture, *, plays: bool = False) -> None:
        self.paused = False
        self._capture, self._plays = capture, plays
        self._changed, self._stop = Condition(), Event()
        self._frame: Frame | None = None
        self._over, self._heard, self._began = False, 0.0, 0.0
        self._reader = Thread(target=self._read, name=f"mien reads {capture.name}", daemon=True)

    def __enter__(self) -> Self:
        self._heard = monotonic()
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._reader.join(_LONGEST_CLOSING)

    @property
    def over(self) -> bool:
        """Whether a file has ended and its last frame was taken."""
        with self._changed:
            return self._over and self._frame is None

    def newest(self, wait: float) -> Frame | None:
        """Return the newest frame, once; None if nothing new comes within ``wait`` seconds.

        Raises:
            PictureError: a camera has given nothing for some seconds.
        """
        with self._changed:
            if self._frame is None and not self._over:
                self._changed.wait(wait)
            frame, self._frame = self._frame, None
            silence = monotonic() - self._heard
        given = self._capture.frames_read
        if frame is None and not self._plays and silence > (PATIENCE if given else _FIRST_PATIENCE):
            raise silent(self._capture.name, given)
        return frame

    def _read(self) -> None:
        try:
            while not self._stop.is_set():
                frame = self._capture.read()
                if frame is not None:
                    self._wait_for(frame)
                    self._give(frame)
                elif self._plays:
                    break
                else:
                    self._stop.wait(_PAUSE)
        finally:
            self._capture.close()  # here, since a capture must not be released while it is being read
            with self._changed:
                self._over = True
                self._changed.notify_all()

    def _give(self, frame: Frame) -> None:
        with self._changed:
            self._frame, self._heard = frame, monotonic()
            self._changed.notify_all()

    def _wait_for(self, frame: Frame) -> None:
        """Let a file's frame wait for its time; standing still while paused shifts all that follow."""
        if not self._plays:
            return
        if frame.index == 0:
            self._began = monotonic() - frame.time
        while self.paused and not self._stop.wait(_PAUSE):
            self._began = monotonic() - frame.time
        self._stop.wait(max(0.0, self._began + frame.time - monotonic()))
