"""Networks to draw: the three of the package and some with what these do not have."""

import keras
from keras import layers

from mien.training.models import build

NAMES = ("reference", "compact", "tiny")


def network(name: str, size: int | None = 48) -> keras.Model:
    return build(name, size=size, classes=7, dropout=0.2)


class Unheard(layers.Layer):
    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return 2 * x


def pre_activated(depth: int) -> keras.Model:
    """A residual network whose norm stands before the convolution, where it has no block to join."""
    x = inputs = keras.Input((16, 16, 4))
    for _ in range(depth):
        y = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.Add()([x, layers.Conv2D(4, 3, padding="same")(y)])
    return keras.Model(inputs, x)


def branching() -> keras.Model:
    """Four branches that join, one a single layer, and a layer that the picture does not know."""
    inputs = keras.Input((16, 16, 4))
    x = Unheard()(inputs)
    x = layers.BatchNormalization()(x)
    branches = [layers.Conv2D(4, 1)(x)] + [
        layers.Conv2D(4, side, padding="same")(layers.Conv2D(2, 1)(x)) for side in (3, 5, 7)
    ]
    return keras.Model(inputs, layers.Concatenate()(branches))


def two_in_two_out() -> keras.Model:
    one, two = keras.Input((8,)), keras.Input((4,))
    x = layers.Add()([layers.Dense(8)(layers.Dense(8)(one)), layers.Dense(8)(two)])
    return keras.Model([one, two], [layers.Dense(2)(x), layers.Dense(3)(layers.Dense(3)(x))])
