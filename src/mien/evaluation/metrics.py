"""The headline figures and the figures of each class: arrays in, numbers out.

A class without a picture in the split has no recall and no AUC; averages over classes leave it out.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    precision_recall_fscore_support,
    roc_auc_score,
)

from mien.evaluation.calibration import calibration_error

Floats = npt.NDArray[np.floating]
Ints = npt.NDArray[np.int64]

HEADLINE = ("accuracy", "balanced_accuracy", "macro_f1", "macro_auc", "ece", "log_loss", "brier")
SMALLEST = 1e-7  # probabilities are raised to it before the logarithm: float32 knows nothing smaller beside 1


def figures(probabilities: Floats, labels: Ints) -> dict[str, float | None]:
    """Return the headline figures: accuracy, balanced_accuracy, macro_f1, macro_auc, ece, log_loss, brier and n.

    Balanced accuracy is the mean recall (Brodersen et al. 2010); macro AUC the mean of one-against-the-rest areas under
    the ROC curve (Hand and Till 2001 discuss it); ece is ``calibration_error``; log loss is in nats; brier is the
    mean of ``squared_error``, 0-2.

    Args:
        probabilities: float ``(n, classes)``, 0-1, rows sum to 1.
        labels: int64 ``(n,)``, columns of ``probabilities``.

    Returns:
        A number a figure; None where it is undefined (no pictures, or an AUC with a single class).

    Example:
        >>> figures(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1]))["accuracy"]
        1.0
    """
    if len(labels) == 0:
        return {**dict.fromkeys(HEADLINE), "n": 0}
    scores = np.asarray(probabilities, np.float64)
    predicted = scores.argmax(axis=1)
    present = np.unique(labels)
    _, recall, f1, _ = precision_recall_fscore_support(labels, predicted, labels=present, zero_division=0)
    areas = [area for area in (auc(scores[:, column], labels == column) for column in present) if area is not None]
    return {
        "accuracy": float(np.mean(predicted == labels)),
        "balanced_accuracy": float(np.mean(recall)),
        "macro_f1": float(np.mean(f1)),
        "macro_auc": float(np.mean(areas)) if areas else None,
        "ece": calibration_error(scores, labels),
        "log_loss": float(surprise(scores, labels).mean()),
        "brier": float(squared_error(scores, labels).mean()),
        "n": len(labels),
    }


def per_class(probabilities: Floats, labels: Ints, classes: Sequence[str]) -> dict[str, dict[str, float | None]]:
    """Return precision, recall, f1, auc and average_precision (one against the rest) and support of each class.

    Args:
        probabilities: float ``(n, classes)``, 0-1.
        labels: int64 ``(n,)``.
        classes: names of the columns.

    Returns:
        A table a class name; recall, f1, auc and average_precision are None for a class without a picture, precision
        is None for a class that was never predicted.
    """
    scores = np.asarray(probabilities, np.float64)
    predicted = scores.argmax(axis=1)
    columns = np.arange(len(classes))
    precision, recall, f1, support = precision_recall_fscore_support(labels, predicted, labels=columns, zero_division=0)
    guessed = np.bincount(predicted, minlength=len(classes))
    return {
        name: {
            "precision": float(precision[column]) if guessed[column] else None,
            "recall": float(recall[column]) if support[column] else None,
            "f1": float(f1[column]) if support[column] else None,
            "auc": auc(scores[:, column], labels == column),
            "average_precision": average_precision(scores[:, column], labels == column),
            "support": int(support[column]),
        }
        for column, name in enumerate(classes)
    }


def confusion(probabilities: Floats, labels: Ints) -> Ints:
    """Return counts, int64 ``(classes, classes)``: row = true class, column = predicted class."""
    columns = np.arange(probabilities.shape[1])
    counts: Ints = confusion_matrix(labels, probabilities.argmax(axis=1), labels=columns)
    return counts.astype(np.int64)


def auc(scores: Floats, positive: npt.NDArray[np.bool_]) -> float | None:
    """Return the area under the ROC curve, 0-1; None where all pictures are of one kind."""
    return None if positive.all() or not positive.any() else float(roc_auc_score(positive, scores))


def average_precision(scores: Floats, positive: npt.NDArray[np.bool_]) -> float | None:
    """Return the mean precision over recall, 0-1, guessing gives the share of positives; None where there are none.

    The sum over thresholds of precision times the gain in recall (Su, Yuan and Zhu 2015, "A relationship between the
    average precision and the area under the ROC curve", doi:10.1145/2808194.2809481).
    """
    return float(average_precision_score(positive, scores)) if positive.any() else None


def surprise(probabilities: Floats, labels: Ints) -> npt.NDArray[np.float64]:
    """Return minus the logarithm of the true class's probability, float64 ``(n,)``, in nats."""
    truth = np.asarray(probabilities, np.float64)[np.arange(len(labels)), labels]
    return -np.log(np.clip(truth, SMALLEST, 1.0))


def squared_error(probabilities: Floats, labels: Ints) -> npt.NDArray[np.float64]:
    """Return the sum over classes of (probability - truth) squared, float64 ``(n,)``, 0 (sure and right) to 2.

    Its mean is the Brier score: Brier 1950, "Verification of forecasts expressed in terms of probability", Monthly
    Weather Review 78(1), equation 2.
    """
    scores = np.asarray(probabilities, np.float64)
    truth = np.eye(scores.shape[1])[labels]
    errors: npt.NDArray[np.float64] = np.square(scores - truth).sum(axis=1)
    return errors
