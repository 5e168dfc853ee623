"""Writes an evaluation: metrics.json, tables, pictures and the page, each whole or not at all."""

import csv
import json
import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any

from mien.evaluation.judge import Evaluation
from mien.evaluation.page import report_page
from mien.evaluation.plots import confusion_plot, report_plot
from mien.writing import KEEP_BYTES, write_file

_COLUMNS = ("precision", "recall", "f1", "auc", "support")
_NUMBERS = re.compile(r"\[\n[^\[\]{}\"]*\]")  # a line break is never part of a JSON text's strings


def write(
    evaluation: Evaluation,
    folder: Path,
    *,
    history: Sequence[Mapping[str, float]] | None = None,
    thumbnails: bool = True,
) -> None:
    """Write metrics.json, predictions.csv, report.html, and two tables and pictures of them.

    The tables are classification_report.csv and .png, confusion_matrix.csv and .png.

    Args:
        evaluation: what to write.
        folder: made if missing; files of the same names are replaced.
        history: a row an epoch; adds the curves of training to the page.
        thumbnails: whether the page shows the most confident mistakes; without them it can be published.

    Raises:
        OutputError: the folder cannot be written.

    Example:
        >>> write(evaluate("runs/2026-01-05-compact-1", "fer2013", "test"), Path("report"))
    """
    metrics = evaluation.metrics
    page = report_page(evaluation, history=history, thumbnails=thumbnails, environment=environment())
    contents: dict[str, bytes | str] = {
        "classification_report.csv": table(_report_rows(metrics)),
        "classification_report.png": report_plot(metrics),
        "confusion_matrix.csv": table(_confusion_rows(metrics)),
        "confusion_matrix.png": confusion_plot(metrics["confusion"], metrics["classes"]),
        "predictions.csv": table(_prediction_rows(evaluation)),
        "report.html": page,
        "metrics.json": to_json(metrics),
    }
    for name, data in contents.items():
        write_file(folder / name, data)


def to_json(metrics: Mapping[str, Any]) -> str:
    """Return metrics as JSON text, a list of numbers on one line; undefined figures are null."""
    text = json.dumps(metrics, indent=2, allow_nan=False, ensure_ascii=False)
    return _NUMBERS.sub(lambda found: " ".join(found[0].split()).replace("[ ", "[").replace(" ]", "]"), text) + "\n"


def table(rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows as the bytes of a CSV file."""
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", KEEP_BYTES)


def _cell(value: float | int | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6f}"


def _report_rows(metrics: Mapping[str, Any]) -> list[list[str]]:
    rows = [["class", *_COLUMNS]]
    classes = metrics["per_class"]
    rows += [[name, *(_cell(values[key]) for key in _COLUMNS)] for name, values in classes.items()]
    known = {
        key: [(row[key], row["support"]) for row in classes.values() if row[key] is not None] for key in _COLUMNS[:-1]
    }
    means = [sum(value for value, _ in known[key]) / len(known[key]) if known[key] else None for key in known]
    weights = [sum(count for _, count in known[key]) for key in known]
    weighted = [
        sum(value * count for value, count in known[key]) / weight if weight else None
        for key, weight in zip(known, weights, strict=True)
    ]
    rows.append(["macro average", *map(_cell, means), str(metrics["n"])])
    rows.append(["weighted average", *map(_cell, weighted), str(metrics["n"])])
    rows.append(["accuracy", "", _cell(metrics["accuracy"]), "", "", str(metrics["n"])])
    return rows


def _confusion_rows(metrics: Mapping[str, Any]) -> list[list[object]]:
    names = metrics["classes"]
    return [
        ["true / predicted", *names],
        *([name, *row] for name, row in zip(names, metrics["confusion"], strict=True)),
    ]


def _prediction_rows(evaluation: Evaluation) -> Iterable[list[str]]:
    predictions = evaluation.predictions
    yield ["file", "label", "predicted", "confidence", *predictions.classes]
    for name, label, row in zip(evaluation.names, evaluation.labels, predictions.probabilities.tolist(), strict=True):
        best = max(range(len(row)), key=row.__getitem__)
        yield [
            name,
            predictions.classes[label],
            predictions.classes[best],
            *(f"{value:.6f}" for value in (row[best], *row)),
        ]


def environment() -> str:
    """Return when and with what a report was written, the last line of a page."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "onnxruntime", "scikit-learn"))
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPU cores"
    return (
        f"Written {date.today()} by mien {version('mien')}, Python {platform.python_version()}, {packages}, {machine}."
    )
