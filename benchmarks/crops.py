"""How well the bundled model reads outside pictures that are nearly all tight face crops; each whole picture is a crop.

Usage: uv run python benchmarks/crops.py WILD_PHOTOS_ZIP      (EXPRESSION/name.jpg inside; labels are noisy)
"""

import sys
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np

from mien.evaluation.intervals import class_intervals, intervals
from mien.evaluation.metrics import HEADLINE, confusion, figures, per_class
from mien.labels import canonical
from mien.model.classify import Classifier
from mien.pictures import read_picture
from record import record

if __name__ == "__main__":
    classify, pictures, names = Classifier(), [], []
    with zipfile.ZipFile(Path(sys.argv[1])) as archive:
        for item in archive.namelist():
            label = canonical(PurePosixPath(item).parent.name)
            if label and not item.endswith("/"):
                pictures.append(read_picture(archive.read(item)))
                names.append(label)
    probabilities = classify(pictures)
    labels = np.array([classify.labels.index(name) for name in names])
    found = figures(probabilities, labels)
    counts = confusion(probabilities, labels)
    print(
        record(
            "crops",
            {
                **{key: found[key] for key in (*HEADLINE, "n")},
                "intervals": intervals(probabilities, labels),
                "per_class": per_class(probabilities, labels, classify.labels),
                "class_intervals": class_intervals(counts, classify.labels),
                "confusion": counts.tolist(),
            },
        )
    )
