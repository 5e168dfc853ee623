"""The command ``mien``: registers the verbs, turns errors into one clear line."""

import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import typer
from rich.markup import escape

from mien import __version__
from mien.cli import compare, data, demo, detect, evaluate, explain, export, info, models, serve, teach, train, webcam
from mien.cli.progress import notes
from mien.cli.streams import fit_streams
from mien.errors import DataError, MienError

app = typer.Typer(
    name="mien",
    help="Train, judge and run facial-expression recognition on imbalanced data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
for verb in (
    demo.demo,
    train.train,
    evaluate.evaluate,
    compare.compare,
    export.export,
    teach.teach,
    detect.detect,
    explain.explain,
    webcam.webcam,
    serve.serve,
    info.info,
):
    app.command()(verb)
app.add_typer(data.app, name="data")
app.add_typer(models.app, name="models")


@app.callback(invoke_without_command=True)
def _options(version: bool = typer.Option(False, "--version", help="Show the version and exit.")) -> None:
    if version:
        typer.echo(f"mien {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line. Exit 0: done, 1: failed on the input with one line, 2: wrong usage, 130: interrupted."""
    fit_streams()
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # warns of a home that takes no file, and does without
    try:
        _stand_somewhere()
        app()
    except MienError as error:
        _fail(str(error))
    except OSError as error:  # a place that the system does not give, and no room below foresaw
        with suppress(OSError):
            sys.stdout.close()  # what a full disk did not take is not tried again at exit
        _fail(_told(error))


def _fail(message: str) -> NoReturn:
    notes.print(f"[bold red]error:[/] {escape(message)}", markup=True, soft_wrap=True)
    sys.exit(1)


def _told(error: OSError) -> str:
    """Return in a line what the system refuses, and what to look at."""
    reason = error.strerror or str(error)
    if error.filename is None:
        return f"the output or a file cannot be written or read ({reason}); look for room on the disk"
    return f"{error.filename}: cannot be used ({reason}); look at its name, its folder, and who may read and write it"


def _stand_somewhere() -> None:
    """Raise DataError where the working folder was deleted: no relative path means anything there."""
    try:
        Path.cwd()
    except FileNotFoundError as error:
        raise DataError("the working folder was deleted; change to one that exists, such as cd ~") from error
