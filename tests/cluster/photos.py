"""Pictures to share out: files, a broken one, and Parquet."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pandas
import pyarrow
import pyarrow.parquet

from mien.detect import Detector
from mien.results import Frame
from mien.vision.table import ParquetSink

ASTRONAUT = (files("mien.data") / "samples" / "astronaut.jpg").read_bytes()
IMAGE = np.zeros((1, 1, 3), np.uint8)


def picture(number: int, suffix: str = ".jpg") -> bytes:
    """Return a picture file: the astronaut, moved a little further with each number."""
    image = cv2.imdecode(np.frombuffer(ASTRONAUT, np.uint8), cv2.IMREAD_COLOR)
    return cv2.imencode(suffix, np.roll(image, 7 * (number % 9), axis=1))[1].tobytes()


def local_rows(folder: Path, detector: Detector, paths: Sequence[Path]) -> pandas.DataFrame:
    """Return what the local engine writes as Parquet of these pictures."""
    with ParquetSink(folder, detector.classify.labels) as sink:
        for path in paths:
            sink.write(Frame(str(path), 0, 0.0, IMAGE, tuple(detector(path))))
    return pandas.read_parquet(folder)


def store(path: Path, pictures: Sequence[bytes | None], group: int = 1000, *, inside: bool = False) -> Path:
    """Write a Parquet file with a column of pictures, or of structures with them inside, beside a text."""
    column = pyarrow.array(pictures, pyarrow.binary())
    if inside:
        column = pyarrow.StructArray.from_arrays([column, pyarrow.array([""] * len(pictures))], ["bytes", "path"])
    table = pyarrow.table({"label": ["happy"] * len(pictures), "image": column})
    pyarrow.parquet.write_table(table, path, row_group_size=group)
    return path
