"""Vary training pictures: one affine warp a picture, then light, contrast and a hidden square, all from one seed."""

import cv2
import numpy as np
import numpy.typing as npt

from mien.training.recipe import Augment


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
    strong = np.ones(len(images), np.float32) if strength is None else strength
    matrices = _matrices(
        images.shape,
        augment,
        size,
        rng.uniform(-1, 1, (5, len(images))) * np.stack([np.ones_like(strong), *[strong] * 4]),
    )
    faces = np.empty((len(images), size, size), np.float32)
    for face, image, matrix in zip(faces, images, matrices, strict=True):
        face[:] = cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    _light(faces, augment, rng.uniform(-1, 1, (2, len(faces))) * strong)
    _cut_out(faces, augment, rng)
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


def _light(faces: npt.NDArray[np.float32], augment: Augment, draws: npt.NDArray[np.float64]) -> None:
    draws = draws[:, :, None, None].astype(np.float32)
    if not augment.brightness and not augment.contrast:
        return
    means = faces.mean(axis=(1, 2), keepdims=True)
    faces -= means
    faces *= 1 + augment.contrast * draws[0]
    faces += means + 255 * augment.brightness * draws[1]
    np.clip(faces, 0, 255, out=faces)


def _cut_out(faces: npt.NDArray[np.float32], augment: Augment, rng: np.random.Generator) -> None:
    size = faces.shape[1]
    side = round(augment.cutout * size)
    corners = (rng.uniform(0, 1, (len(faces), 2)) * (size - side + 1)).astype(int)
    if not side:
        return
    for face, (row, column) in zip(faces, corners, strict=True):
        face[row : row + side, column : column + side] = face.mean()
