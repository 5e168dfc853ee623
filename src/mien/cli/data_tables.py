"""What ``mien data`` prints: a data set's counts, what was found in it, and what was left out of a copy."""

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mien.audit.audit import Audit
from mien.audit.check import Report, SplitReport
from mien.audit.clean import Cleaned
from mien.audit.findings import KINDS

_LISTED = 10  # names that are shown of a longer list


def print_audit(found: Audit) -> None:
    """Print counts, findings by kind with an example each, and what is usual in each class, to stdout."""
    _show(found.report)
    console = Console()
    console.print(_findings(found))
    if found.looks:
        console.print(_looks(found))
    for note in found.notes:
        console.print(f"note: {note}", highlight=False, markup=False, soft_wrap=True)


def print_cleaned(cleaned: Cleaned, out: str) -> None:
    """Print what was left out of a copy, by kind and with its rule, and what was kept."""
    console = Console()
    console.print(f"left out: {len(cleaned.dropped)} pictures", highlight=False)
    for kind, count in cleaned.counts().items():
        console.print(f"  {kind}: {count} ({KINDS[kind]})", highlight=False, soft_wrap=True)
    if cleaned.spared:
        text = f"kept all the same: {cleaned.spared} of test or private, of which only unreadable ones are left out"
        console.print(text, highlight=False, soft_wrap=True)
    for split, count in cleaned.kept.items():
        console.print(f"{split}: {count} pictures", highlight=False)
    console.print(f"Written to {escape(out)}", highlight=False, soft_wrap=True)


def print_list(title: str, entries: tuple[str, ...], console: Console) -> None:
    """Print a list under its title and number; of a long one the first ten entries."""
    if not entries:
        return
    console.print(f"{title}: {len(entries)}", highlight=False)
    for entry in entries[:_LISTED]:
        console.print(f"  {escape(entry)}", highlight=False, soft_wrap=True)
    if len(entries) > _LISTED:
        console.print(f"  and {len(entries) - _LISTED} more (--json lists all)", highlight=False)


def _show(report: Report) -> None:
    console = Console()
    console.print(_counts(report))
    for split in report.splits:
        print_list(f"{split.split}: unreadable", split.unreadable, console)
        print_list(f"{split.split}: blank pictures", split.blank, console)
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
    print_list("groups of identical pictures with different labels", contradictions, console)
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


def _findings(found: Audit) -> Table:
    examples: dict[str, str] = {}
    for finding in found.findings:
        examples.setdefault(finding.kind, finding.pair)
    table = Table(title="Findings", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("kind", no_wrap=True)
    table.add_column("number", justify="right")
    table.add_column("the first", overflow="fold")
    for kind, count in found.counts().items():
        table.add_row(kind, "-" if kind in found.skipped else str(count), escape(examples.get(kind, "")))
    return table


def _looks(found: Audit) -> Table:
    table = Table(title="Median and middle half by class", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("class")
    table.add_column("brightness", justify="right")
    table.add_column("sharpness", justify="right")
    for each in found.looks:
        cells = (f"{middle:.0f} ({low:.0f}-{high:.0f})" for low, middle, high in (each.brightness, each.sharpness))
        table.add_row(escape(each.label), *cells)
    return table
