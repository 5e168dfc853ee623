"""``mien detect --engine ray``: pictures shared out to workers, a data set of Parquet files as the result."""

import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from mien.cli.progress import progress
from mien.cli.quiet import native_notes_hidden
from mien.cli.reading import tell
from mien.cluster.job import check_installed, joined, run
from mien.cluster.kept import begin, keep, missing
from mien.cluster.parts import Part, cut
from mien.cluster.work import Done, settings_for
from mien.errors import PictureError
from mien.vision.sources import LIST, WITH_TABLES, Source, expand

ENGINES = ("local", "ray")


@dataclass(frozen=True)
class Place:
    """Where the work is done.

    Attributes:
        engine: one of ``ENGINES``.
        address: of a Ray cluster.
        workers: how many there are.
    """

    engine: str
    address: str | None
    workers: int | None

    def check(self, save: Sequence[str], local: Mapping[str, object]) -> None:
        """Refuse as wrong usage, exit 2, what does not go together.

        Args:
            save: the names in --save.
            local: options of the local engine alone, and what they are set to; nothing where they are left out.
        """
        if self.engine not in ENGINES:
            raise typer.BadParameter(f"{self.engine!r} is not one of {', '.join(ENGINES)}", param_hint="--engine")
        mine = {"--address": self.address, "--workers": self.workers}
        for name, value in (local if self.engine == "ray" else mine).items():
            if value:
                way = "does not go" if self.engine == "ray" else "goes only"
                raise typer.BadParameter(f"{way} with --engine ray", param_hint=name)
        if self.engine == "ray" and set(save) - {"parquet"}:
            raise typer.BadParameter("--engine ray writes parquet and nothing else", param_hint="--save")


def detect_with_ray(
    source: Sequence[str], model: Path | None, faces: str, out: Path, place: Place, *, resume: bool
) -> None:
    """Write ``faces.parquet`` below ``out``: what --save parquet writes, and a row with an error a bad picture."""
    check_installed()
    sources = expand(source, listed=sys.stdin if LIST in source else (), leave_out=out, suffixes=WITH_TABLES)
    _check_sources(sources)
    settings, parts, folder = settings_for(model, faces), cut(sources), out / "faces.parquet"
    if not parts:
        message = f"{sources[0].text}: has no rows; give Parquet files with pictures in them"
        raise PictureError(message)
    left = missing(folder, parts, settings) if resume else parts
    if not left:
        tell(f"{folder} has all of its {len(parts)} parts")
        return
    done: list[Done] = []
    try:
        with _connected(place):
            if not resume:
                begin(folder)
            for one in _told(run(left, settings, place.workers), left):
                keep(folder, one)
                done.append(replace(one, table=b""))
    except KeyboardInterrupt:
        tell(f"interrupted: {len(parts) - len(left) + len(done)} of {len(parts)} parts are in {folder}")
        raise
    tell(f"wrote {folder}")
    _report(done, left, whole=len(left) == len(parts))


def _check_sources(sources: Sequence[Source]) -> None:
    for source in sources:
        if source.is_video:
            message = f"{source.text}: --engine ray reads pictures and Parquet; leave it to the local engine"
            raise typer.BadParameter(message, param_hint="SOURCE")


@contextmanager
def _connected(place: Place) -> Iterator[None]:
    with ExitStack() as stack:
        with native_notes_hidden():
            stack.enter_context(joined(place.address, place.workers))
        yield


def _told(done: Generator[Done], wanted: Sequence[Part]) -> Generator[Done]:
    """Yield the parts as they get done; show how far it is, and tell of pictures that could not be read."""
    read, total = 0, sum(part.count for part in wanted)
    with closing(done), progress("Detecting") as watch:
        for one in done:
            for reason in one.bad:
                tell(f"skipped: {reason}")
            read += one.part.count
            watch(read, total)
            yield one


def _report(done: Sequence[Done], wanted: Sequence[Part], *, whole: bool) -> None:
    """Print how many pictures and faces there were; exit 1 where a part failed, or not one picture could be read."""
    count, bad = sum(one.part.count for one in done), sum(len(one.bad) for one in done)
    typer.echo(f"{count} pictures, {sum(one.faces for one in done)} faces, {bad} pictures that could not be read")
    numbers = {one.part.number for one in done}
    lost = [part for part in wanted if part.number not in numbers]
    for part in lost:
        tell(f"failed: {part.name}: no worker could do it, Ray's log says why; --resume tries it again")
    if lost or (whole and bad == count):
        raise typer.Exit(1)
