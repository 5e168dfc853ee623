"""``mien train``: from data to a run folder."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.progress import notes
from mien.cli.quiet import native_notes_hidden
from mien.cli.watching import LiveTable
from mien.data.load import splits
from mien.errors import need

if TYPE_CHECKING:
    from mien.training.recipe import Recipe

Data = Annotated[str | None, typer.Option(metavar="DIR|CSV", help="Folders train/CLASS/* or fer2013.csv.")]
RecipeName = Annotated[
    str | None,
    typer.Option(metavar="NAME|FILE", help="reference, compact, tiny, or a TOML file.", show_default="compact"),
]
Epochs = Annotated[int | None, typer.Option(min=1, help="At most so many epochs; the recipe's own if not given.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a value of the recipe; repeatable.")
]
Seed = Annotated[int | None, typer.Option(min=0, help="All random draws derive from it.")]
Resume = Annotated[Path | None, typer.Option(metavar="RUN", help="Go on with a stopped or killed run.")]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Where run folders are made.")]


def train(
    data: Data = None,
    recipe: RecipeName = None,
    epochs: Epochs = None,
    settings: Settings = None,
    seed: Seed = None,
    resume: Resume = None,
    out: Out = Path("runs"),
) -> None:
    """Train a network from scratch and judge it on validation pictures.

    Makes RUNS/DATE-RECIPE-N/ with the model (model.onnx, model.keras), its plots and evaluation/val/report.html.
    Ctrl-C ends after the current step, keeps the best weights and still writes everything.

    For example:

        mien train --data fer2013/

        mien train --data fer2013.csv --recipe reference --epochs 12 --seed 1

        mien train --data faces/ --set batch=64 --set augment.rotation=15

        mien train --resume runs/2026-11-22-compact-1
    """
    need("train", "keras", "onnx", "tf2onnx", "tomli_w", "sklearn", "matplotlib", purpose="mien train")
    if resume is None:
        told = _told(data, recipe, epochs, settings, seed)
    elif data is not None or recipe is not None or settings or seed is not None:
        message = "goes on as the run began; of the other options only --epochs goes with it"
        raise typer.BadParameter(message, param_hint="--resume")
    else:
        from mien.training.run import check_resumable

        check_resumable(resume)
    notes.print("Loading Keras ...")
    with native_notes_hidden():
        from mien.training import loop
    with LiveTable() as watcher:
        run = loop.train(told, out, watcher) if resume is None else loop.resume(resume, epochs, watcher)
    _report(run.folder, run.metrics, run.best_epoch, run.data)


def _told(
    data: str | None, recipe: str | None, epochs: int | None, settings: list[str] | None, seed: int | None
) -> "Recipe":
    """Return what the run is told; what is wrong with it shows here, before Keras is loaded."""
    from mien.training.recipe import read_recipe, with_settings, with_values

    told = with_settings(read_recipe(recipe or "compact"), settings or [])
    told = with_values(told, epochs=epochs, seed=seed, data=data)
    if not told.data:
        raise typer.BadParameter("no data given: folders DIR/train/CLASS/*, or fer2013.csv", param_hint="--data")
    splits(told.data)
    return told


def _report(folder: Path, metrics: dict[str, float], best_epoch: int, data: str) -> None:
    epoch = f"epoch {best_epoch}" if best_epoch else "no whole epoch"
    typer.echo(f"run       {folder}")
    typer.echo(
        f"best      {epoch}: validation accuracy {metrics['accuracy']:.3f}, "
        f"macro-F1 {metrics['macro_f1']:.3f}, AUC {metrics['macro_auc'] or float('nan'):.3f} (n = {metrics['n']})"
    )
    typer.echo(f"report    {folder / 'evaluation' / 'val' / 'report.html'}")
    if "test" in splits(data):
        typer.echo(f"next      {shlex.join(['mien', 'evaluate', str(folder), '--data', data])}")
