"""What is noted beside rows, and what going on makes of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from mien.errors import OutputError
from mien.vision.asked import NAME, Asked, fingerprint

ASKED = Asked({"--stride": 5, "--max-faces": None}, {"--end": 1.0, "sources": fingerprint(["a.mp4"])})


def test_only_what_was_finished_is_done(tmp_path: Path) -> None:
    assert not ASKED.is_done(tmp_path)
    ASKED.note(tmp_path, finished=False)
    assert not ASKED.is_done(tmp_path)
    ASKED.note(tmp_path, finished=True)
    assert ASKED.is_done(tmp_path)


@pytest.mark.parametrize("extent", [{"--end": 2.0}, {"sources": fingerprint(["a.mp4", "b.mp4"])}])
def test_a_larger_extent_goes_on(extent: dict[str, str | float], tmp_path: Path) -> None:
    ASKED.note(tmp_path, finished=True)
    assert not replace(ASKED, extent={**ASKED.extent, **extent}).is_done(tmp_path)


def test_other_settings_are_refused_by_name(tmp_path: Path) -> None:
    ASKED.note(tmp_path, finished=False)
    with pytest.raises(
        OutputError, match=r"its rows were written with --stride 5, not 2; say the same, leave out --res"
    ):
        replace(ASKED, settings={**ASKED.settings, "--stride": 2}).is_done(tmp_path)
    with pytest.raises(OutputError, match="with --max-faces left out, not 3"):
        replace(ASKED, settings={**ASKED.settings, "--max-faces": 3}).is_done(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"settings": 1'])
def test_a_damaged_note_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(text)
    assert not ASKED.is_done(tmp_path)
