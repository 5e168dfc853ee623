"""The area under the ROC curve while training, from counts, so that no picture's score need be kept."""

from typing import Any

import keras
from keras import ops

_BUCKETS = 200


class SoftmaxAUC(keras.metrics.Metric):
    """Macro-averaged one-versus-rest area under the ROC curve, from logits.

    Scores fall into 200 equal buckets of 0-1; a pair of a positive and a negative in one bucket counts half
    (the Mann-Whitney statistic with ties: Hanley & McNeil 1982, "The meaning and use of the area under a ROC curve").
    Classes without a positive or a negative picture are left out of the mean.

    Args:
        classes: number of outputs.
        name: key in the logs.

    Example:
        >>> auc = SoftmaxAUC(2)
        >>> auc.update_state([[1, 0], [0, 1]], [[3.0, 0.0], [0.0, 3.0]])
        >>> float(auc.result())
        1.0
    """

    def __init__(self, classes: int, name: str = "auc") -> None:
        super().__init__(name=name)
        self._counts = self.add_variable((2, classes, _BUCKETS), initializer="zeros", name="counts")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch: targets, the largest is the class, and logits, both ``(n, classes)``; weights are not used."""
        scores = ops.softmax(ops.convert_to_tensor(y_pred, dtype="float32"))
        buckets = ops.one_hot(ops.cast(scores * (_BUCKETS - 0.001), "int32"), _BUCKETS, dtype="float32")
        classes = ops.argmax(ops.convert_to_tensor(y_true, dtype="float32"), axis=-1)
        truth = ops.expand_dims(ops.one_hot(classes, self._counts.shape[1], dtype="float32"), -1)
        counts = ops.stack([ops.sum(buckets * (1 - truth), axis=0), ops.sum(buckets * truth, axis=0)])
        self._counts.assign(self._counts + counts)

    def result(self) -> Any:
        """Return the area, 0-1."""
        negatives, positives = self._counts[0], self._counts[1]
        below = ops.cumsum(negatives, axis=1) - negatives / 2
        won = ops.sum(positives * below, axis=1)
        pairs = ops.sum(positives, axis=1) * ops.sum(negatives, axis=1)
        present = ops.minimum(pairs, 1.0)
        areas = won / ops.maximum(pairs, 1.0)
        return ops.sum(areas * present) / ops.maximum(ops.sum(present), 1.0)
