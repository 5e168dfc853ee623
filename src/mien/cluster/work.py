"""A worker's work: the pictures of a part in, a Parquet file of its rows out. Knows nothing of Ray."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2

from mien import __version__
from mien.cluster.parts import Part
from mien.cluster.stored import Rows, read_stored
from mien.detect import Detector
from mien.errors import ClusterError, PictureError
from mien.model.classify import Classifier
from mien.model.file import ModelFile, read_model
from mien.pictures import read_picture
from mien.results import Frame
from mien.vision.downloads import is_pulled, read_download
from mien.vision.faces import Finder, whole_picture
from mien.vision.haar import Cascades, HaarFinder
from mien.vision.stills import StillFinder
from mien.vision.table import parquet_bytes, parquet_schema
from mien.vision.yunet import YuNetFinder
from mien.writing import printable

if TYPE_CHECKING:
    import pyarrow

ERROR = "error"  # the column after those of Frame.rows
MARK = b"mien"  # the key under which a part says what it was made of
CORES = 1  # a worker


@dataclass(frozen=True)
class Settings:
    """All that a worker needs, whatever lies on its machine.

    Attributes:
        model: the model file.
        faces: ``haar``, ``yunet`` or ``none``.
        yunet: what YuNet's file holds, empty if faces are found otherwise.
        folder: where relative paths begin; a worker may run elsewhere.
        version: of mien; a worker of another one refuses to work.
    """

    model: ModelFile
    faces: str
    yunet: bytes = field(repr=False)
    folder: Path = field(default_factory=Path.cwd)
    version: str = __version__

    @property
    def sum(self) -> str:
        """A SHA-256 of what decides on the rows, in hexadecimal."""
        parts = (self.model.data, self.faces.encode(), self.yunet)
        return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


@dataclass(frozen=True)
class Done:
    """A part that is done.

    Attributes:
        part: which.
        table: the Parquet file of its rows.
        faces: how many were found.
        bad: why pictures could not be read.
    """

    part: Part
    table: bytes = field(repr=False)
    faces: int
    bad: tuple[str, ...]


def settings_for(model: str | Path | None, faces: str) -> Settings:
    """Return the settings of a job; what ``auto`` means is decided here, the same for all machines.

    Raises:
        ModelError: the model or YuNet cannot be read.

    Example:
        >>> settings_for(None, "auto").faces
        'haar'
    """
    if faces == "auto":
        faces = "yunet" if is_pulled("yunet") else "haar"
    return Settings(read_model(model), faces, read_download("yunet") if faces == "yunet" else b"")


def mark(part: Part, total: str) -> bytes:
    """Return what a part of this job with settings of this sum carries, so that it is known again."""
    return hashlib.sha256(f"{total} {part}".encode()).hexdigest().encode()


class Worker:
    """Reads parts, one after the other, with the model loaded once and one core.

    Raises:
        ClusterError: this machine has another version of mien.

    Example:
        >>> worker = Worker(settings_for(None, "auto"))
        >>> [worker.work(part).faces for part in cut(expand(["photos"]))]
        [1042, 977, 240]
    """

    def __init__(self, settings: Settings) -> None:
        if settings.version != __version__:
            message = (
                f"a machine of the cluster has mien {__version__}, the job is of {settings.version}; install the same "
                f"version on every machine: pip install mien=={settings.version}"
            )
            raise ClusterError(message)
        cv2.setNumThreads(CORES)
        self._detector = Detector(Classifier(settings.model, threads=CORES), faces=_finder(settings))
        self._folder, self._sum = settings.folder, settings.sum

    def work(self, part: Part) -> Done:
        """Return the rows of a part as ``Frame.rows`` has them; a picture that cannot be read has one with an error."""
        rows: list[dict[str, Any]] = []
        bad: list[str] = []
        for frame in _frames(part, self._folder):
            if isinstance(frame, Frame):
                rows += replace(frame, faces=tuple(self._detector(frame.image))).rows()
            else:
                rows.append(frame)
                bad.append(frame[ERROR])
        return Done(part, parquet_bytes(self._table(rows, part)), len(rows) - len(bad), tuple(bad))

    def _table(self, rows: list[dict[str, Any]], part: Part) -> "pyarrow.Table":
        import pyarrow

        schema = parquet_schema(self._detector.classify.labels).append(pyarrow.field(ERROR, pyarrow.string()))
        return pyarrow.Table.from_pylist(rows, schema=schema.with_metadata({MARK: mark(part, self._sum)}))


def _finder(settings: Settings) -> Finder:
    """Return the finder of that name, as ``Detector`` would have it, with as many threads as there are cores."""
    if settings.faces == "none":
        return whole_picture
    cascades = Cascades(CORES)
    return StillFinder(YuNetFinder(settings.yunet), cascades) if settings.yunet else HaarFinder(cascades)


def _frames(part: Part, folder: Path) -> Iterator[Frame | dict[str, Any]]:
    """Yield the pictures of a part; of one that cannot be read, its row."""
    for source, index, given in _given(part, folder):
        try:
            if isinstance(given, PictureError):
                raise given
            picture = read_picture(given, name=f"{source}, row {index}")
        except PictureError as error:
            yield _bad(source, index, error)
        else:
            yield Frame(printable(source), index, 0.0, picture)


def _given(part: Part, folder: Path) -> Iterator[tuple[str, int, Path | bytes | PictureError]]:
    """Yield what pictures are called and where or what they are; where a Parquet file breaks off, why."""
    if not isinstance(part.pictures, Rows):
        yield from ((path, 0, folder / path) for path in part.pictures)
        return
    file, after = part.pictures.file, part.pictures.start
    try:
        for row, data in read_stored(replace(part.pictures, file=str(folder / file))):
            yield file, row, data
            after = row + 1
    except PictureError as error:
        yield file, after, error


def _bad(source: str, index: int, error: PictureError) -> dict[str, Any]:
    return {"source": printable(source), "index": index, "time": 0.0, ERROR: printable(str(error))}
