"""What can break off and come back: a stream that is opened again, and what is read from wherever a source is."""

import warnings
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

from mien.errors import PictureError
from mien.pictures import read_picture
from mien.results import Frame
from mien.vision.capture import Capture, open_stream
from mien.vision.media import WHOLE, Section, read_camera, read_video, tell_missing
from mien.vision.sources import is_sequence, live_name, live_source, numbered

Tell = Callable[[str], None]

GIVE_UP = 60.0  # seconds without a picture after which a stream counts as gone
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 4.0  # seconds until a lost stream is opened again; doubled each time
_SEQUENCE_RATE = 25.0  # pictures a second of a numbered sequence


def read_source(source: str | Path | int, section: Section = WHOLE, tell: Tell | None = None) -> Generator[Frame]:
    """Yield the frames of a video file, a numbered sequence, a camera or a stream, without faces.

    Args:
        source: a file, ``shot/%04d.png``, a camera's number or a stream's address.
        section: which frames to read.
        tell: is given a line about a video that ends too early and a stream that is lost; not given, it is a warning.

    Raises:
        PictureError: there is nothing to read, see ``read_video``, ``read_camera``, ``read_stream``.

    Example:
        >>> for frame in read_source("rtsp://door.local/1"):
        ...     print(frame.index, frame.time)
    """
    live = live_source(source)
    if isinstance(live, int):
        return _within(read_camera(live), section)
    if live is not None:
        return _within(read_stream(live, tell), section)
    path = Path(str(source))
    return _within(_read_sequence(path, tell), section) if is_sequence(path) else read_video(path, tell, section)


def _within(frames: Generator[Frame], section: Section) -> Generator[Frame]:
    with closing(frames):
        for frame in frames:
            if section.is_over(frame.time):
                return
            if section.holds(frame.index, frame.time):
                yield frame


def _read_sequence(pattern: Path, tell: Tell | None) -> Generator[Frame]:
    paths, bad = numbered(pattern), 0
    for index, path in enumerate(paths):
        try:
            picture = read_picture(path)
        except PictureError as error:
            bad += 1
            _say(f"left out: {error}", tell)
        else:
            yield Frame(str(pattern), index, index / _SEQUENCE_RATE, picture)
    if bad == len(paths):
        message = f"{pattern}: not one of its {bad} pictures can be read; see what was told of each"
        raise PictureError(message)


def read_stream(address: str, tell: Tell | None = None) -> Generator[Frame]:
    """Yield what a stream gives, without faces; opened again when it breaks off, ever less often for a minute.

    A video that lies on a server ends where it ends, also one that does not tell its length. ``index`` counts what
    came, ``time`` is seconds since the start.

    Args:
        address: ``rtsp://``, ``http://`` and the like.
        tell: is given a line when the stream is lost; not given, it is a warning.

    Raises:
        PictureError: nothing comes from there at first, or for a minute.

    Example:
        >>> next(read_stream("http://door.local/mjpeg")).image.shape
        (480, 640, 3)
    """
    began, index, capture = monotonic(), 0, open_stream(address)
    while True:
        with capture:
            for frame in iter(capture.read, None):
                time = round(monotonic() - began, 6) if capture.live else frame.time
                yield replace(frame, index=index, time=time)
                index += 1
        if not index:
            message = f"{capture.name}: gives no picture; check that it is a video"
            raise PictureError(message)
        if not capture.live:
            tell_missing(capture, tell)
            return
        _say(f"{capture.name}: broke off; trying again", tell)
        capture = _reopened(address)


def _reopened(address: str) -> Capture:
    """Return a lost stream that gives pictures again."""
    wait, end = _FIRST_WAIT, monotonic() + GIVE_UP
    while monotonic() + wait <= end:
        sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT)
        try:
            capture = open_stream(address)
        except PictureError:
            continue
        if capture.grab() is not None:
            return capture
        capture.close()
    message = f"{live_name(address)}: gave nothing for {GIVE_UP:.0f} s; check that it is being sent, then start again"
    raise PictureError(message)


def _say(line: str, tell: Tell | None) -> None:
    if tell is None:
        warnings.warn(line, stacklevel=2)
    else:
        tell(line)
