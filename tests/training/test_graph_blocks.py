import keras
import pytest
from keras import layers

from mien.training.graph_blocks import read_blocks
from tests.training.networks import NAMES, branching, network


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_in_one_box(name: str) -> None:
    model = network(name)
    assert sum(block.parameters for block in read_blocks(model)) == model.count_params()


def test_norm_activation_and_dropout_join_the_block_that_only_they_read() -> None:
    blocks = {block.title: block for block in read_blocks(network("reference"))}
    assert blocks["conv 1×3"].note == "+ batch norm + ReLU"
    assert blocks["max pool 2×2"].note == "+ dropout 0.2"
    gate = next(block for block in read_blocks(network("compact")) if block.kind == "gate")
    assert gate.note == "average → 20 ReLU → 160 sigmoid"
    inputs = keras.Input((4,))
    x = layers.Dense(4)(inputs)
    shared = read_blocks(keras.Model(inputs, layers.Add()([x, layers.ReLU()(x)])))
    assert [block.title for block in shared[1:]] == ["dense", "ReLU", "add"]


def test_an_unknown_layer_is_a_box_with_its_class_name() -> None:
    block = read_blocks(branching())[1]
    assert (block.title, block.note, block.kind) == ("Unheard", "+ batch norm", "other")


def test_a_size_that_is_not_fixed_is_left_out() -> None:
    faces, *_, average, logits = read_blocks(network("compact", None))
    assert (faces.note, faces.size) == ("pixel values 0-255, any size", "1 channel")
    assert (average.size, logits.size) == ("192", "7  ·  1,351 parameters")
