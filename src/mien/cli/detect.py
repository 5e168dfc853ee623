"""``mien detect``: the faces in pictures and what they express."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mien.cli.progress import notes, progress
from mien.detect import Detector
from mien.errors import PictureError
from mien.labels import color_of
from mien.results import Frame
from mien.vision.faces import FINDERS
from mien.vision.media import read_frames
from mien.vision.sinks import SINKS, Sink, frame_row, sink_named
from mien.vision.sources import LIST, Source, expand

_PIPE_WIDTH = 10_000  # columns of a table that goes into a pipe: nothing is cut there


def detect(
    source: list[str] = typer.Argument(help="Pictures, folders, globs, or `-` for a list of files on stdin."),
    model: Path | None = typer.Option(None, help="A model.onnx or a run folder. [default: the bundled model]"),
    faces: str = typer.Option("auto", help=f"How faces are found: {', '.join(FINDERS)} (each picture is one face)."),
    save: str = typer.Option("", help=f"What to write, comma-separated: {', '.join(SINKS)}.", show_default="nothing"),
    out: Path = typer.Option(Path("mien-out"), help="The folder that --save writes into."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object a picture instead of the table."),
) -> None:
    """Find the faces in pictures and tell their expressions.

    Folders are searched with everything below them. Results go to stdout; nothing is written unless --save names it.
    A picture that cannot be read is told by name on stderr and the others go on: the exit code is 1 only when not one
    picture could be read. An expression with a question mark is uncertain: under the model's own threshold.

    For example:

        mien detect photo.jpg

        mien detect holiday/ --save picture,csv --out faces

        mien detect "shots/*.png" --json | jq .faces

        find . -name "*.jpg" | mien detect - --save jsonl
    """
    _check_choices(faces, save)
    sources = expand(source, listed=sys.stdin if LIST in source else (), leave_out=out if save else None)
    detector = Detector(model, faces=faces)
    sinks = [sink_named(name, out, sources, detector.classify.labels) for name in _names(save)]
    bad: list[PictureError] = []
    frames = _frames(detector, sources, sinks, bad, with_bar=len(sources) > 1 and not as_json)
    if as_json:
        for frame in frames:
            typer.echo(json.dumps(frame_row(frame)))
    else:
        _print_table(frames)
    for sink in sinks:
        notes.print(f"wrote {sink.target}", markup=False, soft_wrap=True)
    _report(bad, len(sources))


def _check_choices(faces: str, save: str) -> None:
    """Refuse an unknown name as wrong usage: exit 2."""
    if faces not in FINDERS:
        raise typer.BadParameter(f"{faces!r} is not one of {', '.join(FINDERS)}", param_hint="--faces")
    unknown = [name for name in _names(save) if name not in SINKS]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is not one of {', '.join(SINKS)}", param_hint="--save")


def _names(save: str) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in save.split(",") if name.strip()))


def _frames(
    detector: Detector, sources: list[Source], sinks: list[Sink], bad: list[PictureError], *, with_bar: bool
) -> Iterator[Frame]:
    """Yield frames with faces, each written to all sinks; pictures that cannot be read go to ``bad``."""

    def on_bad(source: Source, error: PictureError) -> None:
        bad.append(error)
        if len(sources) > 1:
            notes.print(f"skipped: {_printable(str(error))}", markup=False, soft_wrap=True)

    with ExitStack() as stack:
        for sink in sinks:
            stack.enter_context(sink)
        watch = stack.enter_context(progress("Detecting")) if with_bar else None
        for number, frame in enumerate(detector.fill(read_frames(sources, on_bad)), start=1):
            for sink in sinks:
                sink.write(frame)
            if watch is not None:
                watch(number + len(bad), len(sources))
            yield frame


def _print_table(frames: Iterator[Frame]) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("picture", overflow="fold")
    table.add_column("face", justify="right")
    table.add_column("box (x y width height)", no_wrap=True)
    table.add_column("expression", no_wrap=True)
    table.add_column("confidence", justify="right")
    for frame in frames:
        name = Text(_printable(frame.source))
        if not frame.faces:
            table.add_row(name, "", "", Text("no face found", style="dim"), "")
        for number, face in enumerate(frame.faces):
            red, green, blue = color_of(face.label, list(face.probabilities).index(face.label))
            label = Text(face.label + ("?" if face.uncertain else ""), style=f"rgb({red},{green},{blue})")
            box = " ".join(str(value) for value in face.box)
            table.add_row(name, str(number), box, label, f"{face.confidence:.1%}")
    if table.row_count:
        Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(table)


def _report(bad: list[PictureError], total: int) -> None:
    """Tell how many pictures could not be read; fail where it was all of them."""
    if total == 1 and bad:
        raise bad[0]
    if bad:
        notes.print(f"{len(bad)} of {total} pictures could not be read")
    if len(bad) == total:
        raise typer.Exit(1)


def _printable(text: str) -> str:
    """Return a file name that any terminal can show, also one that is not UTF-8."""
    return os.fsencode(text).decode("utf-8", "replace")
