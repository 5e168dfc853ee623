"""Answers to imbalance."""

import numpy as np
import numpy.typing as npt


def class_weights(balance: str, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Return the weight of each class in the loss.

    ``class-weights`` is N / (classes x N_c), so that every class weighs the same in all and the mean weight of a
    picture is 1 (King & Zeng 2001, "Logistic Regression in Rare Events Data"; scikit-learn's ``balanced``).

    Args:
        balance: ``none`` or ``class-weights``.
        counts: pictures of each class, int64 ``(classes,)``, none zero.

    Returns:
        float32 ``(classes,)``.

    Example:
        >>> class_weights("class-weights", np.array([10, 30]))
        array([2.       , 0.6666667], dtype=float32)
    """
    if balance == "none":
        return np.ones(len(counts), np.float32)
    return np.asarray(counts.sum() / (len(counts) * counts), np.float32)
