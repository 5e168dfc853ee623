"""``mien data``: look at a data set, clean it, import FER2013's table, draw faces."""

import json
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from mien.audit.audit import Audit, audit
from mien.audit.clean import DROPPED, clean, require_kinds
from mien.audit.files import write_audit
from mien.audit.findings import KINDS
from mien.cli.data_tables import print_audit, print_cleaned, print_list
from mien.cli.progress import progress
from mien.cli.reading import tell
from mien.cli.usage import wrong_usage
from mien.data.synthetic import write_faces
from mien.data.writing import import_csv
from mien.errors import DataError
from mien.writing import write_file

app = typer.Typer(help="Check, clean, import and draw data sets.", no_args_is_help=True)


@app.command("check")
def check_data(
    source: str = typer.Argument(..., metavar="DIR|CSV", help="Folder DIR/train/CLASS/..., or fer2013.csv."),
    votes: str | None = typer.Option(None, help="Votes on the same pictures, such as FER+ fer2013new.csv."),
    model: str | None = typer.Option(
        None, metavar="FILE|RUN|bundled", help="Rank labels that this model doubts; none are doubted without."
    ),
    predictions: list[str] = typer.Option(
        [], metavar="FILE", help="Or labels that predictions.csv of mien evaluate doubts; several may be given."
    ),
    out: str | None = typer.Option(None, metavar="DIR", help="Write audit.json, audit.csv and audit.html here."),
    no_thumbnails: bool = typer.Option(
        False, "--no-thumbnails", help="Show no pictures in audit.html, so that it can be published."
    ),
    json_file: str | None = typer.Option(
        None, "--json", metavar="FILE|-", help="Write the result as JSON; - is stdout."
    ),
) -> None:
    """Say what is in a data set and what is wrong with it.

    Looks for broken, blank, flat and tiny pictures, twins and near duplicates, contradicting labels, non-faces, and
    outliers of brightness and sharpness.

    Examples: `mien data check fer2013 --model bundled --out fer2013-audit`

    `mien data check fer2013 --predictions runs/2026-01-05-compact-1/evaluation/val/predictions.csv`
    """
    if no_thumbnails and out is None:
        tell("nothing for --no-thumbnails: without --out no page is written")
    found = audit(source, votes=votes, model=model, predictions=predictions, progress=progress)
    if json_file != "-":
        print_audit(found)
    if json_file is not None:
        _write_json(found, json_file)
    if out is not None:
        write_audit(found, out, thumbnails=not no_thumbnails)
        if json_file != "-":
            Console().print(f"Report: {escape(str(Path(out) / 'audit.html'))}", highlight=False, soft_wrap=True)
    if found.report.obstacle is not None:
        raise DataError(found.report.obstacle)


@app.command("clean")
def clean_data(
    source: str = typer.Argument(..., metavar="DIR|CSV", help="The data set that was audited; it is not touched."),
    audit_file: str = typer.Option(..., "--audit", metavar="CSV", help="Its audit.csv, of mien data check --out."),
    out: str = typer.Option(..., help="Folder to make; must not exist yet, or be empty."),
    drop: str = typer.Option(
        ",".join(DROPPED), metavar="KIND,KIND", help=f"Kinds of finding to leave out, of: {', '.join(KINDS)}."
    ),
) -> None:
    """Copy a data set without the pictures that an audit found.

    Of test and private pictures only unreadable ones are left out: a train picture that has a twin in test goes, the
    one in test stays.

    Example: `mien data clean fer2013 --audit fer2013-audit/audit.csv --out fer2013-clean`
    """
    kinds = [kind.strip() for kind in drop.split(",") if kind.strip()]
    with wrong_usage("--drop"):
        require_kinds(kinds)
    with progress("Copying pictures") as watch:
        cleaned = clean(source, audit_file, out, drop=kinds, watch=watch)
    print_cleaned(cleaned, out)


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
        print_list("rows left out", part.unreadable, console)
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


def _write_json(found: Audit, target: str) -> None:
    text = json.dumps(found.to_dict(), indent=2, ensure_ascii=False)
    if target == "-":
        typer.echo(text)
        return
    write_file(Path(target), text + "\n")
