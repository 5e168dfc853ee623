"""Pictures a second of the local engine and of Ray with one worker and two; what a picture costs; records it.

The pictures are made here from the astronaut: moved, mirrored and lit differently, JPEG of a given side. Each engine is
the command that a user runs, once with one picture, which is its start-up, and once with all of them; what the others
take on top is the rate: take enough pictures, and a quiet machine, so that start-up does not hide the work.
Core-seconds are those of the local command; reading and decoding are timed alone on one core.

Usage: uv run python benchmarks/scale.py [PICTURES [SIDE]]       2,000 pictures of 256 pixels; a part has 1,000
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from threading import Event, Thread
from time import perf_counter
from typing import Any

import cv2
import numpy as np
import pyarrow
import pyarrow.parquet

from mien.cluster.stored import Rows, read_stored
from mien.data.samples import astronaut
from mien.pictures import read_picture
from record import record

DEFAULTS = (2_000, 256)
SEED, QUALITY, GROUP = 20261122, 90, 250
LOCAL = ("--save", "parquet")
ENGINES = {
    "local": LOCAL,
    "ray, 1 worker": ("--engine", "ray", "--workers", "1"),
    "ray, 2 workers": ("--engine", "ray", "--workers", "2"),
    "ray, 2 workers, from Parquet": ("--engine", "ray", "--workers", "2"),
}


def make(folder: Path, count: int, side: int) -> None:
    """Write the pictures as files, one alone, and as Parquet."""
    photo = cv2.resize(read_picture(astronaut()), (side, side), interpolation=cv2.INTER_AREA)
    rng = np.random.default_rng(SEED)
    (folder / "files").mkdir()
    pictures = []
    for number in range(count):
        moved = np.roll(photo, tuple(rng.integers(-side // 6, side // 6, 2)), (0, 1))[:, :: rng.choice([-1, 1])]
        lit = cv2.convertScaleAbs(moved, alpha=float(rng.uniform(0.7, 1.2)))
        data = cv2.imencode(".jpg", lit, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
        (folder / "files" / f"{number:07}.jpg").write_bytes(data)
        pictures.append(data)
    for name, some in {"all.parquet": pictures, "one.parquet": pictures[:1]}.items():
        table = pyarrow.table({"image": pyarrow.array(some, pyarrow.binary())})
        pyarrow.parquet.write_table(table, folder / name, row_group_size=GROUP, compression="none")


def timed(sources: Sequence[Path], options: Sequence[str], out: Path) -> dict[str, float]:
    """Run the command; return its seconds, the core-seconds of its own processes, and its largest memory in bytes."""
    words = [sys.executable, "-m", "mien", "detect", *map(str, sources), *options, "--faces", "haar", "--out", str(out)]
    began = perf_counter()
    with TemporaryFile() as notes:
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=notes)
        _, status, usage = os.wait4(process.pid, 0)
        notes.seek(0)
        assert status == 0, (words, notes.read())
    return {
        "seconds": perf_counter() - began,
        "core_seconds": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss * 1024,
    }


@contextmanager
def largest_worker() -> Iterator[list[int]]:
    """Watch the workers of Ray; the list has the largest memory of one in bytes at the end."""
    seen, over = [0], Event()

    def watch() -> None:
        while not over.wait(0.5):
            for folder in Path("/proc").glob("[0-9]*"):
                try:
                    if b"ray::MapWorker" in (folder / "cmdline").read_bytes():
                        status = (folder / "status").read_text()
                        seen[0] = max(seen[0], 1024 * int(status.partition("VmHWM:")[2].split()[0]))
                except (OSError, IndexError):  # it has ended meanwhile
                    continue

    thread = Thread(target=watch)
    thread.start()
    yield seen
    over.set()
    thread.join()


def engine(name: str, folder: Path, count: int, out: Path) -> dict[str, Any]:
    stored = name.endswith("Parquet")
    one = folder / ("one.parquet" if stored else "files/0000000.jpg")
    start = timed([one], ENGINES[name], out / "one")
    with largest_worker() as worker:
        whole = timed([folder / ("all.parquet" if stored else "files")], ENGINES[name], out / "all")
    figures: dict[str, Any] = {
        "start_seconds": round(start["seconds"], 1),
        "pictures_a_second": round((count - 1) / (whole["seconds"] - start["seconds"]), 1),
        "bytes_out_a_picture": round(sum(file.stat().st_size for file in out.rglob("all/**/part-*")) / count, 1),
        "memory_mb": round((worker[0] or whole["memory"]) / 1e6),
    }
    if name == "local":
        cores = (whole["core_seconds"] - start["core_seconds"]) / (count - 1)
        figures["core_seconds_a_picture"] = round(cores, 5)
    return figures


def reading(folder: Path, count: int) -> dict[str, float]:
    """Return pictures a second and core of reading Parquet alone, from the system's cache, and of decoding alone."""
    cv2.setNumThreads(1)
    began = perf_counter()
    data = [data for _, data in read_stored(Rows(str(folder / "all.parquet"), "image", 0, count))]
    read = perf_counter()
    for one in data:
        read_picture(one)
    return {"reading": round(count / (read - began)), "decoding": round(count / (perf_counter() - read))}


def main(count: int, side: int) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, count, side)
        size = sum(file.stat().st_size for file in (folder / "files").iterdir()) / count
        figures: dict[str, Any] = {"pictures": count, "side": side, "bytes_in_a_picture": round(size)}
        figures["alone"] = reading(folder, count)
        figures["engines"] = {}
        for number, name in enumerate(ENGINES):
            figures["engines"][name] = engine(name, folder, count, folder / f"out-{number}")
            print(name, figures["engines"][name], flush=True)
        print(record("scale", figures))


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*given, *DEFAULTS[len(given) :])
