"""``mien demo``: the whole loop on data that mien draws itself, then the bundled model on real photos."""

from pathlib import Path
from typing import Annotated

import typer

from mien.cli.backend import need_keras
from mien.cli.progress import notes, progress
from mien.cli.quiet import native_notes_hidden
from mien.cli.reading import tell
from mien.cli.watching import LiveTable

_FACES = 2400
_SEED = 0
_INTERRUPTED = 130  # exit code, as of every verb that Ctrl-C ends

Out = Annotated[Path, typer.Option(metavar="DIR", help="Everything is written there.")]


def demo(out: Out = Path("mien-demo")) -> None:
    """See everything once: draw a data set, train, evaluate, export, detect. Takes a minute or two, works offline.

    For example:

        mien demo
    """
    need_keras("mien demo")
    data = _draw(out)
    run = _train(data, out)
    accuracy = _evaluate(run, data)
    phone = _export(run)
    pictures = _detect(out)
    typer.echo(
        f"\nMade in {out}/:\n"
        f"  {data.relative_to(out)}/ drawn faces, as imbalanced as FER2013\n"
        f"  {run.relative_to(out)}/ a network trained on them, {accuracy:.0%} right on new faces\n"
        f"  {(run / 'evaluation' / 'test' / 'report.html').relative_to(out)} what it does well and badly\n"
        f"  {phone.relative_to(out)} the same network for phones\n"
        f"  {pictures.relative_to(out)}/ photos with the faces that the bundled model found\n"
        "Next: mien train --data YOUR_FACES    mien detect YOUR_PICTURES --save picture"
    )


def _draw(out: Path) -> Path:
    from mien.data.synthetic import write_faces

    notes.print("[bold]1/5[/] Drawing an imbalanced data set of seven expressions ...")
    data = _free(out, "faces")
    with progress("faces") as watch:
        write_faces(data, count=_FACES, seed=_SEED, watch=watch)
    return data


def _train(data: Path, out: Path) -> Path:
    notes.print("[bold]2/5[/] Training a small network from scratch (loading Keras first) ...")
    with native_notes_hidden():
        from mien.training.loop import train
        from mien.training.recipe_file import read_recipe, with_values

    with LiveTable() as watcher:
        run = train(with_values(read_recipe("tiny"), data=str(data), seed=_SEED), out / "runs", watcher)
    if run.interrupted:
        tell(f"interrupted: {run.folder} is as far as the training came")
        raise typer.Exit(_INTERRUPTED)
    return run.folder


def _evaluate(run: Path, data: Path) -> float:
    from mien.evaluation.evaluate import default_folder, evaluate, history_of
    from mien.evaluation.report import write

    notes.print("[bold]3/5[/] Evaluating on faces that it has not seen ...")
    evaluation = evaluate(run, data, "test", progress=progress)
    write(evaluation, default_folder(run, "test"), history=history_of(run))
    return float(evaluation.metrics["accuracy"])


def _export(run: Path) -> Path:
    notes.print("[bold]4/5[/] Exporting to LiteRT ...")
    with native_notes_hidden():
        from mien.training.export import export_run

        return export_run(run, "litert")


def _detect(out: Path) -> Path:
    from matplotlib.cbook import get_sample_data

    from mien.cli.detect import detect
    from mien.data.samples import astronaut

    notes.print("[bold]5/5[/] Detecting expressions on real photos with the bundled model ...")
    pictures = out / "pictures"
    hopper = str(get_sample_data("grace_hopper.jpg", asfileobj=False))
    chosen = [str(astronaut()), hopper]
    detect(chosen, save="picture,jsonl", out=pictures)
    return pictures


def _free(out: Path, name: str) -> Path:
    """Return the first of NAME, NAME-2, NAME-3 ... that is not there yet, so that a second demo keeps the first."""
    taken = [folder.name for folder in out.glob(f"{name}*")] if out.exists() else []
    number = 1
    while (name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return out / (name if number == 1 else f"{name}-{number}")
