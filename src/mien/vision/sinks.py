"""Writing: frames with faces in, files out, row by row. Every sink is a ``with`` object with ``write(frame)``.

A sink opens its file when the block begins and closes it when the block ends, also after an error; rows are flushed as
they come, so an interrupted run leaves every finished row readable.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

import cv2

from mien.errors import MienError, OutputError
from mien.pictures import Picture
from mien.results import Frame
from mien.vision.draw import annotate
from mien.vision.sources import Source
from mien.writing import write_file

_JPEG_QUALITY = 92
_CSV_COLUMNS = ("source", "index", "time", "face", "x", "y", "width", "height", "label", "confidence", "uncertain")


class Sink(Protocol):
    """What takes frames and writes them somewhere; ``target`` is the file or folder that it writes."""

    target: Path

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def write(self, frame: Frame) -> None:
        """Write one frame."""


def frame_row(frame: Frame) -> dict[str, Any]:
    """Return a frame as plain values, ready for JSON: one row a picture, with all its faces, also if it has none.

    Example:
        >>> frame_row(frame)
        {'source': 'a.jpg', 'index': 0, 'time': 0.0, 'width': 640, 'height': 480, 'faces': []}
    """
    height, width = frame.image.shape[:2]
    return {
        "source": frame.source,
        "index": frame.index,
        "time": frame.time,
        "width": width,
        "height": height,
        "faces": [face.to_dict() for face in frame.faces],
    }


class _RowSink:
    """A text file that is written row by row."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        with _told(self.target):
            self.target.parent.mkdir(parents=True, exist_ok=True)
            # surrogateescape: a file name that is not UTF-8 keeps its bytes.
            self._file = self.target.open("w", encoding="utf-8", errors="surrogateescape", newline="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def _open(self) -> TextIO:
        if self._file is None:
            message = f"{self.target}: is not open; write inside a with block"
            raise OutputError(message)
        return self._file


class JsonlSink(_RowSink):
    """Writes one JSON object a line and frame (``frame_row``), also for frames without a face.

    Example:
        >>> with JsonlSink(Path("faces.jsonl")) as sink:
        ...     for frame in frames:
        ...         sink.write(frame)
    """

    def write(self, frame: Frame) -> None:
        """Write one line.

        Raises:
            OutputError: the file cannot be written.
        """
        with _told(self.target):
            self._open.write(json.dumps(frame_row(frame)) + "\n")
            self._open.flush()


class CsvSink(_RowSink):
    """Writes one row a face; a frame without a face gives none (``JsonlSink`` has a line for it).

    Columns: source, index (of the frame), time (s), face (number in the frame, from 0, largest first), x, y, width,
    height (pixels), label, confidence (0-1), uncertain (true, false), then one column a class: its probability.

    Args:
        target: the file.
        labels: the class names, in the order of their columns.

    Example:
        >>> with CsvSink(Path("faces.csv"), detector.classify.labels) as sink:
        ...     for frame in frames:
        ...         sink.write(frame)
    """

    def __init__(self, target: Path, labels: Sequence[str]) -> None:
        super().__init__(target)
        self._labels = tuple(labels)

    def __enter__(self) -> Self:
        super().__enter__()
        self._write_rows([[*_CSV_COLUMNS, *self._labels]])
        return self

    def write(self, frame: Frame) -> None:
        """Write the frame's faces.

        Raises:
            OutputError: the file cannot be written.
        """
        start = [frame.source, frame.index, frame.time]
        self._write_rows(
            [
                [*start, number, *face.box, face.label, _figure(face.confidence), str(face.uncertain).lower()]
                + [_figure(face.probabilities[label]) for label in self._labels]
                for number, face in enumerate(frame.faces)
            ]
        )

    def _write_rows(self, rows: Iterable[Sequence[object]]) -> None:
        with _told(self.target):
            csv.writer(self._open, lineterminator="\n").writerows(rows)
            self._open.flush()


class PictureSink:
    """Writes each frame's picture with its faces drawn in, under the source's own name below a folder.

    JPEG stays JPEG, everything else becomes PNG. Two sources of one name get ``name.jpg`` and ``name-2.jpg``. A picture
    of an earlier run is replaced, a source never.

    Args:
        target: the folder; made when it is missing.
        sources: the pictures that will come.

    Example:
        >>> with PictureSink(Path("mien-out"), sources) as sink:
        ...     for frame in Detector().fill(read_frames(sources)):
        ...         sink.write(frame)
    """

    def __init__(self, target: Path, sources: Sequence[Source]) -> None:
        self.target = target
        self._names = _unique_names(sources)
        self._kept = {source.path.resolve() for source in sources}

    def __enter__(self) -> Self:
        with _told(self.target):
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
        file = self.target / self._names[frame.source]
        if file.resolve() in self._kept:
            message = f"{file}: is one of the sources and would be replaced; give another folder with --out"
            raise OutputError(message)
        write_file(file, _encoded(annotate(frame.image, frame.faces), file))


SINKS = ("picture", "csv", "jsonl")


def sink_named(name: str, folder: Path, sources: Sequence[Source], labels: Sequence[str]) -> Sink:
    """Return the sink of a name in ``SINKS``, writing below a folder: pictures, ``faces.csv`` or ``faces.jsonl``.

    Raises:
        MienError: there is no sink of that name.

    Example:
        >>> sink_named("csv", Path("mien-out"), sources, detector.classify.labels).target
        PosixPath('mien-out/faces.csv')
    """
    if name == "picture":
        return PictureSink(folder, sources)
    if name == "csv":
        return CsvSink(folder / "faces.csv", labels)
    if name == "jsonl":
        return JsonlSink(folder / "faces.jsonl")
    message = f"save {name!r}: unknown; expected some of {', '.join(SINKS)}"
    raise MienError(message)


def _encoded(image: Picture, file: Path) -> bytes:
    settings = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY] if file.suffix.lower() != ".png" else []
    done, data = cv2.imencode(file.suffix, image, settings)
    if not done:  # a side longer than JPEG can hold
        size = f"{image.shape[1]} x {image.shape[0]}"
        message = f"{file}: a picture of {size} pixels does not fit this format; shrink it, or convert it to PNG"
        raise OutputError(message)
    return bytes(data.tobytes())


def _unique_names(sources: Sequence[Source]) -> dict[str, Path]:
    names: dict[str, Path] = {}
    taken: set[str] = set()
    for source in sources:
        wanted = source.name if source.name.suffix.lower() in (".jpg", ".jpeg") else source.name.with_suffix(".png")
        name, number = wanted, 2
        while str(name).lower() in taken:  # lower: file systems that do not tell A from a
            name, number = wanted.with_stem(f"{wanted.stem}-{number}"), number + 1
        taken.add(str(name).lower())
        names[str(source.path)] = name
    return names


def _figure(value: float) -> str:
    return f"{value:.6g}"


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn the system's error into one that names the file."""
    try:
        yield
    except OSError as error:
        message = f"{path}: cannot be written ({error.strerror or error}); give another folder with --out"
        raise OutputError(message) from error
