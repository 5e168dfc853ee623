"""``mien teach``: what trained networks say, for a smaller one to learn from."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from mien.cli.progress import progress
from mien.errors import need
from mien.writing import write_file

_SUFFIX, _STUDENT = ".npz", "student"
_OF_PICTURES = ("size", "validation", "split_seed")  # of a recipe: which pictures there are to learn from


def teach(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of finished trainings, same split.")],
    data: Annotated[Path, typer.Option(metavar="DIR|CSV", help="The data that they were trained on.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Written there; its name ends in .npz.")],
    whole: Annotated[
        bool, typer.Option("--whole", help="Ask about their validation pictures too: for mien train --refit.")
    ] = False,
    views: Annotated[
        int | None,
        typer.Option(min=1, max=255, metavar="N", help="Views of each picture, 8 if not given; more for long runs."),
    ] = None,
    said: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="What teachers, these or others, said of the training pictures already: ask about the validation "
            "pictures alone, and write both.",
        ),
    ] = None,
) -> None:
    """Ask trained networks once what they say of their training pictures; recipes distilled and student learn from it.

    Several runs speak with their mean voice. They must have the same split, and the student too.

    For example:

        mien teach runs/2026-11-22-compact-1 runs/2026-11-22-compact-2 --data fer2013/ --out teachers.npz

        mien train --data fer2013/ --recipe student --set teachers=teachers.npz

        mien teach runs/2026-11-22-compact-1 --data fer2013/ --views 16 --out teachers.npz

        mien teach runs/2026-11-22-compact-1 --data fer2013/ --whole --out all.npz

        mien train --refit runs/2026-11-22-student-1 --set teachers=all.npz

        mien teach runs/2026-11-22-student-1 --data fer2013/ --said teachers.npz --out all.npz
    """
    if out.suffix != _SUFFIX:
        raise typer.BadParameter(f"{out}: expected a name that ends in {_SUFFIX}", param_hint="--out")
    for option, given in (("--views", views), ("--whole", whole)):
        if said and given:
            message = f"--said {said} says which views of which pictures are asked about; leave it out"
            raise typer.BadParameter(message, param_hint=option)
    need("train", "sklearn", "tomli_w", purpose="mien teach")
    from mien.training.distill import VIEWS, ask_runs, pack

    teachers = ask_runs(runs, data, progress, whole=whole, views=views or VIEWS, said=said)
    write_file(out, pack(teachers))
    size = out.stat().st_size / 1e6
    asked, pictures = len(teachers.runs), f"{teachers.logits.shape[1]:,} pictures"
    typer.echo(f"{out} ({size:.1f} MB), {asked} teacher{'s' * (asked > 1)}, {pictures} in {teachers.views} views")
    student = ["--refit", "RUN"] if whole or said else ["--data", str(data), "--recipe", _STUDENT, *_as_taught(runs[0])]
    words = ["mien", "train", *student, "--set", f"teachers={out}"]
    typer.echo(f"next      {shlex.join(words)}")


def _as_taught(run: Path) -> list[str]:
    """Return the settings with which the student's recipe reads the pictures that a run learned from."""
    from mien.training.recipe_file import read_recipe

    taught, student = read_recipe(run / "recipe.toml"), read_recipe(_STUDENT)
    changed = [name for name in _OF_PICTURES if getattr(taught, name) != getattr(student, name)]
    return [word for name in changed for word in ("--set", f"{name}={getattr(taught, name)}")]
