"""What a crowd's votes lead one to expect of the label: a softer target than a single annotator's word."""

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

_LEAST = 0.05  # half a vote of ten
_STEPS = 1000


def expected_labels(votes: npt.NDArray[np.float32], labels: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Return the probability of each class as the label, given the votes: float32 ``(n, classes)``.

    Votes and labels answer different questions: people agree with FER2013's label in two of three pictures. So the
    votes are not taken as probabilities of the label, but translated by a multinomial logistic regression on their
    shares, square roots and logarithms, fitted to these very pictures; it has too few weights to learn single ones.

    Args:
        votes: share of the votes for each class, float32 ``(n, classes)``, 0-1; rows of zeros where there are none.
        labels: int64 ``(n,)``.

    Example:
        >>> expected_labels(votes, train.labels).sum(axis=1)
        array([1., 1., 1.], dtype=float32)
    """
    shares = np.column_stack([votes, 1 - votes.sum(axis=1)]).clip(0, 1).astype(np.float64)
    features = np.hstack([shares, np.sqrt(shares), np.log(shares + _LEAST)])
    model = LogisticRegression(max_iter=_STEPS).fit(features, labels)
    expected = np.zeros(votes.shape, np.float32)
    expected[:, model.classes_] = model.predict_proba(features)
    return expected
