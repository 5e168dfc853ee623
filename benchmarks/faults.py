"""Kill, starve and mislead trainings, and see what is left: faults tried and survived.

Usage: uv run python benchmarks/faults.py [KILLS]    (20 kills take ten minutes; a full disk needs the right to mount)

A killed run is resumed and has to end with the very weights and figures of one that was left alone, with every epoch in
its history and nothing half-written. Half of the kills come at a random moment of the training's epochs, half while
a file is being written, one of those that a watched run was seen to write.
"""

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from statistics import mean
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any

import numpy as np

from mien.model.classify import Classifier
from mien.training.checkpoint import load
from mien.writing import UNFINISHED

KILLS, SEED = 20, 2013
EPOCHS = 16
TOLD = ["--recipe", "tiny", "--set", "size=32", "--set", "sizes=[]", "--epochs", str(EPOCHS)]
_COLUMNS = ("loss", "accuracy", "val_loss", "val_accuracy")  # of the history; seconds differ


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "mien", *map(str, words)]


def start(data: Path, out: Path, *more: str) -> "subprocess.Popen[str]":
    told = command("train", "--data", data, *TOLD, *more, "--out", out)
    return subprocess.Popen(told, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def finish(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Return exit status and the last line that a person saw."""
    _, text = process.communicate(timeout=500)
    return process.returncode, text.strip().splitlines()[-1] if text.strip() else ""


def same(one: Path, other: Path) -> bool:
    """Return whether two runs ended alike, bit by bit."""
    ours, theirs = load(one / "checkpoint"), load(other / "checkpoint")
    kinds = ("weights", "optimizer", "best_weights", "average")
    arrays = all(
        len(getattr(ours, kind)) == len(getattr(theirs, kind))
        and all(np.array_equal(a, b) for a, b in zip(getattr(ours, kind), getattr(theirs, kind), strict=True))
        for kind in kinds
    )
    rows = [[row[column] for column in _COLUMNS] for row in ours.history]
    return arrays and rows == [[row[column] for column in _COLUMNS] for row in theirs.history]


def half_written(folder: Path) -> list[Path]:
    return list(folder.rglob(f".*{UNFINISHED}*"))


@dataclass(frozen=True)
class Moment:
    """When to kill: some seconds after an epoch's checkpoint, or while the so-many-th file is being written."""

    epochs: int = 0
    seconds: float = 0.0
    file: int = 0

    def __str__(self) -> str:
        return f"file {self.file}" if self.file else f"{self.seconds:.2f} s after epoch {self.epochs}"


def wait_for(process: "subprocess.Popen[str]", out: Path, moment: Moment) -> int:
    """Wait until the moment has come or the training has ended; return how many files were seen being written."""
    seen, saved = set[Path](), set[tuple[int, int]]()
    while process.poll() is None:
        if moment.file:
            seen.update(half_written(out))
            if len(seen) >= moment.file:
                break
        else:
            saved.update((stat.st_ino, stat.st_mtime_ns) for stat in map(Path.stat, out.glob("*/checkpoint/last.npz")))
            if out.exists() and len(saved) >= moment.epochs:
                sleep(moment.seconds)
                break
        sleep(0.0005)
    return len(seen)


def kill_once(data: Path, out: Path, moment: Moment, whole: Path) -> dict[str, Any]:
    """Kill a training, resume it, and say what became of it."""
    process = start(data, out)
    wait_for(process, out, moment)
    process.kill()
    process.communicate()
    runs = sorted(out.iterdir()) if out.exists() else []
    if not runs or not (runs[0] / "recipe.toml").exists():
        return {"at": str(moment), "epochs_done": 0, "begun": False, "survived": True}
    run = runs[0]
    done = len(load(run / "checkpoint").history) if (run / "checkpoint" / "last.npz").exists() else 0
    left = len(half_written(run))
    again = command("train", "--resume", run)
    status, said = finish(subprocess.Popen(again, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
    fine = status == 0 and same(run, whole) and not half_written(run) and bool(Classifier(run).labels)
    return {"at": str(moment), "epochs_done": done, "begun": True, "half_written": left, "survived": fine, "said": said}


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[bool]:
    """Mount a disk of so many megabytes; give whether it could be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def other_faults(data: Path, place: Path) -> Iterator[dict[str, Any]]:
    """Give each fault that is no kill, the line that a person saw, and whether all was as promised."""
    with small_disk(place / "disk", 1) as mounted:
        if mounted:
            status, said = finish(start(data, place / "disk" / "runs"))
            told = status == 1 and said.startswith("error: ") and not half_written(place / "disk")
            yield {"fault": "full disk", "said": said, "survived": told}
            rmtree(place / "disk" / "runs")
            subprocess.run(["mount", "-o", "remount,ro", str(place / "disk")], check=True)
            status, said = finish(start(data, place / "disk" / "runs"))
            yield {"fault": "read-only folder", "said": said, "survived": status == 1 and said.startswith("error: ")}
    status, said = finish(start(data, place / "nan", "--set", "learning_rate=100", "--set", "weight_decay=0.9"))
    yield {"fault": "loss not a number", "said": said, "survived": status == 1 and "the loss is" in said}
    copy = place / "copy"
    subprocess.run(["cp", "-r", str(data), str(copy)], check=True)
    process = start(copy, place / "lost")
    wait_for(process, place / "lost", Moment(epochs=2))
    rmtree(copy)
    status, said = finish(process)
    yield {"fault": "data gone in mid-training", "said": said, "survived": status == 0}
    (run,) = (place / "lost").iterdir()
    again = command("train", "--resume", run, "--epochs", EPOCHS + 1)
    status, said = finish(subprocess.Popen(again, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
    yield {"fault": "data gone before resuming", "said": said, "survived": status == 1 and str(copy) in said}
    first = start(data, place / "two", "--epochs", "500")
    wait_for(first, place / "two", Moment(epochs=1))
    (run,) = (place / "two").iterdir()
    again = command("train", "--resume", run)
    status, said = finish(subprocess.Popen(again, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
    first.kill()
    first.communicate()
    yield {"fault": "a second training in the folder", "said": said, "survived": status == 1 and "another" in said}


def main(kills: int) -> None:
    """Run all, print and record."""
    from record import record

    rng = random.Random(SEED)
    with TemporaryDirectory() as folder:
        place = Path(folder)
        data = place / "faces"
        subprocess.run(command("data", "synth", "--out", data), check=True, capture_output=True)
        process = start(data, place / "whole")
        files = wait_for(process, place / "whole", Moment(file=10**9))
        status, said = finish(process)
        assert status == 0, said
        (whole,) = (place / "whole").iterdir()
        pace = mean(row["seconds"] for row in load(whole / "checkpoint").history[1:])
        killed = []
        for number in range(kills):
            random_moment = Moment(epochs=rng.randrange(EPOCHS), seconds=rng.uniform(0, pace))
            moment = random_moment if number % 2 else Moment(file=rng.randint(1, files))
            kill = kill_once(data, place / f"kill{number}", moment, whole)
            killed.append({**kill, "said": kill.get("said", "").replace(str(place), "")})
            print(killed[-1], flush=True)
        others = []
        for fault in other_faults(data, place):
            others.append({**fault, "said": fault["said"].replace(str(place), "")})
            print(others[-1], flush=True)
    figures = {
        "kills": len(killed),
        "kills_while_a_file_was_written": sum(item.get("half_written", 0) > 0 for item in killed),
        "kills_survived": sum(item["survived"] for item in killed),
        "other_faults": len(others),
        "other_faults_survived": sum(item["survived"] for item in others),
    }
    print(record("faults", {**figures, "each_kill": killed, "each_other_fault": others}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else KILLS)
