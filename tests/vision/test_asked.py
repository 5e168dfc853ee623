"""What is noted beside rows, and what going on makes of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from mien.errors import OutputError
from mien.vision.asked import NAME, Asked, fingerprint

ASKED = Asked({"--stride": 5, "--max-faces": None}, {"--end": 1.0, "sources": fingerprint(["a.mp4"])})


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A file of rows."""
    (tmp_path / "faces.csv").touch()
    return tmp_path / "faces.csv"


def test_only_what_was_finished_is_done(rows: Path) -> None:
    assert not ASKED.is_done([rows])
    ASKED.note([rows], finished=False)
    assert not ASKED.is_done([rows])
    ASKED.note([rows], finished=True)
    assert ASKED.is_done([rows])


def test_what_is_no_longer_there_is_not_done(rows: Path) -> None:
    ASKED.note([rows], finished=True)
    rows.unlink()
    assert not ASKED.is_done([rows])
    assert not replace(ASKED, settings={}).is_done([rows])


@pytest.mark.parametrize("extent", [{"--end": 2.0}, {"sources": fingerprint(["a.mp4", "b.mp4"])}])
def test_a_larger_extent_goes_on(extent: dict[str, str | float], rows: Path) -> None:
    ASKED.note([rows], finished=True)
    assert not replace(ASKED, extent={**ASKED.extent, **extent}).is_done([rows])


def test_other_settings_are_refused_by_name(rows: Path) -> None:
    ASKED.note([rows], finished=False)
    with pytest.raises(
        OutputError, match=r"faces\.csv: its rows were written with --stride 5, not 2; say the same, leave out --res"
    ):
        replace(ASKED, settings={**ASKED.settings, "--stride": 2}).is_done([rows])
    with pytest.raises(OutputError, match="with --max-faces left out, not 3"):
        replace(ASKED, settings={**ASKED.settings, "--max-faces": 3}).is_done([rows])


def test_each_file_has_its_settings(rows: Path) -> None:
    other = replace(ASKED, settings={**ASKED.settings, "--stride": 2})
    lines = rows.with_name("faces.jsonl")
    lines.touch()
    ASKED.note([rows], finished=True)
    other.note([lines], finished=True)
    assert ASKED.is_done([rows])
    assert other.is_done([lines])
    with pytest.raises(OutputError, match=r"faces\.csv: its rows were written with --stride 5, not 2"):
        other.is_done([lines, rows])


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"settings": 1', '{"faces.csv": []}', '{"faces.csv": {"settings": [], "extent": {}}}']
)
def test_a_damaged_note_is_none(text: str, rows: Path) -> None:
    rows.with_name(NAME).write_text(text)
    assert not ASKED.is_done([rows])
    ASKED.note([rows], finished=True)
    assert ASKED.is_done([rows])
