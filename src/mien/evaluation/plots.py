"""The pictures of a run: curves over epochs, confusion matrix, classification report. PNG bytes, no global state."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mien.evaluation.history import History, best_row, curve

_DPI = 140
# Blue and vermilion can be told apart by all readers (Okabe and Ito, 2008, "Color Universal Design").
_TRAINING, _VALIDATION, _INK, _SOFT, _GRID = "#0072b2", "#d55e00", "#1d2126", "#5a636d", "#e3e5e2"
_BLUES = LinearSegmentedColormap.from_list("mien", ["#f7fafc", "#a9cbe3", "#3a86bb", "#0a4f80"])
_WHITE_FROM = 0.66  # share from which text on a blue cell is white
_TITLES = {"loss": "Loss", "accuracy": "Accuracy", "auc": "AUC"}
_COLUMNS = ("precision", "recall", "f1", "auc")


def history_plot(history: Sequence[Mapping[str, float]], figure: str) -> bytes:
    """Return the curves of ``loss``, ``accuracy`` or ``auc`` over the epochs as PNG; the kept epoch is marked.

    Args:
        history: rows with epoch, loss, accuracy, auc, val_loss, val_accuracy, val_auc; NaN or missing where unknown.
        figure: ``loss``, ``accuracy`` or ``auc``.

    Example:
        >>> (run / "history-loss.png").write_bytes(history_plot(rows, "loss"))
    """
    canvas, axes = _canvas(7.2, 4.5)
    for name, key, color in (("training", figure, _TRAINING), ("validation", f"val_{figure}", _VALIDATION)):
        epochs, values = curve(history, key)
        if values:
            axes.plot(
                epochs,
                values,
                color=color,
                linewidth=2,
                label=name,
                marker="o" if len(epochs) < 25 else "",
                markersize=4,
            )
    if axes.lines:
        _mark_best(axes, history, figure)
        axes.set_xlim(history[0]["epoch"] - 0.5, history[-1]["epoch"] + 0.5)
        axes.legend(frameon=False, labelcolor=_INK)
    else:
        axes.text(0.5, 0.5, "no finished epoch", transform=axes.transAxes, ha="center", color=_SOFT)
        axes.set_yticks([])
    axes.set_title(f"{_TITLES[figure]} over epochs", loc="left", color=_INK, fontsize=13, pad=12)
    axes.set_xlabel("epoch")
    axes.set_ylabel(_TITLES[figure].lower() if figure != "auc" else "AUC")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    axes.grid(color=_GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return _png(canvas)


def confusion_plot(confusion: npt.NDArray[np.integer] | Sequence[Sequence[int]], classes: Sequence[str]) -> bytes:
    """Return a confusion matrix as PNG: percentages of each row, so that rows sum to 100%, counts below them.

    Args:
        confusion: counts ``(classes, classes)``, rows = truth.
        classes: names.
    """
    counts = np.asarray(confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 2.4 + 0.86 * len(classes)
    canvas, axes = _canvas(side + 0.4, side)
    axes.imshow(shares, cmap=_BLUES, vmin=0, vmax=1)
    for row, column in np.ndindex(counts.shape):
        share, color = shares[row, column], "white" if shares[row, column] >= _WHITE_FROM else _INK
        axes.text(column, row - 0.08, f"{share:.0%}", ha="center", va="center", color=color, fontsize=11)
        axes.text(column, row + 0.2, f"{counts[row, column]:,}", ha="center", va="center", color=color, fontsize=8)
    axes.set_title("Confusion matrix: rows sum to 100% (recall)", loc="left", color=_INK, fontsize=13, pad=12)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true class")
    _cells(axes, list(classes), [f"{name}\n{total:,}" for name, total in zip(classes, counts.sum(axis=1), strict=True)])
    return _png(canvas)


def report_plot(metrics: Mapping[str, Any]) -> bytes:
    """Return the classification report as PNG: a row a class, then the mean of the classes.

    Args:
        metrics: ``per_class`` and ``accuracy`` as in metrics.json.
    """
    rows = metrics["per_class"]
    names = [*rows, "mean"]
    values = np.array([[_number(row[key]) for key in _COLUMNS] for row in rows.values()])
    known = np.isfinite(values)
    sums = np.where(known, values, 0).sum(axis=0)
    values = np.vstack(
        [values, np.divide(sums, known.sum(axis=0), out=np.full(len(_COLUMNS), np.nan), where=known.any(axis=0))]
    )
    support = [row["support"] for row in rows.values()]
    canvas, axes = _canvas(7.2, 1.7 + 0.5 * len(names))
    axes.imshow(np.nan_to_num(values), cmap=_BLUES, vmin=0, vmax=1, aspect="auto")
    for row, column in np.ndindex(values.shape):
        value = values[row, column]
        color = "white" if value >= _WHITE_FROM else _INK
        axes.text(
            column,
            row,
            f"{value:.3f}" if np.isfinite(value) else "–",
            ha="center",
            va="center",
            color=color,
            fontsize=11,
        )
    title = f"Classification report: accuracy {metrics['accuracy']:.3f} on {sum(support):,} pictures"
    axes.set_title(title, loc="left", color=_INK, fontsize=13, pad=12)
    counted = [f"{name}  ({count:,})" for name, count in zip(rows, support, strict=True)]
    _cells(axes, ["precision", "recall", "F1", "AUC"], [*counted, "mean of the classes"])
    axes.axhline(len(rows) - 0.5, color="white", linewidth=7)
    return _png(canvas)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _mark_best(axes: Axes, history: History, figure: str) -> None:
    best = best_row(history)
    if best is None:
        return
    value = best.get(f"val_{figure}", float("nan"))
    label = f"kept: epoch {best['epoch']:g}" + (f", {value:.3f}" if np.isfinite(value) else "")
    axes.axvline(best["epoch"], color=_SOFT, linewidth=1, linestyle=(0, (4, 3)), label=label, zorder=0)


def _cells(axes: Axes, columns: Sequence[str], rows: Sequence[str]) -> None:
    """Name columns and rows, and part the cells by white lines."""
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xticks(np.arange(0.5, len(columns) - 1), minor=True)
    axes.set_yticks(np.arange(0.5, len(rows) - 1), minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), dpi=_DPI, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.tick_params(colors=_INK, labelsize=10)
    axes.xaxis.label.set_color(_SOFT)
    axes.yaxis.label.set_color(_SOFT)
    axes.spines[:].set_color(_GRID)
    return figure, axes


def _png(figure: Figure) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
