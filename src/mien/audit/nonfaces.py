"""Pictures that may show no face: those that the usual patterns of the data set's own faces cannot describe."""

import cv2
import numpy as np
import numpy.typing as npt

from mien.audit.findings import FACE_SPACE, Finding, Pictures, robust_scores

LEAST = 100  # pictures without which there is no face space
_SIDE = 24  # pixels: what matters here is coarse
_COMPONENTS = 16
RULE = (
    "suspected non-faces are a simple rule's, not a model's: a model file gives probabilities of expressions and no "
    "out-of-distribution score. Drawings, faces from the side and hands before faces are among them"
)


def suspects(pictures: Pictures, rows: npt.NDArray[np.int64]) -> list[Finding]:
    """Return pictures that are far from face space, the farthest first; none where there are fewer than 100 pictures.

    Distance from face space: what 16 principal components of all pictures leave unexplained of one, 0-1 (Turk and
    Pentland 1991, Eigenfaces for Recognition, doi 10.1162/jocn.1991.3.1.71). The score counts it in robust standard
    deviations from the median.

    Args:
        pictures: all pictures.
        rows: positions of those to look at, int64 ``(m,)``: not the blank ones.
    """
    if len(rows) < LEAST:
        return []
    distances = _unexplained(pictures.images[rows])
    scores = robust_scores(distances)
    far = np.flatnonzero(scores > FACE_SPACE)
    return [
        pictures.finding(int(rows[place]), "non-face", scores[place], note=f"{distances[place]:.0%} unexplained")
        for place in far[np.argsort(-scores[far], kind="stable")]
    ]


def _unexplained(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return what the components leave unexplained of each picture, float32 ``(n,)``."""
    small = np.stack([cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA) for image in images])
    values = small.reshape(len(images), -1).astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    values /= np.maximum(values.std(axis=1, keepdims=True), 1)
    values -= values.mean(axis=0)
    _, vectors = np.linalg.eigh(values.T @ values / len(values))
    components = vectors[:, -_COMPONENTS:]
    rest = values - (values @ components) @ components.T
    return np.asarray((rest**2).mean(axis=1), np.float32)
