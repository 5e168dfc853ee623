"""How long the audit of FER2013 takes where it is a table, fer2013.csv, and not a folder.

Usage: uv run python benchmarks/audit_table.py FER2013_FOLDER

Writes the folder's pictures as rows of a table into a temporary folder and audits that, without a model.
"""

import csv
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from mien.audit.audit import audit
from mien.data.load import read
from mien.labels import FER_ORDER
from record import record

USAGES = {"train": "Training", "test": "PublicTest"}


def write_table(source: str, path: Path) -> int:
    """Write train and test as fer2013.csv has them; return the number of rows."""
    count = 0
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("emotion", "pixels", "Usage"))
        for split, usage in USAGES.items():
            part = read(source, split)
            numbers = [FER_ORDER.index(name) for name in part.classes]
            for image, label in zip(part.images, part.labels, strict=True):
                writer.writerow((numbers[label], " ".join(map(str, image.ravel().tolist())), usage))
            count += len(part)
    return count


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        table = Path(place) / "fer2013.csv"
        pictures = write_table(sys.argv[1], table)
        began = perf_counter()
        found = audit(table)
        seconds = round(perf_counter() - began, 1)
    kinds = {kind: count for kind, count in found.counts().items() if kind not in found.skipped}
    print(record("audit-table", {"pictures": pictures, "seconds": seconds, "findings": kinds}))
