"""``mien demo`` as a newcomer runs it: one word in an empty folder."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_demo_makes_everything_it_says(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "mien", "demo"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "mien-demo"
    (run,) = (out / "runs").iterdir()
    assert (run / "evaluation" / "test" / "report.html").is_file()
    figures = json.loads((run / "evaluation" / "test" / "metrics.json").read_text("utf-8"))
    for label, values in figures["per_class"].items():
        assert values["recall"] > 2 / 7, f"{label}: recall {values['recall']}, chance is 1/7"
    assert (run / "model.tflite").is_file()
    assert len([item for item in (out / "pictures").iterdir() if item.suffix in (".jpg", ".png")]) == 2
    assert "astronaut" in done.stdout
    assert "happy" in done.stdout
    assert [item.name for item in tmp_path.iterdir()] == ["mien-demo"]
    for step in ("1/5", "2/5", "3/5", "4/5", "5/5"):
        assert step in done.stderr
