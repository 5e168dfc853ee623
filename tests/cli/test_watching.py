from math import nan

import pytest

from mien.cli.watching import LiveTable


@pytest.mark.parametrize("name", ["[happy]", "a[/b]", "[bold red]"])
def test_names_in_square_brackets_are_shown_as_they_are(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with LiveTable() as watcher:
        watcher.started(f"runs/{name}", 10, 20, 30)
        watcher.said(f"left out: {name}/1.png")
    told = capsys.readouterr().err
    assert told.startswith(f"runs/{name}: 10 parameters, 20 training and 30 validation pictures")
    assert f"left out: {name}/1.png" in told


def test_what_is_unknown_is_left_out_of_an_epochs_line(capsys: pytest.CaptureFixture[str]) -> None:
    known = {"loss": 1.0, "accuracy": 0.5, "auc": nan, "seconds": 3.0}
    names = ("val_loss", "val_accuracy", "val_auc", "val_macro_f1", "val_balanced_accuracy")
    with LiveTable() as watcher:
        watcher.finished_epoch({"epoch": 1.0, **known, **dict.fromkeys(names, nan)}, 2)
    assert capsys.readouterr().err.splitlines()[-1] == "epoch 1/2 loss 1 accuracy 0.5 seconds 3"
