"""The networks: pixel values 0-255 ``(n, size, size, 1)`` in, scaled inside; logits ``(n, classes)`` out."""

from collections.abc import Callable, Sequence

import keras
from keras import layers

INPUT, LOGITS, VOTES = "faces", "logits", "votes"
_MEMORY = 0.9  # of batch norm's running means: right after 50 steps, where Keras' 0.99 takes 500
_SQUEEZED = 2  # stages with squeeze-excite, the last ones
_SQUEEZE = 8  # a squeeze-excite layer narrows to 1/8 of its channels


def build(network: str, *, size: int | None, classes: int, dropout: float, votes: bool = False) -> keras.Model:
    """Return an untrained network.

    Args:
        network: ``reference``, ``compact``, ``slim``, ``resnet18`` or ``tiny``.
        size: side of the input in pixels; None for any size (not ``reference``).
        classes: number of outputs.
        dropout: share of features dropped in training.
        votes: with a second output, logits of a crowd's votes ``(n, classes)``.

    Example:
        >>> build("reference", size=48, classes=7, dropout=0.25).count_params()
        4062535
    """
    faces = keras.Input((size, size, 1), name=INPUT)
    features = _BODIES[network](faces, dropout)
    logits = layers.Dense(classes, name=LOGITS)(features)
    if votes:
        return keras.Model(faces, [logits, layers.Dense(classes, name=VOTES)(features)], name=network)
    return keras.Model(faces, logits, name=network)


def without_votes(model: keras.Model) -> keras.Model:
    """Return the network up to its logits, sharing the layers of ``model``."""
    return keras.Model(model.input, model.get_layer(LOGITS).output, name=model.name)


def _reference(faces: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    """The reference system's network: four blocks of 3x1 and 1x3 convolutions, one batch norm a block, two dense."""
    x = layers.Rescaling(1 / 255)(faces)
    for channels in (64, 128, 256, 512):
        x = layers.Conv2D(channels, (3, 1), padding="same")(x)
        x = layers.Conv2D(channels, (1, 3), padding="same")(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = layers.MaxPooling2D(2)(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Flatten()(x)
    for units in (512, 256):
        x = layers.Dense(units)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = layers.Dropout(dropout)(x)
    return x


def _compact(faces: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    return _residual_network(faces, dropout, 32, ((48, 1), (96, 2), (160, 2), (192, 1)))


def _slim(faces: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    """``compact`` at half the weights, to be taught by larger networks."""
    return _residual_network(faces, dropout, 32, ((32, 1), (64, 2), (112, 2), (144, 1)))


def _resnet18(faces: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    """ResNet18 (He et al. 2016) for small pictures: a 3x3 stem without pooling, squeeze-excite at the end; for GPUs."""
    return _residual_network(faces, dropout, 64, ((64, 2), (128, 2), (256, 2), (512, 2)), first_stride=1)


def _residual_network(
    faces: keras.KerasTensor, dropout: float, stem: int, stages: Sequence[tuple[int, int]], first_stride: int = 2
) -> keras.KerasTensor:
    """Residual network of dense 3x3 convolutions (fast on CPUs); each stage halves the picture, the first as told.

    The last two stages have squeeze-excite; ``stages`` says how many channels and blocks each has.
    """
    x = layers.Rescaling(1 / 64, offset=-2.0)(faces)
    x = _convolution(x, stem)
    for number, (channels, blocks) in enumerate(stages):
        for block in range(blocks):
            squeeze = number >= len(stages) - _SQUEEZED
            stride = 1 if block else 2 if number else first_stride
            x = _residual(x, channels, stride=stride, squeeze=squeeze)
    x = layers.GlobalAveragePooling2D()(x)
    return layers.Dropout(dropout)(x)


def _tiny(faces: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    """A small network for the demo and the tests."""
    x = layers.Rescaling(1 / 64, offset=-2.0)(faces)
    for channels in (16, 32, 64):
        x = _convolution(x, channels, stride=2)
    x = _convolution(x, 64)
    x = layers.GlobalAveragePooling2D()(x)
    return layers.Dropout(dropout)(x)


def _batch_norm() -> keras.Layer:
    return layers.BatchNormalization(momentum=_MEMORY)


def _convolution(x: keras.KerasTensor, channels: int, *, stride: int = 1) -> keras.KerasTensor:
    x = layers.Conv2D(channels, 3, strides=stride, padding="same", use_bias=False)(x)
    return layers.ReLU()(_batch_norm()(x))


def _residual(x: keras.KerasTensor, channels: int, *, stride: int, squeeze: bool) -> keras.KerasTensor:
    """Two 3x3 convolutions beside a shortcut (He et al. 2016, arXiv 1512.03385)."""
    y = _convolution(x, channels, stride=stride)
    y = layers.Conv2D(channels, 3, padding="same", use_bias=False)(y)
    y = _batch_norm()(y)
    if squeeze:
        y = _squeeze_excite(y, channels)
    if stride != 1 or x.shape[-1] != channels:
        x = layers.Conv2D(channels, 1, strides=stride, padding="same", use_bias=False)(x)
        x = _batch_norm()(x)
    return layers.ReLU()(layers.Add()([x, y]))


def _squeeze_excite(x: keras.KerasTensor, channels: int) -> keras.KerasTensor:
    """Scale each channel by a number that all channels decide (Hu et al. 2018, arXiv 1709.01507)."""
    scale = layers.GlobalAveragePooling2D(keepdims=True)(x)
    scale = layers.Conv2D(channels // _SQUEEZE, 1, activation="relu")(scale)
    scale = layers.Conv2D(channels, 1, activation="sigmoid")(scale)
    return layers.Multiply()([x, scale])


_BODIES: dict[str, Callable[[keras.KerasTensor, float], keras.KerasTensor]] = {
    "reference": _reference,
    "compact": _compact,
    "slim": _slim,
    "resnet18": _resnet18,
    "tiny": _tiny,
}
