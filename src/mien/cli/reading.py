"""Reading sources one after the other: pictures and videos in, frames with faces out, lines on stderr in between."""

from collections.abc import Generator, Sequence
from dataclasses import replace

import typer

from mien.cli.progress import notes
from mien.detect import Detector
from mien.errors import PictureError
from mien.pictures import read_picture
from mien.results import Frame
from mien.vision.media import Section, count_frames
from mien.vision.resume import Point
from mien.vision.sources import Source, is_live
from mien.vision.streams import read_source
from mien.writing import printable


class Reading:
    """Reads sources with a detector; one that cannot be read is told, and the next one is read.

    Args:
        detector: finds and tells.
        sources: what to read.
        section: which frames of each video.
        max_faces: how many faces of a video to follow at once; all if not given.
        point: where to go on: sources before it are left out.

    Attributes:
        sources: what there is to read.
        bad: why sources could not be read.
        complete: whether every source was read to its end.

    Example:
        >>> reading = Reading(Detector(), expand(["holiday"]), Section(), None, Point())
        >>> for frame in reading.frames():
        ...     print(frame.source, frame.faces)
    """

    def __init__(
        self, detector: Detector, sources: Sequence[Source], section: Section, max_faces: int | None, point: Point
    ) -> None:
        self.bad: list[PictureError] = []
        self.complete = False
        self._detector, self._section, self._max_faces, self._point = detector, section, max_faces, point
        self._single = len(sources) == 1
        texts = [source.text for source in sources]
        self.sources = sources[texts.index(point.source) if point.source else 0 :]

    def count(self) -> int:
        """Return how many frames the sources claim to have, for a progress bar."""
        return count_frames(self.sources, self._section)

    def frames(self) -> Generator[Frame]:
        """Yield every frame with its faces."""
        for source in self.sources:
            try:
                if source.is_table:
                    message = f"{source.path}: pictures in Parquet are read by --engine ray"
                    raise PictureError(message)
                if source.is_video:
                    yield from self._video(source)
                else:
                    frame = Frame(source.text, 0, 0.0, read_picture(source.path))
                    yield from (self._limited(filled) for filled in self._detector.fill([frame]))
            except PictureError as error:
                self.bad.append(error)
                if not self._single:
                    tell(f"skipped: {error}")
        self.complete = not self.bad

    def _limited(self, frame: Frame) -> Frame:
        return replace(frame, faces=frame.faces[: self._max_faces])

    def _video(self, source: Source) -> Generator[Frame]:
        goes_on = source.text == self._point.source
        section = replace(self._section, first=self._point.index) if goes_on else self._section
        given = source.path if source.live is None else source.live
        return self._detector.follow(
            read_source(given, section, tell),
            max_faces=self._max_faces,
            live=is_live(given),
            first_track=self._point.tracks + 1 if goes_on else 1,
        )


def report_unreadable(bad: list[PictureError], total: int) -> None:
    """Tell how many files could not be read; fail where it was all of them."""
    if total == 1 and bad:
        raise bad[0]
    if bad:
        notes.print(f"{len(bad)} of {total} files could not be read")
    if len(bad) == total:
        raise typer.Exit(1)


def tell(line: str) -> None:
    """Print a line of plain text to stderr, whatever is in it."""
    notes.print(printable(line), markup=False, soft_wrap=True)
