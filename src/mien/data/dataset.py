"""Dataset: face pictures with labels, in memory."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mien.writing import KEEP_BYTES


@dataclass(frozen=True, eq=False)
class Dataset:
    """Face pictures of one split with their labels, in order of their names.

    Attributes:
        images: grey uint8 ``(n, h, w)``.
        labels: int64 ``(n,)``, positions in ``classes``.
        classes: class names.
        names: one unique name a picture: its path below the data folder with ``/``, or ``fer0000000`` for a row of a
            CSV file.
        unreadable: names of files that were left out because they are no pictures, each with the reason.
        sides: int64 ``(n,)``, shorter side of each picture as it is on disk, in pixels; None where there are no files.
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    names: tuple[str, ...]
    unreadable: tuple[str, ...] = ()
    sides: npt.NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def counts(self) -> npt.NDArray[np.int64]:
        """Return the number of pictures of each class, int64 ``(classes,)``."""
        return np.bincount(self.labels, minlength=len(self.classes)).astype(np.int64)

    def subset(self, rows: Sequence[int] | npt.NDArray[np.int64]) -> "Dataset":
        """Return the pictures at the given positions, in that order."""
        picked = np.asarray(rows, dtype=np.int64)
        names = tuple(self.names[row] for row in picked)
        sides = None if self.sides is None else self.sides[picked]
        return Dataset(self.images[picked], self.labels[picked], self.classes, names, sides=sides)

    def parted(self, chosen: npt.NDArray[np.bool_]) -> "tuple[Dataset, Dataset]":
        """Return the pictures that are not chosen, and those that are; ``chosen`` is bool ``(n,)``."""
        return self.subset(np.flatnonzero(~chosen)), self.subset(np.flatnonzero(chosen))

    def joined(self, other: "Dataset") -> "Dataset":
        """Return the pictures of both, the other's last; they have the same classes and no name in common."""
        return Dataset(
            np.concatenate([self.images, other.images]),
            np.concatenate([self.labels, other.labels]),
            self.classes,
            (*self.names, *other.names),
            (*self.unreadable, *other.unreadable),
            None if self.sides is None or other.sides is None else np.concatenate([self.sides, other.sides]),
        )

    def knowing(self, classes: Sequence[str]) -> "Dataset":
        """Return the same pictures; those of ``classes`` that they are without stand, empty, behind their own."""
        return replace(self, classes=(*self.classes, *(name for name in classes if name not in self.classes)))

    def hashes(self) -> list[bytes]:
        """Return a hash of each picture's pixels: equal for pixel-identical twins."""
        return [hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in self.images]

    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits that change with any picture, label, class or name, but not with their order."""
        lines = sorted(
            f"{name}\0{self.classes[label]}\0".encode("utf-8", KEEP_BYTES) + digest
            for name, label, digest in zip(self.names, self.labels, self.hashes(), strict=True)
        )
        return hashlib.blake2b(b"\n".join(lines), digest_size=8).hexdigest()
