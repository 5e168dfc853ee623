"""Writing: frames with faces in, files out. Every sink is a ``with`` object with ``write(frame)``.

A sink opens its file when the block begins and closes it when the block ends, also after an error.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from mien.errors import MienError, OutputError, PictureError
from mien.results import Frame
from mien.vision.capture import open_video
from mien.vision.crops import Crop, CropSink
from mien.vision.draw import annotate
from mien.vision.movie import Movie, Tell, open_movie
from mien.vision.rows import CsvSink, JsonlSink
from mien.vision.saving import InFolder, spared, told, write_picture
from mien.vision.sources import Source, result_names
from mien.vision.table import ParquetSink
from mien.vision.timeline_sink import TimelineSink

_ROOM = len("-99.part.plain")  # what is added to a video's name, for a while or for good


class Sink(Protocol):
    """What takes frames and writes them somewhere; ``target`` is the file or folder that it writes."""

    target: Path

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def write(self, frame: Frame) -> None:
        """Write one frame."""


class PictureSink(InFolder):
    """Writes each picture with its faces drawn in, under the source's own name below a folder; videos are left out.

    JPEG stays JPEG, everything else becomes PNG. Two sources of one name get ``name.jpg`` and ``name-2.jpg``. A picture
    of an earlier run is replaced, a source never.

    Args:
        target: the folder; made when it is missing.
        sources: the pictures and videos that will come.

    Example:
        >>> with PictureSink(Path("mien-out"), sources) as sink:
        ...     sink.write(Frame("photo.jpg", 0, 0.0, image, tuple(detector(image))))
    """

    def __init__(self, target: Path, sources: Sequence[Source]) -> None:
        super().__init__(target)
        self.target = target
        self._names = result_names([source for source in sources if not source.is_video], (".jpg", ".jpeg", ".png"))
        self._kept = {source.path.resolve() for source in sources}

    def write(self, frame: Frame) -> None:
        """Write one annotated picture.

        Raises:
            OutputError: the file cannot be written, or would replace a source.
        """
        if frame.source in self._names:
            file = spared(self.target / self._names[frame.source], self._kept)
            write_picture(file, annotate(frame.image, frame.faces))


class VideoSink(InFolder):
    """Writes each video with its faces drawn in as ``NAME.mp4`` below a folder; pictures are left out.

    A video has its name once it is finished; an interrupted one is finished with what it has. A killed one stays behind
    as ``NAME.part.mp4``, which plays, and so does one for which there was no room. See ``movie`` for what is inside. An
    earlier run's video is replaced, a source never.

    Args:
        target: the folder; made when it is missing.
        sources: the pictures and videos that will come; where just one is a video, ``self.target`` is its file.
        tell: is given a line for people where PyAV is missing or a sound does not fit.

    Attributes:
        goes_on: set it to keep the video of an earlier run and write ``NAME-2.mp4`` after it.

    Example:
        >>> with VideoSink(Path("mien-out"), sources) as sink:
        ...     for frame in Detector().stream("clip.mp4"):
        ...         sink.write(frame)
    """

    def __init__(self, target: Path, sources: Sequence[Source], tell: Tell = lambda line: None) -> None:
        super().__init__(target)
        self._names = result_names([source for source in sources if source.is_video], (".mp4",), _ROOM)
        self.target = target / next(iter(self._names.values())) if len(self._names) == 1 else target
        self._kept = {source.path.resolve() for source in sources}
        self._files = {source.text: source.path for source in sources if source.path.is_file()}
        self.goes_on = False
        self._tell_once = cache(tell)
        self._part: _Part | None = None

    def write(self, frame: Frame) -> None:
        """Write one annotated frame; a frame of another video finishes the one before.

        Raises:
            OutputError: the file cannot be written, or would replace a source.
        """
        if self._part is None or frame.source != self._part.source:
            self._finish()
            self._part = self._begun(frame.source) if frame.source in self._names else None
        if self._part is None:
            return
        try:
            self._part.movie.write(annotate(frame.image, frame.faces), frame.time)
        except OutputError:
            self._part.leave()
            self._part = None
            raise

    def _begun(self, source: str) -> "_Part":
        file = spared(self._folder / self._names[source], self._kept)
        temporary = spared(file.with_suffix(".part.mp4"), self._kept)
        with told(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            if self.goes_on:
                if _plays(temporary):  # of a run that was killed
                    temporary.replace(_free(file))
                file = _free(file)
            temporary = spared(file.with_suffix(".part.mp4"), self._kept)
            temporary.touch()
        try:
            return _Part(source, file, temporary, open_movie(temporary, self._files.get(source), self._tell_once))
        except BaseException:
            temporary.unlink()
            raise

    def _finish(self) -> None:
        part, self._part = self._part, None
        if part is None:
            return
        try:
            part.movie.finish()
        except OutputError:
            part.leave()
            raise
        except KeyboardInterrupt:  # once more, while the last pictures are encoded
            if part.leave():
                self._name(part)
            raise
        self._name(part)

    def _name(self, part: "_Part") -> None:
        with told(part.file):
            part.temporary.replace(part.file)
        self.target = part.file if len(self._names) == 1 else self.target


@dataclass(frozen=True)
class _Part:
    """A video that is being written: its source, its name when finished, its name until then."""

    source: str
    file: Path
    temporary: Path
    movie: Movie

    def leave(self) -> bool:
        """Close it as it is; return whether it plays. Otherwise it is deleted."""
        self.movie.close()
        plays = _plays(self.temporary)
        if not plays:
            self.temporary.unlink(missing_ok=True)
        return plays


def _plays(file: Path) -> bool:
    """Return whether there is a video in the file: a picture at least reached it."""
    try:
        open_video(file).close()
    except PictureError:
        return False
    return True


def _free(file: Path) -> Path:
    """Return the file, or the next of its name that is not there: ``clip.mp4``, ``clip-2.mp4``."""
    number, free = 2, file
    while free.exists():
        free, number = file.with_stem(f"{file.stem}-{number}"), number + 1
    return free


@dataclass(frozen=True)
class Job:
    """What sinks are made for.

    Attributes:
        folder: where everything goes.
        sources: the pictures and videos that will come.
        labels: the class names.
        crop: cuts a face out of a picture, ``detector.crop``.
        tell: is given lines for people, see ``VideoSink``.
    """

    folder: Path
    sources: Sequence[Source]
    labels: Sequence[str]
    crop: Crop
    tell: Tell = lambda line: None


_MADE: dict[str, Callable[[Job], Sink]] = {
    "picture": lambda job: PictureSink(job.folder, job.sources),
    "video": lambda job: VideoSink(job.folder, job.sources, job.tell),
    "csv": lambda job: CsvSink(job.folder / "faces.csv", job.labels),
    "jsonl": lambda job: JsonlSink(job.folder / "faces.jsonl"),
    "parquet": lambda job: ParquetSink(job.folder / "faces.parquet", job.labels),
    "crops": lambda job: CropSink(job.folder / "crops", job.sources, job.crop),
    "timeline": lambda job: TimelineSink(job.folder, job.sources, job.labels),
}
SINKS = tuple(_MADE)
ROW_SINKS = (CsvSink, JsonlSink, ParquetSink)


def sink_named(name: str, job: Job) -> Sink:
    """Return the sink of a name in ``SINKS``.

    Raises:
        MienError: there is no sink of that name.
        MissingExtra: a package that it needs is not installed.

    Example:
        >>> job = Job(Path("mien-out"), sources, detector.classify.labels, detector.crop)
        >>> sink_named("csv", job).target
        PosixPath('mien-out/faces.csv')
    """
    if name not in _MADE:
        message = f"save {name!r}: unknown; expected some of {', '.join(SINKS)}"
        raise MienError(message)
    return _MADE[name](job)
