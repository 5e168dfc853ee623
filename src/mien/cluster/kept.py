"""The parts of a job on disk: which are there already, and writing those that come."""

from collections.abc import Sequence
from pathlib import Path

from mien.cluster.parts import Part
from mien.cluster.work import MARK, Done, Settings, mark
from mien.errors import OutputError
from mien.vision.saving import told
from mien.vision.table import part_name
from mien.writing import clear_unfinished, write_file


def begin(folder: Path) -> None:
    """Make the folder, without the parts of an earlier job.

    Raises:
        OutputError: it cannot be written.
    """
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        clear_unfinished(folder)
        for file in _parts(folder):
            file.unlink()


def missing(folder: Path, parts: Sequence[Part], settings: Settings) -> list[Part]:
    """Return the parts that an earlier job did not finish.

    Raises:
        OutputError: the folder holds parts of another job: other sources, another model, another face finder.

    Example:
        >>> [part.number for part in missing(Path("mien-out/faces.parquet"), parts, settings)]
        [7, 8, 9]
    """
    total, left = settings.sum, {part_name(part.number): part for part in parts}
    for file in _parts(folder):
        part = left.pop(file.name, None)
        if part is None or _mark(file) != mark(part, total):
            message = f"{file}: was not written with these sources, settings and model; leave out --resume"
            raise OutputError(message)
    return list(left.values())


def keep(folder: Path, done: Done) -> None:
    """Write a part, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    write_file(folder / part_name(done.part.number), done.table)


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("part-*.parquet"))


def _mark(file: Path) -> bytes | None:
    import pyarrow
    import pyarrow.parquet

    try:
        return (pyarrow.parquet.read_schema(file).metadata or {}).get(MARK)
    except (OSError, pyarrow.ArrowException):
        return None
