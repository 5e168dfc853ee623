"""Pictures that are there twice: the same pixels, or almost the same."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from mien.audit.findings import DIFFERENCE, HASH_BITS, Finding, Pictures
from mien.progress import Watch

Rows = npt.NDArray[np.int64]
_BITS = 64
_BLOCK = 256  # pictures whose hashes are compared with all others at once
_NEAREST = 5  # candidates of a picture that are compared by their pixels
_SHIFT = 2  # pixels by which near duplicates may be moved against each other
_CONTRAST = 50.0  # standard deviation at which pictures are compared


def identical(pictures: Pictures) -> list[list[int]]:
    """Return the positions of pixel-identical pictures, group by group; pictures without a twin are groups of one."""
    groups: dict[bytes, list[int]] = defaultdict(list)
    for row, image in enumerate(pictures.images):
        groups[blake2b(image.tobytes(), digest_size=16).digest()].append(row)
    return list(groups.values())


def twins(pictures: Pictures, groups: Sequence[Sequence[int]]) -> list[Finding]:
    """Return pixel-identical pictures: within a split, across splits, and those whose labels contradict each other.

    Those of the largest groups come first.
    """
    found: list[Finding] = []
    for group in sorted(groups, key=len, reverse=True):
        labels = {pictures.labels[row] for row in group}
        if len(labels) > 1:
            found += _conflict(pictures, group)
        elif len(group) > 1:
            found += _copies(pictures, group)
    return found


def _conflict(pictures: Pictures, group: Sequence[int]) -> Iterator[Finding]:
    for row in group:
        other = next(each for each in group if pictures.labels[each] != pictures.labels[row])
        note = f"{len(group)} copies; the partner is {pictures.labels[other]}, in {pictures.splits[other]}"
        yield pictures.finding(row, "conflict", len(group), partner=other, note=note)


def _copies(pictures: Pictures, group: Sequence[int]) -> Iterator[Finding]:
    """Yield the copies of a group that is in the order of ``Pictures``: originals come first."""
    first: dict[str, int] = {}
    for row in group:
        split = pictures.splits[row]
        if split in first:
            yield pictures.finding(row, "twin", len(group), partner=first[split])
        first.setdefault(split, row)
        if split != pictures.splits[group[0]]:
            note = f"the partner is in {pictures.splits[group[0]]}"
            yield pictures.finding(row, "twin-across", len(group), partner=group[0], note=note)


def near_duplicates(pictures: Pictures, rows: Rows, *, watch: Watch | None = None) -> list[Finding]:
    """Return pictures that look almost like an earlier one, each with the one it is most like.

    Hashes nominate, pixels decide: two pictures are near duplicates where their hashes differ in few bits and their
    pixels, contrast evened and moved by up to two pixels, by little (the thresholds are in ``findings``).

    Args:
        pictures: all pictures.
        rows: positions of those to look at, int64 ``(m,)`` in ascending order; no two of the same pixels.
        watch: called with the number of pictures compared and of all.
    """
    first, second = _candidates(perceptual_hashes(pictures.images[rows]), watch)
    differences = _differences(pictures.images[rows], first, second)
    best: dict[int, tuple[float, int]] = {}
    for one, other, difference in zip(first.tolist(), second.tolist(), differences.tolist(), strict=True):
        if difference <= DIFFERENCE:
            best[one] = min(best.get(one, (difference, other)), (difference, other))
    ordered = sorted(best.items(), key=lambda item: (item[1][0], item[0]))
    return [_near(pictures, int(rows[one]), int(rows[other]), score) for one, (score, other) in ordered]


def _near(pictures: Pictures, row: int, partner: int, difference: float) -> Finding:
    notes = []
    if pictures.labels[row] != pictures.labels[partner]:
        notes.append(f"the partner is {pictures.labels[partner]}")
    if pictures.splits[row] != pictures.splits[partner]:
        notes.append(f"the partner is in {pictures.splits[partner]}")
    return pictures.finding(row, "near-duplicate", difference, partner=partner, note="; ".join(notes))


def perceptual_hashes(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return a 64-bit hash of each picture as float32 ``(n, 64)`` of -1 and 1: half the bits are each.

    The signs of the 8 x 8 lowest frequencies (without the constant ones) of the discrete cosine transform, against
    their median (Zauner 2010, Implementation and Benchmarking of Perceptual Image Hash Functions).

    Args:
        images: grey uint8 ``(n, h, w)``.

    Example:
        >>> one, other = perceptual_hashes(images[:2])
        >>> (64 - one @ other) / 2                    # bits that differ
        31.0
    """
    down, across = (_cosines(side) for side in images.shape[1:])
    hashes = np.empty((len(images), _BITS), np.float32)
    for start in range(0, len(images), _BLOCK):
        part = images[start : start + _BLOCK].astype(np.float32)
        lowest = (down @ part @ across.T).reshape(len(part), _BITS)
        hashes[start : start + _BLOCK] = np.where(lowest > np.median(lowest, axis=1, keepdims=True), 1, -1)
    return hashes


