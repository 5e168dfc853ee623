"""One way to record a measured figure: a JSON file with date, commit and hardware."""

import json
import os
import platform
from datetime import datetime
from pathlib import Path
from typing import Any

from mien.training.run import commit

RESULTS = Path(__file__).with_name("results")


def record(name: str, figures: dict[str, Any]) -> Path:
    """Write ``results/<date>-<commit>-<name>.json`` and return where."""
    now, sha = datetime.now().astimezone(), commit()
    day = now.strftime("%Y-%m-%d")
    hardware = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    path = RESULTS / f"{day}-{sha.rstrip('+')[:8]}-{name}.json"
    text = json.dumps(
        {"name": name, "date": day, "time": now.strftime("%H:%M:%S"), "commit": sha, "hardware": hardware, **figures},
        indent=2,
    )
    path.parent.mkdir(exist_ok=True)
    path.write_text(text + "\n", "utf-8")
    return path


def latest(name: str) -> dict[str, Any]:
    """Return the newest recorded figures of that name."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob(f"*-{name}.json"))]
    return max(found, key=lambda item: (item["date"], item.get("time", "")))
