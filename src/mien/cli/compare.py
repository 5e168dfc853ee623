"""``mien compare``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mien.cli.evaluate import Split
from mien.cli.progress import progress
from mien.cli.usage import wrong_usage
from mien.errors import need
from mien.writing import printable, write_file

if TYPE_CHECKING:
    from mien.evaluation.compare import Comparison, Pair

_SHOWN = 5  # pictures of a disagreement on the terminal


def compare(
    models: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN|FILE...", help="Two or more run folders or model.onnx files; or bundled, bundled-int8."
        ),
    ],
    data: Annotated[Path, typer.Option(metavar="DIR|CSV", help="Data folder or fer2013.csv.")],
    split: Annotated[Split, typer.Option(help="Which pictures to judge on.")] = Split.TEST,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the page and tables go.")] = Path("mien-compare"),
    json: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE|-", help="Write the comparison as JSON here too; - prints only it."),
    ] = None,
) -> None:
    """Say which of several models is better on the same pictures, and whether that is more than chance.

    Each other model is held against the first.

    Examples: `mien compare bundled runs/2026-01-05-compact-1 --data fer2013`

    `mien compare runs/2026-01-05-compact-1 runs/2026-01-05-compact-2 --data fer2013 --split val --json -`
    """
    need("evaluate", "sklearn", "matplotlib", "scipy", purpose="mien compare")
    from mien.evaluation.compare import check_count
    from mien.evaluation.compare_files import compare_files
    from mien.evaluation.compare_report import write_comparison
    from mien.evaluation.report import to_json

    with wrong_usage("RUN|FILE..."):
        check_count(models)
    result = compare_files(models, data, split.value, progress=progress)
    write_comparison(result, out)
    if json == "-":
        typer.echo(to_json(result.to_dict()), nl=False)
        return
    if json is not None:
        write_file(Path(json), to_json(result.to_dict()))
    _print(result, out)


def _print(comparison: "Comparison", folder: Path) -> None:
    from mien.evaluation.compare_page import against_first, parting
    from mien.evaluation.verdict import verdict

    console = Console(highlight=False)
    console.print(verdict(comparison), soft_wrap=True, markup=False)
    console.print(_figures(comparison))
    for pair in against_first(comparison):
        console.print(_differences(pair))
        console.print(_classes(pair))
        console.print(parting(pair, together=len(comparison.pairs) > 1), soft_wrap=True, markup=False)
        console.print()
    if comparison.disagreements:
        console.print(_disagreements(comparison))
    for note in comparison.notes:
        console.print(f"note: {note}", soft_wrap=True, markup=False)
    console.print(f"Report: {folder / 'comparison.html'}", soft_wrap=True, markup=False)


def _disagreements(comparison: "Comparison") -> Table:
    """The pictures on which the models disagree most surely; all of them are in disagreements.csv."""
    count, shown = len(comparison.disagreements), comparison.disagreements[:_SHOWN]
    rest = f", the {len(shown)} surest" if count > len(shown) else ""
    title = f"They disagree on {count:,} of {comparison.n:,} pictures{rest} (all in disagreements.csv)"
    table = Table(box=box.SIMPLE_HEAD, title=Text(title), title_justify="left")
    for name in ("picture", "label", *(model.name for model in comparison.models)):
        table.add_column(Text(name), overflow="fold")
    for each in shown:
        said = (f"{label} {value:.0%}" for label, value in zip(each.said, each.confidences, strict=True))
        table.add_row(*(Text(printable(cell)) for cell in (each.name, each.label, *said)))
    return table


def _figures(comparison: "Comparison") -> Table:
    """Models side by side, the best in bold."""
    from mien.evaluation.compare_page import best_of
    from mien.evaluation.page import NAMES, shown

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("figure", no_wrap=True)
    for model in comparison.models:
        table.add_column(Text(model.name), justify="right", overflow="fold")
    for figure, title in NAMES.items():
        best = best_of(comparison.models, figure)
        cells = (
            Text(shown(figure, model.figures[figure]), style="bold" if model.name in best else "")
            for model in comparison.models
        )
        table.add_row(title, *cells)
    table.add_row("pictures", *(f"{comparison.n:,}" for _ in comparison.models))
    return table


def _differences(pair: "Pair") -> Table:
    from mien.evaluation.compare_page import between, signed
    from mien.evaluation.page import NAMES

    table = Table(box=box.SIMPLE_HEAD, title=Text(f"{pair.second} minus {pair.first}"), title_justify="left")
    table.add_column("figure", no_wrap=True)
    table.add_column("difference", justify="right")
    table.add_column("95 % interval", justify="right")
    for figure, found in pair.differences.items():
        value = Text(signed(figure, found.value), style="bold" if found.clear else "")
        table.add_row(NAMES[figure], value, between(figure, found))
    return table


def _classes(pair: "Pair") -> Table:
    from mien.evaluation.compare_page import signed
    from mien.evaluation.page import shown

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("recall of")
    for name in (pair.first, pair.second, "gain", "pictures"):
        table.add_column(Text(name), justify="right", overflow="fold")
    for each in pair.classes:
        recalls = (shown("accuracy", value) for value in (each.first, each.second))
        table.add_row(Text(each.name), *recalls, signed("accuracy", each.gain), f"{each.pictures:,}")
    return table