def _cosines(side: int) -> npt.NDArray[np.float32]:
    """Return the basis of frequencies 1 to 8, float32 ``(8, side)``."""
    angles = np.pi / (2 * side) * np.outer(np.arange(1, 9), 2 * np.arange(side) + 1)
    return np.asarray(np.cos(angles), np.float32)


def _candidates(hashes: npt.NDArray[np.float32], watch: Watch | None) -> tuple[Rows, Rows]:
    """Return pairs (later, earlier) whose hashes are near: for each picture its nearest few.

    Products of matrices count the equal bits of a block of pictures with all earlier ones.
    """
    pairs: list[tuple[Rows, Rows]] = []
    for start in range(0, len(hashes), _BLOCK):
        end = min(start + _BLOCK, len(hashes))
        equal = hashes[start:end] @ hashes[:end].T
        equal[:, start:][np.triu_indices(end - start)] = -_BITS  # itself and later ones
        for row in np.flatnonzero(equal.max(axis=1) >= _BITS - 2 * HASH_BITS):
            near = np.flatnonzero(equal[row] >= _BITS - 2 * HASH_BITS)
            near = near[np.argsort(-equal[row, near], kind="stable")][:_NEAREST]
            pairs.append((np.full(len(near), start + row, np.int64), near.astype(np.int64)))
        if watch is not None:
            watch(end, len(hashes))
    none = np.zeros(0, np.int64)
    return np.concatenate([none, *(one for one, _ in pairs)]), np.concatenate([none, *(other for _, other in pairs)])


def _differences(images: npt.NDArray[np.uint8], first: Rows, second: Rows) -> npt.NDArray[np.float64]:
    """Return the mean absolute difference of pairs of pictures, float64 ``(pairs,)``, the least over small shifts."""
    least = np.full(len(first), np.inf)
    height, width = images.shape[1] - 2 * _SHIFT, images.shape[2] - 2 * _SHIFT
    for start in range(0, len(first), _BLOCK):
        part = slice(start, start + _BLOCK)
        ours, theirs = _evened(images[first[part]]), _evened(images[second[part]])
        middle = ours[:, _SHIFT : _SHIFT + height, _SHIFT : _SHIFT + width]
        for top in range(2 * _SHIFT + 1):
            for left in range(2 * _SHIFT + 1):
                moved = theirs[:, top : top + height, left : left + width]
                least[part] = np.minimum(least[part], np.abs(middle - moved).mean(axis=(1, 2)))
    return least


def _evened(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return pictures with mean 0 and the same contrast, float32 ``(n, h, w)``."""
    values = images.astype(np.float32)
    values -= values.mean(axis=(1, 2), keepdims=True)
    return np.asarray(values * (_CONTRAST / np.maximum(values.std(axis=(1, 2), keepdims=True), 1)), np.float32)
