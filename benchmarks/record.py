"""One way to record a measured figure: a JSON file with date, commit and hardware."""

import json
import os
import platform
from datetime import datetime
from pathlib import Path
from typing import Any

from mien.training.run import commit, processor
from mien.writing import write_file

RESULTS = Path(__file__).with_name("results")


def record(name: str, figures: dict[str, Any]) -> Path:
    """Write ``results/<date>-<commit>-<name>.json`` and return where."""
    told = circumstances()
    path = RESULTS / f"{told['date']}-{told['commit'].rstrip('+')[:8]}-{name}.json"
    write_file(path, json.dumps({"name": name, **told, **figures}, indent=2) + "\n")
    return path


def circumstances() -> dict[str, Any]:
    """Return when, with which commit and on what hardware figures are measured."""
    now = datetime.now().astimezone()
    return {
        "date": now.strftime("%Y-%m-%d"),
        "time": now.strftime("%H:%M:%S"),
        "commit": commit(),
        "hardware": {
            "cores": os.cpu_count(),
            "processor": processor(),
            "machine": platform.machine(),
            "python": platform.python_version(),
        },
    }


def latest(name: str) -> dict[str, Any]:
    """Return the newest recorded figures of that name."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob(f"*-{name}.json"))]
    return max(found, key=lambda item: (item["date"], item.get("time", "")))
