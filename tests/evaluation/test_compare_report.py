import csv
import json

import pytest

from mien.errors import OutputError
from mien.evaluation.compare_report import write_comparison
from tests.evaluation.comparing import clear_comparison


def test_all_files_are_written_and_nothing_else(tmp_path):
    write_comparison(clear_comparison(), tmp_path / "new" / "folder")
    files = {path.name for path in (tmp_path / "new" / "folder").iterdir()}
    assert files == {"comparison.json", "comparison.html", "disagreements.csv"}


def test_json_is_the_comparison(tmp_path):
    found = clear_comparison(12)
    write_comparison(found, tmp_path)
    assert json.loads((tmp_path / "comparison.json").read_text()) == json.loads(json.dumps(found.to_dict()))


def test_disagreements_hold_a_row_a_picture(tmp_path):
    write_comparison(clear_comparison(12), tmp_path)
    with (tmp_path / "disagreements.csv").open(newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["file", "label", "worse", "worse confidence", "better", "better confidence"]
    assert len(rows) == 6
    assert ["6", "calm", "cross", "0.700000", "calm", "0.900000"] in rows


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        write_comparison(clear_comparison(12), tmp_path / "file")
