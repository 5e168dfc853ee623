"""The loss of the labels: cross-entropy with soft targets, with the answers to imbalance that lie in the loss."""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from mien.training.balance import FOCUS


class TargetLoss(keras.losses.Loss):
    """Cross-entropy of logits with the probabilities that they should have.

    With ``focal``, pictures that the network has right already count less: each term -t log p is multiplied by
    (1 - p)^2 (Lin et al. 2017, arXiv 1708.02002, equation 4, without alpha).

    Args:
        shift: added to the logits here and nowhere else, float32 ``(classes,)``; see ``balance.logit_shift``.
        focal: whether it is the focal loss.

    Example:
        >>> loss = TargetLoss(np.zeros(2, np.float32), focal=False)
        >>> round(float(loss([[1.0, 0.0]], [[0.0, 0.0]])), 3)     # ln 2
        0.693
    """

    def __init__(self, shift: npt.NDArray[np.float32], *, focal: bool) -> None:
        super().__init__(name="targets")
        self._shift, self._focal = shift, focal

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each picture: targets and logits, both ``(n, classes)``."""
        logs = ops.log_softmax(ops.add(y_pred, self._shift))
        terms = ops.multiply(y_true, -logs)
        if self._focal:
            terms = terms * (1 - ops.exp(logs)) ** FOCUS
        return ops.sum(terms, axis=-1)
