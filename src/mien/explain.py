"""Which parts of a face decided: occlusion maps, on any model file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mien.detect import Detector, as_picture
from mien.errors import MienError
from mien.labels import canonical
from mien.model.classify import Classifier
from mien.model.preprocess import Pixels, face_pixels
from mien.pictures import Picture
from mien.results import Explanation

Map = npt.NDArray[np.float32]
Spot = tuple[int, int, int]  # left, top and side of a patch, in pixels of the network's input

PATCHES = (1 / 4, 1 / 3, 5 / 12)  # sides of the patches as shares of the input's side: 12, 16 and 20 of 48 pixels
STRIDE = 1 / 12  # from patch to patch: 4 of 48 pixels
NOWHERE = "no single part"
_FAINT = 0.01  # a map that nowhere reaches this says nothing
_BATCH = 64  # covered faces that are in memory at a time

# Where the parts of a face lie in the square that the network sees: top, bottom, left, right, as shares of its side.
# Read off the mean of FER2013's training pictures. What lies outside all of them is the surroundings.
_PARTS = {
    "forehead": (0.00, 0.20, 0.15, 0.85),
    "brow": (0.20, 0.31, 0.12, 0.88),
    "eyes": (0.31, 0.45, 0.12, 0.88),
    "nose": (0.45, 0.66, 0.36, 0.64),
    "cheeks": (0.45, 0.66, 0.12, 0.88),  # beside the nose
    "mouth": (0.66, 0.87, 0.25, 0.75),
    "chin": (0.87, 1.00, 0.25, 0.75),
}


def explain(
    image: str | Path | bytes | Picture, detector: Detector, *, expression: str | None = None
) -> list[Explanation]:
    """Return, for every face of a picture, which parts of it decided; an empty list if there is none.

    Args:
        image: a path, the bytes of a picture file, or BGR uint8 ``(height, width, 3)``.
        detector: finds the faces; its model is the one that is asked.
        expression: whose probability is explained, in any accepted spelling; not given, each face's own label.

    Returns:
        One explanation a face, largest face first; ``explanation.map`` is float32 ``(size, size)``, -1 to 1, see
        ``occlusion_map``.

    Raises:
        PictureError: a file that cannot be read, or an array of another type or shape.
        MienError: the model does not know the expression.

    Example:
        >>> [(one.label, one.region) for one in explain("photo.jpg", Detector())]
        [('happy', 'mouth')]
    """
    known = None if expression is None else class_named(expression, detector.classify)
    picture = as_picture(image)
    found = []
    for face in detector(picture):
        label = known or face.label
        values = occlusion_map(detector.classify, detector.crop(picture, face.box), label)
        area = detector.area(face.box)
        found.append(Explanation(face, area, label, float(face.probabilities[label]), values, region_of(values)))
    return found


def class_named(name: str, classify: Classifier) -> str:
    """Return the model's own name of an expression that is given in any accepted spelling.

    Raises:
        MienError: the model does not know it.

    Example:
        >>> class_named("happiness", Classifier())
        'happy'
    """
    labels = classify.labels
    for label in labels:
        if label == name or (canonical(name) is not None and canonical(label) == canonical(name)):
            return label
    message = f"expression {name!r}: unknown to {classify.name}; expected one of {', '.join(labels)}"
    raise MienError(message)


def occlusion_map(classify: Classifier, crop: Pixels, label: str) -> Map:
    """Return how much each part of a face speaks for an expression: covered, how much of its probability is lost.

    A square patch in the face's mean grey slides over the network's input; what a patch costs is counted to every pixel
    under it, and a pixel's value is the mean over all patches that cover it (Zeiler and Fergus 2014, "Visualizing and
    understanding convolutional networks", arXiv 1311.2901, section 4.2). The maps of three patch sizes are averaged: a
    small patch hides too little of what is seen twice, such as two eyes, and its map is noisy; a large one blurs.

    The loss is in probability, not in its logarithm: it is bounded, it is what people read ("20 points less"), and a
    mean over patches, or over faces, cannot be ruled by the one that pushes the expression to nearly nothing. Both find
    parts that matter as much, see docs/experiments.md. Where the model is very sure, no patch costs much.

    Args:
        classify: the model.
        crop: BGR uint8 ``(height, width, 3)`` or grey uint8 ``(height, width)``: the face as the network is given it.
        label: one of ``classify.labels``.

    Returns:
        float32 ``(size, size)``, the network's input, -1 to 1. Above 0: speaks for the label, covering it loses
        probability. Below 0: speaks against it.

    Example:
        >>> occlusion_map(Classifier(), crop, "happy").shape
        (48, 48)
    """
    size = classify.metadata.size
    pixels = face_pixels(crop, size)
    whole = classify(pixels[None])[0, classify.labels.index(label)]
    maps = []
    for share in PATCHES:
        spots = patch_spots(size, share, STRIDE)
        maps.append(spread(spots, whole - _left(classify, pixels, label, spots), size))
    return np.asarray(np.mean(maps, axis=0), np.float32)


def patch_spots(size: int, patch: float, stride: float) -> list[Spot]:
    """Return where patches lie, row by row; those at the edge hang over it, so that every pixel is covered as often.

    Args:
        size: side of the network's input in pixels.
        patch: side of a patch as a share of ``size``; made a whole number of strides.
        stride: from patch to patch, a share of ``size``.

    Returns:
        ``(left, top, side)`` of each patch in pixels.

    Example:
        >>> patch_spots(4, 1 / 2, 1 / 2)
        [(0, 0, 2), (2, 0, 2), (0, 2, 2), (2, 2, 2)]
    """
    step = max(1, round(stride * size))
    side = step * max(1, round(patch * size / step))
    places = range(step - side, size, step)
    return [(left, top, side) for top in places for left in places]


def covered(pixels: Pixels, spots: Sequence[Spot]) -> Pixels:
    """Return the face once for each patch, with that patch in the face's mean grey on it.

    Args:
        pixels: grey uint8 ``(size, size)``, the network's input.
        spots: see ``patch_spots``.

    Returns:
        uint8 ``(patches, size, size)``.

    Example:
        >>> covered(pixels, [(12, 30, 16)]).shape
        (1, 48, 48)
    """
    grey = round(float(pixels.mean()))
    faces = np.repeat(pixels[None], len(spots), axis=0)
    for face, spot in zip(faces, spots, strict=True):
        face[_under(spot)] = grey
    return faces


def spread(spots: Sequence[Spot], values: npt.NDArray[np.float32], size: int) -> Map:
    """Return the mean value of the patches over each pixel: float32 ``(size, size)``, 0 where there is none."""
    total, count = np.zeros((size, size)), np.zeros((size, size))
    for spot, value in zip(spots, values.tolist(), strict=True):
        total[_under(spot)] += value
        count[_under(spot)] += 1
    return (total / np.maximum(count, 1)).astype(np.float32)


def region_of(values: Map) -> str:
    """Return in plain words which part of a face a map speaks of: where its mass lies closest.

    The square is parted by fixed shares of its side, as in the mean of FER2013's faces: forehead, brow, eyes, nose,
    cheeks, mouth, chin, and the surroundings. The part with the highest mean of what speaks
    for the label wins; the mean, and not the sum, so that none wins by being large.

    Args:
        values: float32 ``(size, size)``, see ``occlusion_map``.

    Returns:
        A part, or ``no single part`` where covering any costs less than a point.

    Example:
        >>> region_of(occlusion_map(Classifier(), crop, "happy"))
        'mouth'
    """
    if values.max() < _FAINT:
        return NOWHERE
    spoken = np.maximum(values, 0)
    means = {name: float(spoken[mask].mean()) for name, mask in _masks(len(values)).items() if mask.any()}
    return max(means, key=lambda name: means[name])


def _masks(size: int) -> dict[str, npt.NDArray[np.bool_]]:
    """Return which pixels of the square belong to each part: bool ``(size, size)``, no pixel to two."""
    masks = {}
    outside = np.ones((size, size), bool)
    for name, shares in _PARTS.items():
        top, bottom, left, right = (round(share * size) for share in shares)
        mask = np.zeros_like(outside)
        mask[top:bottom, left:right] = True
        masks[name] = mask & outside
        outside &= ~mask
    return {**masks, "surroundings": outside}


def _left(classify: Classifier, pixels: Pixels, label: str, spots: Sequence[Spot]) -> npt.NDArray[np.float32]:
    """Return the probability that each patch leaves a label, float32 ``(patches,)``."""
    column = classify.labels.index(label)
    parts = [classify(covered(pixels, spots[start : start + _BATCH])) for start in range(0, len(spots), _BATCH)]
    return np.asarray(np.concatenate(parts)[:, column], np.float32)


def _under(spot: Spot) -> tuple[slice, slice]:
    """Return the rows and columns under a patch that may hang over the edge."""
    left, top, side = spot
    return slice(max(0, top), top + side), slice(max(0, left), left + side)
