"""Where fine-tuning starts from: the bundled model's weights or another run's, with a new head where classes differ."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mien.data.dataset import Dataset
from mien.data.splits import read_split
from mien.errors import ModelError
from mien.labels import canonical
from mien.model.classify import Classifier
from mien.model.file import bundled_bytes, read_model
from mien.training.arrays import pack_arrays, unpack_arrays
from mien.training.export import open_keras
from mien.training.models import LOGITS
from mien.training.recipe_file import read_recipe
from mien.training.run import check_finished

BUNDLED = "bundled"
WEIGHTS = "weights.npz"  # beside the bundled mien.onnx, whose graph has its batch norms folded in
_LEARNED = "learned"  # in that file: a mark of each picture that they learned from, see ``marks``


@dataclass(frozen=True, eq=False)
class Start:
    """A trained network to start from.

    Attributes:
        source: ``bundled`` or the run's folder.
        network: which of ``models.py``.
        size: side of the pictures that it was trained for.
        classes: its outputs.
        weights: in Keras' order.
    """

    source: str
    network: str
    size: int
    classes: tuple[str, ...]
    weights: list[npt.NDArray[Any]]


def read_start(source: str) -> Start:
    """Return the network of ``bundled`` or of a finished run's folder.

    Raises:
        ModelError: no such run, or its model cannot be opened.

    Example:
        >>> read_start("bundled").network
        'compact'
    """
    if source == BUNDLED:
        about, arrays = unpack_arrays(bundled_bytes(WEIGHTS))
        weights = [arrays[str(number)].astype(np.float32) for number in range(about["arrays"])]
        return Start(source, about["network"], read_model().metadata.size, tuple(about["classes"]), weights)
    run = Path(source)
    check_finished(run)
    model, recipe = open_keras(run / "model.keras"), read_recipe(run / "recipe.toml")
    return Start(source, recipe.network, recipe.size, Classifier(run).labels, model.get_weights())


def seen_before(source: str, val: Dataset) -> str:
    """Return a line for people where what to start from may have learned from validation pictures; else nothing."""
    if source == BUNDLED:
        shared = int(np.isin(marks(val), unpack_arrays(bundled_bytes(WEIGHTS))[1][_LEARNED]).sum())
        told = f"the bundled model learned from {shared:,} of {len(val):,} validation pictures, pixel for pixel; "
        return f"{told}the figures of validation are too good" if shared else ""
    split = Path(source) / "split.csv"
    if not source or not split.is_file():
        return ""
    learned = {name for name, part in read_split(split).items() if part == "train"}
    shared = len(learned.intersection(val.names))
    if not shared:
        return ""
    return (
        f"{shared:,} of {len(val):,} validation pictures are named like pictures that {source} learned from; if they "
        "are the same, the figures of validation are too good"
    )


def marks(pictures: Dataset) -> npt.NDArray[np.uint32]:
    """Return four bytes of each picture's hash, uint32 ``(n,)``.

    Of new pictures one in 150,000 has by chance the mark of one among 28,558, as many as FER2013 has.
    """
    return np.array([int.from_bytes(digest[:4], "little") for digest in pictures.hashes()], np.uint32)


def start_from(start: Start, network: keras.Model, classes: tuple[str, ...]) -> str:
    """Give a network the weights to start from; return what became of the head, in a line for people.

    All layers but the last take the weights as they are. The last takes those of classes of the same name, in any
    accepted spelling, and keeps its own for the others.

    Args:
        start: of the same kind of network.
        network: untrained, one logit a class.
        classes: its outputs.

    Raises:
        ModelError: the networks differ.
    """
    body = [item.path for layer in network.layers if layer.name != LOGITS for item in layer.weights]
    head = [item.path for item in network.get_layer(LOGITS).weights]
    paths = [item.path for item in network.weights]
    weights = network.get_weights()
    if len(weights) != len(start.weights):
        message = (
            f"{start.source}: its {start.network} network has {len(start.weights)} arrays of weights, this mien's has "
            f"{len(weights)}; train that run again with this version, or start from bundled"
        )
        raise ModelError(message)
    shared = _shared(classes, start.classes)
    for number, path in enumerate(paths):
        if path in body:
            weights[number] = start.weights[number]
        elif path in head:
            for here, there in shared:
                weights[number][..., here] = start.weights[number][..., there]
    network.set_weights(weights)
    return f"{len(shared)} of {len(classes)} classes known from there"


def _shared(classes: tuple[str, ...], known: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return the place of each class that is known, and its place there; the very same spelling goes first."""
    spelled = {name: there for there, name in enumerate(known)}
    places = {canonical(name) or name: there for name, there in spelled.items()} | spelled
    found = [places.get(name, places.get(canonical(name) or name)) for name in classes]
    return [(here, there) for here, there in enumerate(found) if there is not None]


def pack(
    network: str, classes: tuple[str, ...], weights: list[npt.NDArray[np.float32]], learned: npt.NDArray[np.uint32]
) -> bytes:
    """Return weights as ``read_start`` reads them, in float16, and the marks of what they learned from."""
    about = {"network": network, "classes": classes, "arrays": len(weights)}
    arrays = {str(number): array.astype(np.float16) for number, array in enumerate(weights)}
    return pack_arrays(about, {**arrays, _LEARNED: np.unique(learned)}, compressed=True)
