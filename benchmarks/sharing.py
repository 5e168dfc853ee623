"""What a training of the torch engine keeps of its speed while another program uses a core, by how its threads wait.

Usage: uv run python benchmarks/sharing.py FER2013_FOLDER     (needs torch: pip install torch)

OpenMP's threads wait for each other awake. By default they do so for milliseconds, and take the time of the very thread
that they wait for where another program runs. mien lets them sleep sooner (see ``training/engine.py``).
"""

import json
import os
import subprocess
import sys
from statistics import median

from training_speed import SKIPPED, one_round

STEPS = 80
WAITS = {"mien": "10000", "default": "300000"}  # libgomp's own default


def speed(data: str, spins: str) -> float:
    """Return images a second of one round in a process of its own."""
    environment = {**os.environ, "GOMP_SPINCOUNT": spins}
    done = subprocess.run(
        [sys.executable, __file__, data, "round"], check=True, stdout=subprocess.PIPE, text=True, env=environment
    )
    seconds: list[float] = json.loads(done.stdout.splitlines()[-1])["seconds"]
    return 128 / median(seconds[SKIPPED:])


def main(data: str) -> None:
    """Measure alone and beside one busy process; print and record."""
    from record import record

    figures: dict[str, dict[str, float]] = {}
    for name, spins in WAITS.items():
        alone = speed(data, spins)
        busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        try:
            beside = speed(data, spins)
        finally:
            busy.kill()
        figures[name] = {"alone": round(alone, 1), "beside": round(beside, 1), "kept": round(beside / alone, 2)}
        print(name, figures[name], flush=True)
    print(record("sharing", figures))


if __name__ == "__main__":
    if sys.argv[2:] == ["round"]:
        print(json.dumps(one_round("torch", 0, sys.argv[1], STEPS)))
    else:
        main(sys.argv[1])
