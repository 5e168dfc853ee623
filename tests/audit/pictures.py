"""Pictures for tests of the audit, without files."""

from collections.abc import Sequence

import cv2
import numpy as np

from mien.audit.findings import Pictures


def pictures(
    images: Sequence[np.ndarray], labels: Sequence[str] = (), splits: Sequence[str] = (), sides: Sequence[int] = ()
) -> Pictures:
    """Return pictures named 0, 1, ...; of class a in train where nothing else is said."""
    count = len(images)
    return Pictures(
        images=np.array(images, np.uint8).reshape(count, 48, 48),
        names=tuple(str(number) for number in range(count)),
        splits=tuple(splits) or ("train",) * count,
        labels=tuple(labels) or ("a",) * count,
        sides=np.array(sides or [48] * count, np.int64),
    )


def smooth(seed: int) -> np.ndarray:
    """Return a picture of soft spots: uint8 (48, 48)."""
    spots = np.random.default_rng(seed).integers(0, 256, (6, 6)).astype(np.uint8)
    return cv2.resize(spots, (48, 48), interpolation=cv2.INTER_CUBIC)
