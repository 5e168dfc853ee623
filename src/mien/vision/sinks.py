"""Writing: frames with faces in, files out. Every sink is a ``with`` object with ``write(frame)``.

A sink opens its file when the block begins and closes it when the block ends, also after an error.
"""

import os
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkstemp
from types import TracebackType
from typing import Protocol, Self

from mien.errors import MienError, OutputError
from mien.results import Frame
from mien.vision.draw import annotate
from mien.vision.movie import Movie, Tell, open_movie
from mien.vision.rows import CsvSink, JsonlSink
from mien.vision.saving import told, write_picture
from mien.vision.sources import Source, result_names


class Sink(Protocol):
    """What takes frames and writes them somewhere; ``target`` is the file or folder that it writes."""

    target: Path

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def write(self, frame: Frame) -> None:
        """Write one frame."""


class PictureSink:
    """Writes each picture with its faces drawn in, under the source's own name below a folder; videos are left out.

    JPEG stays JPEG, everything else becomes PNG. Two sources of one name get ``name.jpg`` and ``name-2.jpg``. A picture
    of an earlier run is replaced, a source never.

    Args:
        target: the folder; made when it is missing.
        sources: the pictures and videos that will come.

    Example:
        >>> with PictureSink(Path("mien-out"), sources) as sink:
        ...     for frame in Detector().fill(read_frames(sources)):
        ...         sink.write(frame)
    """

    def __init__(self, target: Path, sources: Sequence[Source]) -> None:
        self.target = target
        self._names = result_names([source for source in sources if not source.is_video], (".jpg", ".jpeg", ".png"))
        self._kept = {source.path.resolve() for source in sources}

    def __enter__(self) -> Self:
        with told(self.target):
            self.target.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing stays open between two pictures."""

    def write(self, frame: Frame) -> None:
        """Write one annotated picture.

        Raises:
            OutputError: the file cannot be written, or would replace a source.
        """
        if frame.source in self._names:
            file = spared(self.target / self._names[frame.source], self._kept)
            write_picture(file, annotate(frame.image, frame.faces))


class VideoSink:
    """Writes each video with its faces drawn in as ``NAME.mp4`` below a folder; pictures are left out.

    A video has its name once it is finished; an interrupted one is finished with what it has. See ``movie`` for what is
    inside. A video of an earlier run is replaced, a source never.

    Args:
        target: the folder; made when it is missing.
        sources: the pictures and videos that will come; where just one is a video, ``self.target`` is its file.
        tell: is given a line for people where PyAV is missing or a sound does not fit.

    Example:
        >>> with VideoSink(Path("mien-out"), sources) as sink:
        ...     for frame in Detector().stream("clip.mp4"):
        ...         sink.write(frame)
    """

    def __init__(self, target: Path, sources: Sequence[Source], tell: Tell = lambda line: None) -> None:
        self._folder = target
        self._names = result_names([source for source in sources if source.is_video], (".mp4",))
        self.target = target / next(iter(self._names.values())) if len(self._names) == 1 else target
        self._kept = {source.path.resolve() for source in sources}
        self._tell_once = cache(tell)
        self._part: _Part | None = None

    def __enter__(self) -> Self:
        with told(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish()

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
            self._drop()
            raise

    def _begun(self, source: str) -> "_Part":
        file = spared(self._folder / self._names[source], self._kept)
        with told(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            handle, name = mkstemp(dir=file.parent, prefix=f".{file.stem}-", suffix=".mp4")
            os.close(handle)
        try:
            return _Part(source, file, Path(name), open_movie(Path(name), Path(source), self._tell_once))
        except BaseException:
            Path(name).unlink()
            raise

    def _finish(self) -> None:
        if self._part is None:
            return
        part = self._part
        try:
            part.movie.finish()
            with told(part.file):
                part.temporary.chmod(0o644)
                part.temporary.replace(part.file)
        finally:
            self._drop()

    def _drop(self) -> None:
        if self._part is not None:
            self._part.temporary.unlink(missing_ok=True)
        self._part = None


@dataclass(frozen=True)
class _Part:
    """A video that is being written: its source, its name when finished, its name until then."""

    source: str
    file: Path
    temporary: Path
    movie: Movie


SINKS = ("picture", "video", "csv", "jsonl")


def sink_named(
    name: str, folder: Path, sources: Sequence[Source], labels: Sequence[str], tell: Tell = lambda line: None
) -> Sink:
    """Return the sink of a name in ``SINKS``, writing below a folder: pictures, videos, ``faces.csv``, ``faces.jsonl``.

    Args:
        name: one of ``SINKS``.
        folder: where everything goes.
        sources: the pictures and videos that will come.
        labels: the class names.
        tell: is given lines for people, see ``VideoSink``.

    Raises:
        MienError: there is no sink of that name.

    Example:
        >>> sink_named("csv", Path("mien-out"), sources, detector.classify.labels).target
        PosixPath('mien-out/faces.csv')
    """
    if name == "picture":
        return PictureSink(folder, sources)
    if name == "video":
        return VideoSink(folder, sources, tell)
    if name == "csv":
        return CsvSink(folder / "faces.csv", labels)
    if name == "jsonl":
        return JsonlSink(folder / "faces.jsonl")
    message = f"save {name!r}: unknown; expected some of {', '.join(SINKS)}"
    raise MienError(message)


def spared(file: Path, kept: Set[Path]) -> Path:
    """Return the file, unless it is one of the sources.

    Raises:
        OutputError: writing it would replace a source.
    """
    if file.resolve() in kept:
        message = f"{file}: is one of the sources and would be replaced; give another folder with --out"
        raise OutputError(message)
    return file
