"""``mien detect``: the faces in pictures and videos and what they express."""

import json
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import typer

from mien.cli.progress import progress
from mien.cli.reading import report_unreadable, tell
from mien.cli.tables import PictureTable, VideoTable
from mien.detect import Detector
from mien.errors import PictureError
from mien.results import Frame
from mien.vision.faces import FINDERS
from mien.vision.media import count_frames, read_frames
from mien.vision.rows import frame_row
from mien.vision.sinks import SINKS, Sink, sink_named
from mien.vision.sources import LIST, Source, expand


def detect(
    source: list[str] = typer.Argument(help="Pictures, videos, folders, globs, or `-` for a list of files on stdin."),
    model: Path | None = typer.Option(None, help="A model.onnx or a run folder. [default: the bundled model]"),
    faces: str = typer.Option("auto", help=f"How faces are found: {', '.join(FINDERS)} (each picture is one face)."),
    save: str = typer.Option("", help=f"What to write, comma-separated: {', '.join(SINKS)}.", show_default="nothing"),
    out: Path = typer.Option(Path("mien-out"), help="The folder that --save writes into."),
    as_json: bool = typer.Option(
        False, "--json", help="Print one JSON object a picture or frame instead of the table."
    ),
) -> None:
    """Find the faces in pictures and videos and tell their expressions.

    Folders are searched with everything below them. Results go to stdout; nothing is written unless --save names it.
    A file that cannot be read is told by name on stderr and the others go on: the exit code is 1 only when not one
    could be read. An expression with a question mark is uncertain: under the model's own threshold.

    --save picture writes annotated pictures, --save video annotated videos with their sound, csv and jsonl the rows of
    both. Ctrl-C leaves what is written by then, readable.

    For example:

        mien detect photo.jpg

        mien detect holiday/ --save picture,csv --out faces

        mien detect clip.mp4 --save video,csv

        mien detect "shots/*.png" --json | jq .faces

        find . -name "*.jpg" | mien detect - --save jsonl
    """
    _check_choices(faces, save)
    sources = expand(source, listed=sys.stdin if LIST in source else (), leave_out=out if save else None)
    detector = Detector(model, faces=faces)
    sinks = [sink_named(name, out, sources, detector.classify.labels, tell) for name in _useful(save, sources)]
    bad: list[PictureError] = []
    frames = _frames(detector, sources, sinks, bad, with_bar=not as_json)
    try:
        _print_json(frames) if as_json else _print_tables(frames)
    except KeyboardInterrupt:  # what there is by then is whole
        _tell_written(sinks)
        tell("interrupted")
        raise
    if len(bad) < len(sources):
        _tell_written(sinks)
    report_unreadable(bad, len(sources))


def _check_choices(faces: str, save: str) -> None:
    """Refuse an unknown name as wrong usage: exit 2."""
    if faces not in FINDERS:
        raise typer.BadParameter(f"{faces!r} is not one of {', '.join(FINDERS)}", param_hint="--faces")
    unknown = [name for name in _names(save) if name not in SINKS]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is not one of {', '.join(SINKS)}", param_hint="--save")


def _names(save: str) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in save.split(",") if name.strip()))


def _useful(save: str, sources: list[Source]) -> Iterator[str]:
    """Yield what --save names, without a kind of file that is not among the sources."""
    for name in _names(save):
        if name in ("picture", "video") and all(source.is_video == (name == "picture") for source in sources):
            tell(f"nothing for --save {name}: there is no {name} among the files")
        else:
            yield name


def _frames(
    detector: Detector, sources: list[Source], sinks: list[Sink], bad: list[PictureError], *, with_bar: bool
) -> Generator[Frame]:
    """Yield frames with faces, each written to all sinks; sources that cannot be read go to ``bad``."""

    def on_bad(source: Source, error: PictureError) -> None:
        bad.append(error)
        if len(sources) > 1:
            tell(f"skipped: {error}")

    with ExitStack() as stack:
        for sink in sinks:
            stack.enter_context(sink)
        total = count_frames(sources)
        watch = stack.enter_context(progress("Detecting")) if with_bar and total > 1 else None
        for number, frame in enumerate(detector.fill(read_frames(sources, on_bad, tell)), start=1):
            for sink in sinks:
                sink.write(frame)
            if watch is not None:
                watch(number + len(bad), max(total, number))
            yield frame


def _print_json(frames: Generator[Frame]) -> None:
    with closing(frames):
        for frame in frames:
            typer.echo(json.dumps(frame_row(frame)))


def _print_tables(frames: Generator[Frame]) -> None:
    """Print pictures with a row a face and videos with a row each; after Ctrl-C those that there are."""
    pictures, videos = PictureTable(), VideoTable()
    try:
        for frame in frames:
            table = videos if Source(Path(frame.source), Path(frame.source)).is_video else pictures
            table.add(frame)
    finally:
        frames.close()
        pictures.print()
        videos.print()


def _tell_written(sinks: list[Sink]) -> None:
    for sink in sinks:
        tell(f"wrote {sink.target}")
