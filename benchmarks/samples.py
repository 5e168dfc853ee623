"""How many faces the default finder sees in the development samples; records it.

Usage: uv run python benchmarks/samples.py SAMPLES_FOLDER
"""

import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from mien.detect import Detector
from mien.vision.sources import expand
from record import record

if __name__ == "__main__":
    detector = Detector()
    found: dict[str, Any] = {}
    for source in expand([Path(sys.argv[1])]):
        if not source.is_video:
            found[source.name.name] = {"faces": len(detector(source.path))}
            continue
        began = perf_counter()
        counts = [len(frame.faces) for frame in detector.stream(source.path)]
        seconds = perf_counter() - began
        found[source.name.name] = {
            "frames": len(counts),
            "with_a_face": sum(count > 0 for count in counts),
            "with_several": sum(count > 1 for count in counts),
            "frames_a_second": round(len(counts) / seconds, 1),
        }
    print(record("samples", {"found": found}))
