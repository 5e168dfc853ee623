"""Reading: sources in, frames out, one at a time."""

import warnings
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from math import inf
from pathlib import Path
from time import monotonic, sleep

from mien.errors import PictureError
from mien.results import Frame
from mien.vision.capture import Capture, open_camera, open_video
from mien.vision.sources import Source

OnCut = Callable[[str], None]

PATIENCE = 3.0  # seconds without a picture after which a camera counts as gone
_PAUSE = 0.02  # seconds until a camera that gave nothing is asked again


@dataclass(frozen=True)
class Section:
    """Which frames of a video to read.

    Attributes:
        start: seconds; frames before are left out.
        end: seconds; the first frame at or after it ends the video. None, which infinity becomes, for all.
        stride: of so many frames one, those whose index it divides.
        first: frames of a lower index are left out.

    Raises:
        PictureError: a value that names no frame.

    Example:
        >>> Section(start=60.0, end=90.0, stride=5)
        Section(start=60.0, end=90.0, stride=5, first=0)
    """

    start: float = 0.0
    end: float | None = None
    stride: int = 1
    first: int = 0

    def __post_init__(self) -> None:
        if self.stride < 1:
            message = f"stride {self.stride}: expected 1 (every frame) or more"
            raise PictureError(message)
        if self.end == inf:
            object.__setattr__(self, "end", None)
        if not 0 <= self.start < (inf if self.end is None else self.end):  # also where one is no number
            message = f"start {self.start:g} s, end {self.end} s: expected 0 or more, and an end after the start"
            raise PictureError(message)

    def holds(self, index: int, time: float) -> bool:
        """Return whether a frame before the end is to be read."""
        return index >= self.first and time >= self.start and index % self.stride == 0

    def is_over(self, time: float) -> bool:
        """Return whether the section ends before a frame at this time."""
        return self.end is not None and time >= self.end


WHOLE = Section()


def read_video(path: str | Path, on_cut: OnCut | None = None, section: Section = WHOLE) -> Generator[Frame]:
    """Yield the frames of a video file, without faces. The file is closed at the end, also after an early break.

    Frames before the section are decoded too, which keeps indices and times exact; only pictures of them are not made.

    Args:
        path: the file.
        on_cut: called after the last frame with a line, if the video ends before the length that it claims; not given,
            the line is a warning.
        section: which frames to read.

    Raises:
        PictureError: the file is missing or empty, is not a video, has not one frame that can be decoded, or ends
            before the section starts.

    Example:
        >>> sum(1 for frame in read_video("clip.mp4", section=Section(stride=2)))
        236
    """
    with open_video(path) as capture:
        time = 0.0
        while (now := capture.grab()) is not None and not section.is_over(now):
            time = now
            if section.holds(capture.frames_read - 1, now):
                frame = capture.picture()
                if frame is not None:
                    yield frame
        _check_length(capture, section, time)
        if now is None:
            tell_missing(capture, on_cut)


def tell_missing(capture: Capture, on_cut: OnCut | None) -> None:
    """Tell, or warn, of a video that has ended before the length that it claims."""
    if capture.missing:
        end, told = capture.missing
        line = f"{capture.name}: ends at {end:.1f} s of {told:.1f} s, as if cut off; what was read is kept"
        if on_cut is None:
            warnings.warn(line, stacklevel=2)
        else:
            on_cut(line)


def _check_length(capture: Capture, section: Section, time: float) -> None:
    """Raise unless a video had frames, and some in the section."""
    if not capture.frames_read:
        message = (
            f"{capture.name}: a video without a single frame that can be decoded; is it whole? record or copy it again"
        )
        raise PictureError(message)
    if time < section.start:
        message = f"{capture.name}: ends at {time:.1f} s, before the start at {section.start:g} s; give an earlier one"
        raise PictureError(message)


def read_camera(number: int) -> Generator[Frame]:
    """Yield what a camera gives, frame after frame, without faces, until the caller stops. The camera is released then.

    Raises:
        PictureError: there is no such camera, or it has given nothing for ``PATIENCE`` seconds.

    Example:
        >>> next(read_camera(0)).image.shape
        (480, 640, 3)
    """
    with open_camera(number) as capture:
        asked = monotonic()
        while monotonic() - asked < PATIENCE:
            frame = capture.read()
            if frame is None:
                sleep(_PAUSE)
                continue
            yield frame
            asked = monotonic()
        raise silent(capture.name, capture.frames_read)


def silent(name: str, frames: int) -> PictureError:
    """Return the error of a camera that gives nothing, or no longer."""
    if frames:
        return PictureError(f"{name}: stopped giving pictures; check its cable, then start again")
    return PictureError(f"{name}: opens but gives no picture; close other programs that use it, or try another camera")


def count_frames(sources: Iterable[Source], section: Section = WHOLE) -> int:
    """Return how many frames the sources claim to have, for a progress bar; one that does not tell counts as one.

    Example:
        >>> count_frames(expand(["photo.jpg", "clip.mp4"]))
        473
    """
    return sum(_claimed(source, section) for source in sources)


def _claimed(source: Source, section: Section) -> int:
    if not source.is_video or source.live is not None:
        return 1
    try:
        with open_video(source.path) as capture:
            last = min(capture.count, (inf if section.end is None else section.end) * capture.rate)
            first = max(section.first, min(capture.count, section.start * capture.rate))
            return max(1, (round(last) - round(first)) // section.stride)
    except PictureError:
        return 1
