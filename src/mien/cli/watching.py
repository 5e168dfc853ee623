"""The live table of a training, on stderr: a row an epoch, a bar for the epoch that runs."""

from collections.abc import Mapping
from math import isnan
from types import TracebackType

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from mien.cli.progress import notes

_COLUMNS = {
    "loss": "loss",
    "accuracy": "accuracy",
    "auc": "AUC",
    "val_loss": "val loss",
    "val_accuracy": "val acc.",
    "val_auc": "val AUC",
    "val_macro_f1": "val macro-F1",
    "val_balanced_accuracy": "val bal. acc.",
    "seconds": "s",
}
_ROWS_SHOWN = 20


class LiveTable:
    """Shows a training while it runs; a ``with`` object.

    On a terminal the table is live; elsewhere each epoch is one line.

    Example:
        >>> with LiveTable() as watcher:
        ...     train(recipe, out, watcher)
    """

    def __init__(self) -> None:
        self._rows: list[Mapping[str, float]] = []
        self._kept = 0.0  # the epoch whose weights are the best so far
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=notes
        )
        self._task = self._bar.add_task("starting", total=None)
        self._live = Live(self._shown(), console=notes, refresh_per_second=4, transient=True)

    def __enter__(self) -> "LiveTable":
        if notes.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if notes.is_terminal:
            self._live.stop()
            if self._rows:
                notes.print(self._table(len(self._rows)))

    def read(self, done: int, total: int) -> None:
        """Move the bar while pictures are read."""
        self._bar.update(self._task, completed=done, total=total, description="reading pictures")

    def started(self, folder: str, parameters: int, train: int, val: int) -> None:
        """Say where the run is written."""
        notes.print(
            f"{folder}: {parameters:,} parameters, {train:,} training and {val:,} validation pictures",
            soft_wrap=True,
            markup=False,
        )

    def stepped(self, epoch: int, step: int, steps: int, loss: float) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=step, total=steps, description=f"epoch {epoch}, loss {loss:.3f}")

    def finished_epoch(self, row: Mapping[str, float], epochs: int) -> None:
        """Add a row."""
        self._rows.append(row)
        if row.get("best"):
            self._kept = row["epoch"]
        if notes.is_terminal:
            self._bar.reset(self._task)
            self._live.update(self._shown())
        else:
            figures = " ".join(f"{name} {row[name]:.4g}" for name in _COLUMNS if not isnan(row[name]))
            notes.print(f"epoch {int(row['epoch'])}/{epochs} {figures}", soft_wrap=True)

    def said(self, note: str) -> None:
        """Show a line."""
        notes.print(note, markup=False)

    def _shown(self) -> Group:
        return Group(self._table(_ROWS_SHOWN), self._bar)

    def _table(self, rows: int) -> Table:
        table = Table(box=None, header_style="bold")
        table.add_column("epoch", justify="right")
        for title in _COLUMNS.values():
            table.add_column(title, justify="right")
        for row in self._rows[-rows:]:
            figures = (_cell(name, row[name]) for name in _COLUMNS)
            style = "green" if row["epoch"] == self._kept else ""
            table.add_row(str(int(row["epoch"])), *figures, style=style)
        return table


def _cell(name: str, value: float) -> str:
    if isnan(value):
        return "-"
    return f"{value:.0f}" if name == "seconds" else f"{value:.4f}"
