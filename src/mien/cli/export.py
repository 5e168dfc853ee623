"""``mien export``: a run's model in another format."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mien.cli.backend import need_keras
from mien.cli.quiet import native_notes_hidden
from mien.model.file import read_model


class Format(StrEnum):
    """What a model can be exported to."""

    onnx = "onnx"
    litert = "litert"


_SUFFIXES = {Format.onnx: ".onnx", Format.litert: ".tflite"}


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished mien train.")],
    kind: Annotated[
        Format, typer.Option("--format", help="onnx (what mien itself uses) or litert (.tflite, for phones).")
    ] = Format.onnx,
    int8: Annotated[
        bool,
        typer.Option(
            "--int8", help="ONNX in whole numbers of 8 bits: a quarter of compact's size, faster, a little off."
        ),
    ] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Written there, not into the run folder.")] = None,
) -> None:
    """Export a run's model; the file is checked to give the same probabilities as Keras.

    For example:

        mien export runs/2026-11-22-compact-1 --format onnx --out face.onnx

        mien export runs/2026-11-22-compact-1 --format litert

        mien export runs/2026-11-22-compact-1 --int8      # then: mien evaluate RUN/model-int8.onnx --data DIR
    """
    need_keras("mien export")
    read_model(run)
    if int8 and kind is not Format.onnx:
        raise typer.BadParameter("goes with --format onnx only", param_hint="--int8")
    if out is not None and out.suffix != _SUFFIXES[kind]:
        raise typer.BadParameter(f"{out}: expected a name that ends in {_SUFFIXES[kind]}", param_hint="--out")
    if int8:
        _export_int8(run, out)
        return
    with native_notes_hidden():
        from mien.training.export import export_run

        made = export_run(run, kind.value, out)
    typer.echo(
        f"{made} ({made.stat().st_size / 1e6:.1f} MB), same probabilities as Keras within 0.0001 for 1, 5 and 64 faces"
    )


def _export_int8(run: Path, out: Path | None) -> None:
    with native_notes_hidden():
        from mien.training.quantize import quantize_run

        made, agreement = quantize_run(run, out)
    typer.echo(
        f"{made} ({made.stat().st_size / 1e6:.1f} MB), calls {agreement:.1%} of training pictures the same as the "
        f"run's model; measure it: mien evaluate {made} --data DIR"
    )
