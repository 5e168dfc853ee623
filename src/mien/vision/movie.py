"""Writing a video: pictures with their times in, an mp4 file out, with the sound of the video they come from."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from mien.errors import install_command
from mien.pictures import Picture
from mien.vision.capture import open_video
from mien.vision.h264 import H264Movie
from mien.vision.mpeg4 import PlainMovie

Tell = Callable[[str], None]

_PLAIN = "annotated videos are plain MPEG-4 without sound, which browsers do not play; for H.264 with the sound kept: "
_USUAL_RATE = 25.0  # frames a second, where pictures come from no file


class Movie(Protocol):
    """A video file that is being written; it begins with its first picture, whenever that is in the origin."""

    def write(self, image: Picture, time: float) -> None:
        """Append a picture, BGR uint8 ``(height, width, 3)``, shown from ``time`` seconds of the origin on."""

    def finish(self) -> None:
        """Write what is still held back and close the file, also where that fails; once more does no harm."""

    def close(self) -> None:
        """Close the file as it is, without what is still held back; once more does no harm."""


def open_movie(target: Path, origin: Path | None, tell: Tell) -> Movie:
    """Open an mp4 file for the annotated pictures of a video: H.264 with its sound where PyAV is installed, else plain.

    Args:
        target: the file to write.
        origin: the video file that the pictures come from: its rate, its clock and its sound are taken over. None for a
            camera, a stream or single pictures.
        tell: is given a line for people where something is not as it should be: no PyAV, sound that does not fit.

    Raises:
        PictureError: ``origin`` is no video.
        OutputError: the file cannot be written.

    Example:
        >>> movie = open_movie(Path("out.mp4"), Path("clip.mp4"), print)
        >>> movie.write(annotate(frame.image, frame.faces), frame.time)
        >>> movie.finish()
    """
    rate = _USUAL_RATE
    if origin is not None:
        with open_video(origin) as capture:
            rate = capture.rate
    if _has_h264():
        return H264Movie(target, origin, rate, tell)
    tell(_PLAIN + install_command("video"))
    return PlainMovie(target, rate)


def _has_h264() -> bool:
    if find_spec("av") is None:
        return False
    import av

    return "libx264" in av.codecs_available
