"""``mien data``: look at a data set, import FER2013's table, draw faces."""

import json
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mien.audit.check import Report, SplitReport, check
from mien.cli.progress import progress
from mien.data.synthetic import write_faces
from mien.data.writing import import_csv
from mien.errors import DataError
from mien.writing import write_file

app = typer.Typer(help="Check, import and draw data sets.", no_args_is_help=True)
_LISTED = 10  # names that are shown of a longer list


@app.command("check")
def check_data(
    source: str = typer.Argument(..., metavar="DIR|CSV", help="Folder DIR/train/CLASS/..., or fer2013.csv."),
    votes: str | None = typer.Option(None, help="Votes on the same pictures, such as FER+ fer2013new.csv."),
    json_file: str | None = typer.Option(
        None, "--json", metavar="FILE|-", help="Write the result as JSON; - is stdout."
    ),
) -> None:
    """Say what is in a data set and what is wrong with it.

    Example: `mien data check fer2013 --votes fer2013new.csv`
    """
    with progress("Reading pictures") as watch:
        report = check(source, votes=votes, watch=watch)
    if json_file != "-":
        _show(report)
    if json_file is not None:
        _write_json(report, json_file)
    if report.obstacle is not None:
        raise DataError(report.obstacle)


@app.command("import")
def import_data(
    table: str = typer.Argument(..., metavar="CSV", help="fer2013.csv or icml_face_data.csv."),
    out: str = typer.Option(..., help="Folder to make; must not exist yet, or be empty."),
) -> None:
    """Write FER2013's table as folders of PNG files: train, test and private.

    Example: `mien data import fer2013.csv --out fer2013`
    """
    with progress("Importing") as watch:
        written = import_csv(table, out, watch=watch)
    console = Console()
    for split, part in written.items():
        console.print(f"{split}: {len(part)} pictures", highlight=False)
        _list("rows left out", part.unreadable, console)
    console.print(f"Written to {escape(out)}", highlight=False, soft_wrap=True)


@app.command("synth")
def draw_data(
    out: str = typer.Option(..., help="Folder to make; must not exist yet, or be empty."),
    count: int = typer.Option(2000, min=1, help="Pictures in all, in FER2013's proportions."),
    seed: int = typer.Option(0, min=0, help="Another seed draws other faces."),
) -> None:
    """Draw schematic faces of seven expressions, to try everything on.

    Example: `mien data synth --out faces --count 2000`
    """
    with progress("Drawing faces") as watch:
        write_faces(out, count=count, seed=seed, watch=watch)
    Console().print(f"Faces written to {escape(out)}", highlight=False, soft_wrap=True)


def _show(report: Report) -> None:
    console = Console()
    console.print(_counts(report))
    for split in report.splits:
        _list(f"{split.split}: unreadable", split.unreadable, console)
        _list(f"{split.split}: blank pictures", split.blank, console)
        if split.twins:
            console.print(
                f"{split.split}: {split.twins} pictures are copies of others, pixel for pixel", highlight=False
            )
    for reason in report.broken:
        console.print(f"cannot be read: {reason}", highlight=False, markup=False, soft_wrap=True)
    for (first, second), count in ((pair, count) for pair, count in report.shared.items() if count):
        console.print(f"{second}: {count} pictures have a pixel-identical twin in {first}", highlight=False)
    if not any(split.split == "test" for split in report.splits):
        console.print("There is no test split: evaluate on val, or set test pictures aside.", highlight=False)
    contradictions = tuple(" = ".join(group) for group in report.contradictions)
    _list("groups of identical pictures with different labels", contradictions, console)
    if report.votes is not None:
        votes = report.votes
        agreement = "" if votes.agreement is None else f"; the label leads the votes in {votes.agreement:.1%} of them"
        console.print(f"votes: on {votes.joined} of {votes.pictures} pictures{agreement}", highlight=False)


def _counts(report: Report) -> Table:
    table = Table(title=escape(f"Pictures in {report.source}"), title_justify="left")
    table.add_column("class")
    for split in report.splits:
        table.add_column(split.split, justify="right")
        table.add_column("share", justify="right")
    names = sorted({name for split in report.splits for name in split.counts})
    for name in names:
        table.add_row(escape(name), *(cell for split in report.splits for cell in _cells(split, name)))
    table.add_section()
    table.add_row("all", *(cell for split in report.splits for cell in (str(sum(split.counts.values())), "")))
    ratios = ("-" if split.imbalance is None else f"{split.imbalance:.1f} : 1" for split in report.splits)
    table.add_row("largest : smallest", *(cell for ratio in ratios for cell in (ratio, "")))
    return table


def _cells(split: SplitReport, name: str) -> tuple[str, str]:
    count = split.counts.get(name, 0)
    return str(count), f"{count / max(1, sum(split.counts.values())):.1%}"


def _list(title: str, entries: tuple[str, ...], console: Console) -> None:
    if not entries:
        return
    console.print(f"{title}: {len(entries)}", highlight=False)
    for entry in entries[:_LISTED]:
        console.print(f"  {escape(entry)}", highlight=False, soft_wrap=True)
    if len(entries) > _LISTED:
        console.print(f"  and {len(entries) - _LISTED} more (--json lists all)", highlight=False)


def _write_json(report: Report, target: str) -> None:
    text = json.dumps(report.to_dict(), indent=2, ensure_ascii=False)
    if target == "-":
        typer.echo(text)
        return
    write_file(Path(target), text + "\n")
