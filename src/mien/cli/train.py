"""``mien train``: from data to a run folder."""

import shlex
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.backend import need_keras
from mien.cli.progress import notes
from mien.cli.quiet import native_notes_hidden
from mien.cli.watching import LiveTable
from mien.data.load import splits
from mien.errors import DataError

if TYPE_CHECKING:
    from mien.training.recipe import Recipe

Data = Annotated[str | None, typer.Option(metavar="DIR|CSV", help="Folders train/CLASS/* or fer2013.csv.")]
RecipeName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE",
        help="compact, reference, tiny, finetune, teacher, student, distilled, or a TOML file.",
        show_default="compact",
    ),
]
Epochs = Annotated[int | None, typer.Option(min=1, help="At most so many epochs; the recipe's own if not given.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a value of the recipe; repeatable.")
]
Seed = Annotated[int | None, typer.Option(min=0, help="All random draws derive from it.")]
Balance = Annotated[
    str | None, typer.Option(metavar="NAME", help="Answer to the imbalance, such as class-weights or sqrt-sampler.")
]
Start = Annotated[
    str | None,
    typer.Option("--from", metavar="bundled|RUN", help="Fine-tune: start from these weights, with recipe finetune."),
]
Votes = Annotated[
    str | None, typer.Option(metavar="FILE", help="CSV of a crowd's votes, such as FER+, learned beside the labels.")
]
Devices = Annotated[
    int, typer.Option(min=1, metavar="N", help="Share each batch among so many devices; with KERAS_BACKEND=jax.")
]
Refit = Annotated[
    Path | None, typer.Option(metavar="RUN", help="Repeat a finished run, its validation pictures learned from too.")
]
Resume = Annotated[Path | None, typer.Option(metavar="RUN", help="Go on with a stopped or killed run.")]
Out = Annotated[Path | None, typer.Option(metavar="DIR", help="Where run folders are made.", show_default="runs")]


def train(
    data: Data = None,
    recipe: RecipeName = None,
    epochs: Epochs = None,
    balance: Balance = None,
    settings: Settings = None,
    seed: Seed = None,
    start: Start = None,
    votes: Votes = None,
    devices: Devices = 1,
    refit: Refit = None,
    resume: Resume = None,
    out: Out = None,
) -> None:
    """Train a network, from scratch or from a trained one, and judge it on validation pictures.

    Makes RUNS/DATE-RECIPE-N/ with the model (model.onnx, model.keras), its plots and evaluation/val/report.html.
    Ctrl-C ends after the current step, keeps the best weights and still writes everything.

    For example:

        mien train --data fer2013/

        mien train --data fer2013.csv --recipe reference --epochs 12 --seed 1

        mien train --data faces/ --balance balanced-softmax

        mien train --data faces/ --balance sqrt-sampler+logit-adjustment

        mien train --data faces/ --set batch=64 --set augment.rotation=15

        mien train --data fer2013/ --votes fer2013new.csv

        mien train --data my-faces/ --from bundled

        KERAS_BACKEND=jax mien train --data fer2013/ --devices 2

        mien train --refit runs/2026-11-22-compact-1

        mien train --resume runs/2026-11-22-compact-1
    """
    need_keras("mien train")
    if resume is None:
        values = {"epochs": epochs, "balance": balance, "seed": seed, "start": start, "votes": votes}
        told = (
            _told(data, recipe, settings, values) if refit is None else _repeated(refit, data, recipe, settings, values)
        )
    elif any(given not in (None, []) for given in (data, recipe, balance, settings, seed, start, votes, refit, out)):
        message = "goes on as the run began; of the other options only --epochs and --devices go with it"
        raise typer.BadParameter(message, param_hint="--resume")
    else:
        from mien.training.run import check_resumable

        check_resumable(resume)
    notes.print("Loading Keras ...")
    with native_notes_hidden():
        from mien.training import loop
    with LiveTable() as watcher:
        if resume is None:
            run = loop.train(told, out or Path("runs"), watcher, devices)
        else:
            run = loop.resume(resume, epochs, watcher, devices)
    _report(run.folder, run.metrics, run.best_epoch, run.data)


def _told(
    data: str | None, recipe: str | None, settings: list[str] | None, values: Mapping[str, int | str | None]
) -> "Recipe":
    """Return what the run is told; what is wrong with it shows here, before Keras is loaded."""
    from mien.training.recipe_file import read_recipe, with_settings, with_values

    start = values["start"]
    told = read_recipe(recipe or ("finetune" if start else "compact"))
    if start not in (None, "bundled") and recipe is None and (own := Path(str(start), "recipe.toml")).is_file():
        began = read_recipe(own)
        told = with_values(told, network=began.network, size=began.size)
    told = with_settings(told, settings or [])
    return _checked(with_values(told, data=data, **values))


def _repeated(
    run: Path, data: str | None, recipe: str | None, settings: list[str] | None, values: Mapping[str, int | str | None]
) -> "Recipe":
    """Return what a refit is told: what the run was, but for its data's place and settings such as teachers."""
    from mien.training.recipe_file import with_settings, with_values
    from mien.training.refit import repeated

    if recipe or any(value is not None for value in values.values()):
        message = "repeats the run as it was; of the other options only --data, --set, --devices and --out go with it"
        raise typer.BadParameter(message, param_hint="--refit")
    return _checked(with_values(with_settings(repeated(run), settings or []), data=data))


def _checked(told: "Recipe") -> "Recipe":
    """Return the recipe if its data, votes and teachers are there."""
    from mien.data.votes import read_votes
    from mien.training.recipe import check_teachers

    if not told.data:
        raise typer.BadParameter("no data given: folders DIR/train/CLASS/*, or fer2013.csv", param_hint="--data")
    check_teachers(told)
    if "train" not in (parts := splits(told.data)):
        message = f"{told.data}: has no split 'train' to train on; it has {', '.join(parts) or 'none'}"
        raise DataError(message)
    if told.votes:
        read_votes(told.votes)
    return told


def _report(folder: Path, metrics: dict[str, float], best_epoch: int, data: str) -> None:
    epoch = f"epoch {best_epoch}" if best_epoch else "no whole epoch"
    typer.echo(f"run       {folder}")
    if metrics:
        typer.echo(
            f"best      {epoch}: validation accuracy {metrics['accuracy']:.3f}, "
            f"macro-F1 {metrics['macro_f1']:.3f}, AUC {metrics['macro_auc'] or float('nan'):.3f} (n = {metrics['n']})"
        )
        typer.echo(f"report    {folder / 'evaluation' / 'val' / 'report.html'}")
    else:
        typer.echo(f"kept      {epoch}; no picture was held out, so only a test split can judge it")
    with suppress(DataError):  # data that vanished since they were read spoil nothing
        if "test" in splits(data):
            typer.echo(f"next      {shlex.join(['mien', 'evaluate', str(folder), '--data', data])}")
