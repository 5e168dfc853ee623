"""``mien explain``: which parts of a face decided."""

import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import typer

from mien import explain as explaining
from mien.cli.progress import progress
from mien.cli.reading import report_unreadable, tell
from mien.cli.tables import ExplanationTable
from mien.cli.usage import wrong_usage
from mien.detect import Detector, as_picture
from mien.errors import PictureError
from mien.results import Explanation
from mien.vision.faces import FINDERS
from mien.vision.overlay import overlay
from mien.vision.saving import spared, write_picture
from mien.vision.sources import LIST, Source, expand, result_names


def explain(
    picture: list[str] = typer.Argument(help="Pictures, folders, globs, or `-` for a list of files on stdin."),
    model: Path | None = typer.Option(
        None, help="A model.onnx, a run folder, bundled or bundled-int8. [default: the bundled model]"
    ),
    out: Path = typer.Option(Path("mien-explain"), help="The folder that the pictures with maps are written into."),
    expression: str | None = typer.Option(
        None, metavar="NAME", help="Whose probability is explained. [default: each face's own]"
    ),
    faces: str = typer.Option("auto", help=f"How faces are found: {', '.join(FINDERS)} (each picture is one face)."),
) -> None:
    """Show which parts of each face decided on its expression.

    A grey patch slides over the face; where it costs the expression probability, that part spoke for it (warm), where
    it gains some, against it (cool). Each picture with a face is written into --out as a PNG with its maps; the table
    names the part that mattered most: the part of the square around the face in which a patch costs most on average.

    For example:

        mien explain photo.jpg

        mien explain holiday/ --model runs/2026-01-05-compact-1 --out maps

        mien explain crops/ --faces none --expression fear
    """
    if faces not in FINDERS:
        raise typer.BadParameter(f"{faces!r} is not one of {', '.join(FINDERS)}", param_hint="--faces")
    sources = expand(picture, listed=sys.stdin if LIST in picture else (), leave_out=out)
    detector = Detector(model, faces=faces)
    if expression is not None:
        with wrong_usage("--expression"):
            explaining.class_named(expression, detector.classify)
    bad: list[PictureError] = []
    table, written = ExplanationTable(), 0
    try:
        with closing(_explained(detector, sources, expression, out, bad)) as found:
            for source, explanations in found:
                table.add(source, explanations)
                written += bool(explanations)
    finally:
        table.print()
        if written:
            tell(f"wrote {out}")
    report_unreadable(bad, len(sources))


def _explained(
    detector: Detector, sources: list[Source], expression: str | None, out: Path, bad: list[PictureError]
) -> Generator[tuple[str, list[Explanation]]]:
    """Yield each picture's explanations, drawn and written; sources that cannot be read go to ``bad``."""
    names = result_names(sources, (".png",))
    kept = {source.path.resolve() for source in sources}
    with progress("Explaining") as watch:
        for number, source in enumerate(sources, start=1):
            try:
                image = as_picture(source.path)
            except PictureError as error:
                bad.append(error)
                if len(sources) > 1:
                    tell(f"skipped: {error}")
                continue
            explanations = explaining.explain(image, detector, expression=expression)
            if explanations:
                write_picture(spared(out / names[str(source.path)], kept), overlay(image, explanations))
            yield str(source.path), explanations
            watch(number, len(sources))
