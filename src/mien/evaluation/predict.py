"""What a model says about every picture of a data set, plain and mirrored."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mien.data.dataset import Dataset
from mien.model.classify import Classifier

_BATCH = 256


@dataclass(frozen=True, eq=False)
class Predictions:
    """Probabilities of pictures, joined to labels by name and never by position.

    Attributes:
        names: one name a picture.
        classes: names of the columns, in the model's order.
        probabilities: float32 ``(n, classes)``, 0-1.
        flipped: the same of the mirrored pictures; the mean of both is flip-averaged.
    """

    names: tuple[str, ...]
    classes: tuple[str, ...]
    probabilities: npt.NDArray[np.float32]
    flipped: npt.NDArray[np.float32]


def predict(
    classifier: Classifier, dataset: Dataset, *, watch: Callable[[int, int], None] | None = None
) -> Predictions:
    """Return the model's probabilities of all pictures.

    Args:
        classifier: the model.
        dataset: grey uint8 pictures; their labels are not looked at.
        watch: called with (done, total) pictures after each batch.

    Example:
        >>> predict(Classifier(), dataset).probabilities.shape
        (3579, 7)
    """
    total = len(dataset)
    plain, mirrored = [], []
    for start in range(0, total, _BATCH):
        images = dataset.images[start : start + _BATCH]
        plain.append(classifier(images))
        mirrored.append(classifier(np.ascontiguousarray(images[:, :, ::-1])))
        if watch is not None:
            watch(min(start + _BATCH, total), total)
    none = np.empty((0, len(classifier.labels)), np.float32)
    return Predictions(
        names=dataset.names,
        classes=classifier.labels,
        probabilities=np.concatenate([none, *plain]),
        flipped=np.concatenate([none, *mirrored]),
    )
