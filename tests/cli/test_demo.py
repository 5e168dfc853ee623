"""``mien demo`` as a newcomer runs it: one word in an empty folder."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from mien.cli import demo as module


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


def test_ctrl_c_in_its_training_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mien.training.loop import Run

    run = Run(tmp_path / "runs" / "tiny-1", {}, 1, "faces", interrupted=True)
    monkeypatch.setattr("mien.training.loop.train", lambda *_: run)
    monkeypatch.setattr(module, "_draw", lambda out: out / "faces")
    monkeypatch.setattr(module, "_evaluate", pytest.fail)
    with pytest.raises(typer.Exit) as ended:
        module.demo(tmp_path)
    assert ended.value.exit_code == 130
    assert capsys.readouterr().err.endswith("tiny-1 is as far as the training came\n")
