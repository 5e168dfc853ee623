"""Writes a comparison: comparison.json, disagreements.csv and the page, each whole or not at all."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from mien.evaluation.compare import Comparison
from mien.evaluation.compare_page import compare_page
from mien.evaluation.report import environment, table, to_json
from mien.writing import write_file


def write_comparison(comparison: Comparison, folder: Path) -> None:
    """Write comparison.json, disagreements.csv and comparison.html.

    Args:
        comparison: what to write.
        folder: made if missing; files of the same names are replaced.

    Raises:
        OutputError: the folder cannot be written.

    Example:
        >>> write_comparison(compare_files(["bundled", "runs/a"], "fer2013"), Path("mien-compare"))
    """
    contents: dict[str, bytes | str] = {
        "comparison.json": to_json(comparison.to_dict()),
        "disagreements.csv": table(_rows(comparison)),
        "comparison.html": compare_page(comparison, environment=environment()),
    }
    for name, data in contents.items():
        write_file(folder / name, data)


def _rows(comparison: Comparison) -> Iterable[Sequence[str]]:
    """A row a picture: its name, its class, and what each model says with which confidence; the surest first."""
    columns = [column for model in comparison.models for column in (model.name, f"{model.name} confidence")]
    yield ["file", "label", *columns]
    for each in comparison.disagreements:
        said = zip(each.said, each.confidences, strict=True)
        yield [each.name, each.label, *(cell for label, value in said for cell in (label, f"{value:.6f}"))]
