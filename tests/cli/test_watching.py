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
