"""Rows: frames with faces in, CSV and JSONL files out, row by row.

Rows are flushed as they come, so an interrupted run leaves every finished row readable.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from mien.errors import OutputError
from mien.results import Frame
from mien.vision.saving import told

_CSV_COLUMNS = ("source", "index", "time", "face", "x", "y", "width", "height", "label", "confidence", "uncertain")


def frame_row(frame: Frame) -> dict[str, Any]:
    """Return a frame as plain values, ready for JSON: one row a frame, with all its faces, also if it has none.

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
        with told(self.target):
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
        with told(self.target):
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
        with told(self.target):
            csv.writer(self._open, lineterminator="\n").writerows(rows)
            self._open.flush()


def _figure(value: float) -> str:
    return f"{value:.6g}"
