"""Vary training pictures: one affine warp a picture, then light, contrast and a hidden square, all from one seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mien.training.recipe import Augment


@dataclass(frozen=True, eq=False)
class Variations:
    """How each picture of a batch is varied; drawn apart from the pictures, so that they may lie on another device.

    Attributes:
        matrices: affine, from pixels of the picture to pixels of the result, float64 ``(n, 2, 3)``.
        contrast: factor of what differs from a picture's mean, float32 ``(n,)``.
        brightness: added to pixel values 0-255, float32 ``(n,)``.
        corners: row and column of the square that is greyed out, int64 ``(n, 2)``.
        size: side of the result in pixels.
        side: of that square in pixels; 0 for none.
    """

    matrices: npt.NDArray[np.float64]
    contrast: npt.NDArray[np.float32]
    brightness: npt.NDArray[np.float32]
    corners: npt.NDArray[np.int64]
    size: int
    side: int

    @property
    def lit(self) -> bool:
        """Whether contrast or brightness of any picture changes."""
        return bool((self.contrast != 1).any() or self.brightness.any())

    def part(self, rows: slice) -> "Variations":
        """Return those of some of the pictures."""
        drawn = (self.matrices[rows], self.contrast[rows], self.brightness[rows], self.corners[rows])
        return Variations(*drawn, self.size, self.side)


def draw_variations(
    shape: tuple[int, ...],
    augment: Augment,
    size: int,
    rng: np.random.Generator,
    strength: npt.NDArray[np.float32] | None = None,
) -> Variations:
    """Return how to vary pictures of this shape ``(n, h, w)``; the other arguments are those of ``augment_batch``."""
    count = shape[0]
    strong = np.ones(count, np.float32) if strength is None else strength
    moves = rng.uniform(-1, 1, (5, count)) * np.stack([np.ones_like(strong), *[strong] * 4])
    contrast, brightness = (rng.uniform(-1, 1, (2, count)) * strong).astype(np.float32)
    side = round(augment.cutout * size)
    return Variations(
        _matrices(shape, augment, size, moves),
        1 + augment.contrast * contrast,
        255 * augment.brightness * brightness,
        (rng.uniform(0, 1, (count, 2)) * (size - side + 1)).astype(np.int64),
        size,
        side,
    )


def join_variations(parts: Sequence[Variations]) -> Variations:
    """Return the variations of several batches as those of one; all make pictures of one size."""
    return Variations(
        np.concatenate([part.matrices for part in parts]),
        np.concatenate([part.contrast for part in parts]),
        np.concatenate([part.brightness for part in parts]),
        np.concatenate([part.corners for part in parts]),
        parts[0].size,
        parts[0].side,
    )


def augment_batch(
    images: npt.NDArray[np.uint8],
    augment: Augment,
    size: int,
    rng: np.random.Generator,
    strength: npt.NDArray[np.float32] | None = None,
) -> npt.NDArray[np.float32]:
    """Return varied pictures at the side that training wants.

    Args:
        images: grey uint8 ``(n, h, w)``.
        augment: amounts.
        size: side of the result in pixels.
        rng: every draw comes from it, the same number of draws for any amounts.
        strength: multiplies the amounts of each picture (not mirroring and hiding), float32 ``(n,)``; 1 if not given.

    Returns:
        float32 ``(n, size, size, 1)``, pixel values 0-255.

    Example:
        >>> augment_batch(images, Augment(flip=True, rotation=5), 48, np.random.default_rng([seed, epoch, step]))
    """
    return vary(images, draw_variations(images.shape, augment, size, rng, strength))


def vary(images: npt.NDArray[np.uint8], variations: Variations) -> npt.NDArray[np.float32]:
    """Return the pictures, grey uint8 ``(n, h, w)``, varied as drawn: float32 ``(n, size, size, 1)``."""
    size = variations.size
    faces = np.empty((len(images), size, size), np.float32)
    for face, image, matrix in zip(faces, images, variations.matrices, strict=True):
        face[:] = cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    if variations.lit:
        _light(faces, variations)
    if variations.side:
        _cut_out(faces, variations)
    return faces[..., None]


def _matrices(
    shape: tuple[int, ...], augment: Augment, size: int, draws: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return one matrix a picture, float64 ``(n, 2, 3)``: centre, mirror, turn, zoom, shift, scale to ``size``."""
    count, height, width = shape
    mirror = np.where(augment.flip & (draws[0] < 0), -1.0, 1.0)
    angle = np.deg2rad(augment.rotation) * draws[1]
    across, down = size / width, size / height
    zoom = 1 + augment.zoom * draws[2]
    cosine, sine = np.cos(angle) * zoom, np.sin(angle) * zoom
    matrices = np.empty((count, 2, 3))
    matrices[:, 0, 0], matrices[:, 0, 1] = cosine * across * mirror, -sine * across
    matrices[:, 1, 0], matrices[:, 1, 1] = sine * down * mirror, cosine * down
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    target = (size - 1) / 2 + augment.shift * size * draws[3:5].T
    matrices[:, :, 2] = target - matrices[:, :, :2] @ middle
    return matrices


def _light(faces: npt.NDArray[np.float32], variations: Variations) -> None:
    means = faces.mean(axis=(1, 2), keepdims=True)
    faces -= means
    faces *= variations.contrast[:, None, None]
    faces += means + variations.brightness[:, None, None]
    np.clip(faces, 0, 255, out=faces)


def _cut_out(faces: npt.NDArray[np.float32], variations: Variations) -> None:
    side = variations.side
    for face, (row, column) in zip(faces, variations.corners, strict=True):
        face[row : row + side, column : column + side] = face.mean()
