"""Answers to imbalance: which pictures are drawn, what each weighs in the loss, and how the loss sees the classes.

Each answer is one name (``--balance``), and ``+logit-adjustment`` may follow one that is given in training. FER2013's
question is small: seven classes, one of them rare (16.5 to 1).
"""

import numpy as np
import numpy.typing as npt

BALANCES = (
    "none",
    "class-weights",
    "effective-number",
    "sqrt-sampler",
    "balanced-sampler",
    "focal",
    "balanced-softmax",
    "logit-adjustment",
    "rare-augment",
)
AFTER = "logit-adjustment"  # needs no training: it can follow an answer that does
CHOICES = (*BALANCES, *(f"{name}+{AFTER}" for name in BALANCES if name not in ("none", AFTER)))
FOCUS = 2.0  # gamma of the focal loss: the paper's best
_BETA = 0.999  # of the effective number of pictures, one of the paper's four
_POWERS = {"sqrt-sampler": 0.5, "balanced-sampler": 1.0, "rare-augment": 0.5}
_STRONGER = 1.5  # how much more the pictures of the rarest class are varied under rare-augment


def in_training(balance: str) -> str:
    """Return the part of an answer that is given in training.

    Example:
        >>> in_training("balanced-sampler+logit-adjustment")
        'balanced-sampler'
    """
    return balance.removesuffix(f"+{AFTER}")


def adjusts_after(balance: str) -> bool:
    """Return whether logit-adjustment is part of an answer."""
    return balance.endswith(AFTER)


def shifts_shares(balance: str) -> bool:
    """Return whether the model file is to see rare classes as more frequent than they are, as it learned to."""
    return balance not in ("none", "focal") and not adjusts_after(balance)


def class_weights(balance: str, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Return the weight of each class in the loss; the mean weight of a picture is 1.

    ``class-weights`` is N / (classes x N_c), so that every class weighs the same in all (King & Zeng 2001, "Logistic
    Regression in Rare Events Data"; scikit-learn's ``balanced``). ``effective-number`` goes by (1 - beta) / (1 -
    beta^N_c) with beta 0.999: more pictures of a class add less and less (Cui et al. 2019, arXiv 1901.05555).

    Args:
        balance: one of ``CHOICES``; all others weigh every class 1.
        counts: pictures of each class, int64 ``(classes,)``, none zero.

    Returns:
        float32 ``(classes,)``.

    Example:
        >>> class_weights("class-weights", np.array([10, 30]))
        array([2.       , 0.6666667], dtype=float32)
    """
    balance = in_training(balance)
    if balance == "class-weights":
        return np.asarray(counts.sum() / (len(counts) * counts), np.float32)
    if balance == "effective-number":
        weights = (1 - _BETA) / (1 - _BETA**counts)
        return np.asarray(weights * counts.sum() / (weights * counts).sum(), np.float32)
    return np.ones(len(counts), np.float32)


def drawn(
    balance: str, labels: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Return the pictures of an epoch, int64 ``(n,)``, as many as there are.

    A sampler draws with replacement: ``balanced-sampler`` every class as often as any other (Buda et al. 2018, arXiv
    1710.05381), ``sqrt-sampler`` (and ``rare-augment``) in proportion to the root of its size (Mahajan et al. 2018,
    arXiv 1805.00932). Without one, every picture comes once.

    Args:
        balance: one of ``CHOICES``.
        labels: int64 ``(n,)``.
        counts: pictures of each class.
        rng: every draw comes from it.
    """
    power = _POWERS.get(in_training(balance))
    if power is None:
        return rng.permutation(len(labels))
    chances = (1 / counts**power)[labels]
    return rng.choice(len(labels), len(labels), p=chances / chances.sum())


def logit_shift(balance: str, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Return what is added to the logits in the loss alone, float32 ``(classes,)``.

    ``balanced-softmax`` adds the logarithm of each class's share, so that the network itself need not learn how
    frequent a class is (Ren et al. 2020, arXiv 2007.10740; Menon et al. 2021, arXiv 2007.07314, with tau 1).

    Example:
        >>> logit_shift("balanced-softmax", np.array([1, 3])).round(2)
        array([-1.39, -0.29], dtype=float32)
    """
    if in_training(balance) != "balanced-softmax":
        return np.zeros(len(counts), np.float32)
    return np.asarray(np.log(counts / counts.sum()), np.float32)


def strength(balance: str, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Return by how much the pictures of each class are varied more, float32 ``(classes,)``, 1 for all but one answer.

    ``rare-augment``: pictures of rare classes come more often and are varied more, from 1 for the largest class to 1.5
    for the rarest, evenly in the logarithm of the size (after Shorten & Khoshgoftaar 2019, "A survey on Image Data
    Augmentation for Deep Learning", on oversampling by augmentation; the scale is mien's).
    """
    if in_training(balance) != "rare-augment" or counts.min() == counts.max():
        return np.ones(len(counts), np.float32)
    rarity = np.log(counts.max() / counts) / np.log(counts.max() / counts.min())
    return np.asarray(1 + (_STRONGER - 1) * rarity, np.float32)
