"""``mien evaluate``."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mien.cli.progress import progress
from mien.errors import need
from mien.writing import write_file


class Split(StrEnum):
    """The splits that can be judged."""

    TEST = "test"
    VAL = "val"
    TRAIN = "train"
    PRIVATE = "private"


def evaluate(
    data: Annotated[Path, typer.Option(metavar="DIR|CSV", help="Data folder or fer2013.csv.")],
    model: Annotated[
        Path | None,
        typer.Argument(metavar="RUN|FILE", help="Run folder or model.onnx; the bundled model if not given."),
    ] = None,
    split: Annotated[Split, typer.Option(help="Which pictures to judge on.")] = Split.TEST,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Where the report goes [default: RUN/evaluation/SPLIT or mien-evaluation/MODEL/SPLIT]"
        ),
    ] = None,
    votes: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="CSV of a crowd's votes, such as FER+: figures by how far it agreed."),
    ] = None,
    no_thumbnails: Annotated[
        bool, typer.Option("--no-thumbnails", help="Show no pictures in report.html, so that it can be published.")
    ] = False,
    json: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE|-", help="Write the figures as JSON here too; - prints only them."),
    ] = None,
) -> None:
    """Say how good a model is: figures with intervals, tables, plots and a page to read.

    Example: `mien evaluate runs/2026-01-05-compact-1 --data fer2013 --split test`
    """
    need("evaluate", "sklearn", "matplotlib", purpose="mien evaluate")
    from mien.evaluation import evaluate as evaluation
    from mien.evaluation.report import to_json, write

    history = evaluation.history_of(model)
    result = evaluation.evaluate(model, data, split.value, votes=votes, progress=progress)
    folder = out or evaluation.default_folder(model, split.value)
    write(result, folder, history=history, thumbnails=not no_thumbnails)
    if json == "-":
        typer.echo(to_json(result.metrics), nl=False)
        return
    if json is not None:
        write_file(Path(json), to_json(result.metrics))
    _print(result.metrics, folder)


def _print(metrics: Mapping[str, Any], folder: Path) -> None:
    from mien.evaluation.page import summary

    console = Console(highlight=False)
    title = Text.assemble((metrics["model"]["name"], "bold"), f" on {metrics['split']}: {summary(metrics)}")
    console.print(title, soft_wrap=True)
    console.print(_headline(metrics))
    console.print(_classes(metrics["per_class"]))
    for note in metrics["notes"]:
        console.print(f"note: {note}", soft_wrap=True, markup=False)
    console.print(f"Report: {folder / 'report.html'}", soft_wrap=True, markup=False)


def _headline(metrics: Mapping[str, Any]) -> Table:
    from mien.evaluation.page import NAMES, shown

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("figure")
    for name in ("value", "95 % interval", "flip-averaged", "without twins"):
        table.add_column(name, justify="right")
    twins = metrics["without_twins"] or {}
    for name, title in NAMES.items():
        interval = " – ".join(shown(name, end) for end in metrics["intervals"][name] or [])
        table.add_row(
            title,
            shown(name, metrics[name]),
            interval,
            shown(name, metrics["flip"][name]),
            shown(name, twins.get(name)),
        )
    table.add_row("pictures", f"{metrics['n']:,}", "", f"{metrics['n']:,}", f"{twins['n']:,}" if twins else "–")
    return table


def _classes(rows: Mapping[str, Mapping[str, float | None]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("class")
    for name in ("precision", "recall", "F1", "AUC", "pictures"):
        table.add_column(name, justify="right")
    for name, row in rows.items():
        figures = (row[key] for key in ("precision", "recall", "f1", "auc"))
        table.add_row(
            Text(name), *("–" if value is None else f"{value:.3f}" for value in figures), f"{row['support']:,}"
        )
    return table
