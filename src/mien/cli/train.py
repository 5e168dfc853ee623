"""``mien train``: from data to a run folder."""

from pathlib import Path
from typing import Annotated

import typer

from mien.cli.progress import notes
from mien.cli.quiet import native_notes_hidden
from mien.cli.watching import LiveTable
from mien.errors import RecipeError, need

Data = Annotated[str | None, typer.Option(metavar="DIR|CSV", help="Folders train/CLASS/* or fer2013.csv.")]
RecipeName = Annotated[str, typer.Option(metavar="NAME|FILE", help="reference, compact, tiny, or a TOML file.")]
Epochs = Annotated[int | None, typer.Option(min=1, help="At most so many epochs; the recipe's own if not given.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a value of the recipe; repeatable.")
]
Seed = Annotated[int | None, typer.Option(min=0, help="All random draws derive from it.")]
Resume = Annotated[Path | None, typer.Option(metavar="RUN", help="Go on with a stopped or killed run.")]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Where run folders are made.")]


def train(
    data: Data = None,
    recipe: RecipeName = "compact",
    epochs: Epochs = None,
    settings: Settings = None,
    seed: Seed = None,
    resume: Resume = None,
    out: Out = Path("runs"),
) -> None:
    """Train a network from scratch and judge it on validation pictures.

    Makes RUNS/DATE-RECIPE-N/ with the model (model.onnx, model.keras), its plots and evaluation/val/report.html.
    Ctrl-C ends after the current step, keeps the best weights and still writes everything.

    Examples:
        mien train --data fer2013/

        mien train --data fer2013.csv --recipe reference --epochs 12 --seed 1

        mien train --data faces/ --set batch=64 --set augment.rotation=15

        mien train --resume runs/2026-11-22-compact-1
    """
    need("train", "keras", "onnx", "tf2onnx", "tomli_w", "sklearn", "matplotlib", purpose="mien train")
    notes.print("Loading Keras ...")
    with native_notes_hidden():
        from mien.training import loop
        from mien.training.recipe import read_recipe, with_settings, with_values

    with LiveTable() as watcher:
        if resume is not None:
            run = loop.resume(resume, epochs, watcher)
        else:
            told = with_values(with_settings(read_recipe(recipe), settings or []), epochs=epochs, seed=seed)
            if data is None and not told.data:
                message = "mien train: no data given; add --data DIR (folders train/CLASS/*) or --data fer2013.csv"
                raise RecipeError(message)
            run = loop.train(with_values(told, data=data), out, watcher)
    _report(run.folder, run.metrics, run.best_epoch)


def _report(folder: Path, metrics: dict[str, float], best_epoch: int) -> None:
    typer.echo(f"run       {folder}")
    typer.echo(
        f"best      epoch {best_epoch}: validation accuracy {metrics['accuracy']:.3f}, "
        f"macro-F1 {metrics['macro_f1']:.3f}, AUC {metrics['macro_auc']:.3f} (n = {metrics['n']})"
    )
    typer.echo(f"report    {folder / 'evaluation' / 'val' / 'report.html'}")
    typer.echo(f"next      mien evaluate {folder} --data DATA --split test")
