import keras
import numpy as np
import pytest
from keras import layers

from mien.errors import RecipeError
from mien.training.models import build

torch = pytest.importorskip("torch", reason="torch is not installed")

from mien.training.torch_network import TorchNetwork  # noqa: E402
from mien.training.torch_update import Update  # noqa: E402

RNG = np.random.default_rng(0)


def faces(count: int, size: int) -> np.ndarray:
    return RNG.uniform(0, 255, (count, size, size, 1)).astype(np.float32)


def given(pictures: np.ndarray) -> "torch.Tensor":
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


def lived_in(model: keras.Model) -> keras.Model:
    """The model with running means and scales as after some training."""
    model.set_weights([array * RNG.uniform(0.7, 1.3, array.shape) + 0.02 for array in model.get_weights()])
    return model


@pytest.mark.parametrize(("name", "size"), [("tiny", 48), ("compact", 48), ("compact", 40), ("reference", 48)])
def test_gives_what_keras_gives(name: str, size: int) -> None:
    model = lived_in(build(name, size=size, classes=7, dropout=0.2))
    pictures = faces(3, size)
    expected = keras.ops.convert_to_numpy(model(pictures, training=False))
    [logits] = TorchNetwork(model, half=False)(given(pictures), training=False)
    assert np.allclose(logits.detach().numpy(), expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())


def test_weights_go_in_and_out_as_keras_has_them() -> None:
    model = build("compact", size=None, classes=7, dropout=0.2, votes=True)
    network = TorchNetwork(model, half=True)
    assert all(np.array_equal(a, b) for a, b in zip(network.weights(), model.get_weights(), strict=True))
    other = [array + 1 for array in model.get_weights()]
    network.set_weights(other)
    assert all(np.array_equal(a, b) for a, b in zip(network.weights(), other, strict=True))


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_steps_are_those_of_keras(optimizer: str) -> None:
    keras.utils.set_random_seed(1)
    model = build("tiny", size=48, classes=3, dropout=0.0)
    network = TorchNetwork(model, half=False)
    update = Update(optimizer, network.trained, network.kernels, decay=0.01)
    made = {
        "sgd": keras.optimizers.SGD(momentum=0.9, nesterov=True, weight_decay=0.01),
        "adam": keras.optimizers.Adam(weight_decay=0.01),
    }[optimizer]
    made.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(optimizer=made, loss=keras.losses.CategoricalCrossentropy(from_logits=True))
    for step in range(4):
        pictures, targets = faces(8, 48), np.eye(3, dtype=np.float32)[RNG.integers(0, 3, 8)]
        rate = 0.01 / (step + 1)
        model.optimizer.learning_rate = rate
        model.train_on_batch(pictures, targets)
        [logits] = network(given(pictures), training=True)
        torch.nn.functional.cross_entropy(logits, torch.from_numpy(targets)).backward()
        update(rate)
    triples = zip(model.weights, network.weights(), model.get_weights(), strict=True)
    gaps = {item.path: np.abs(ours - theirs) for item, ours, theirs in triples}
    far = np.concatenate([gap.ravel() for gap in gaps.values()]) > 2e-3
    assert far.mean() < 2e-3  # Adam turns a gradient's rounding into a whole step where it is nearly zero
    assert {path: float(np.median(gap)) for path, gap in gaps.items() if np.median(gap) > 2e-4} == {}


@pytest.mark.parametrize("count", [1, 4])
def test_running_means_and_variances_are_those_of_keras(count: int) -> None:
    inputs = keras.Input((4, 4, 1))
    x = layers.BatchNormalization(momentum=0.9)(layers.Conv2D(3, 4)(inputs))
    x = layers.BatchNormalization(momentum=0.8)(layers.Dense(5)(layers.Flatten()(x)))
    model = lived_in(keras.Model(inputs, x))
    network = TorchNetwork(model, half=False)
    pictures = faces(count, 4)
    expected = keras.ops.convert_to_numpy(model(pictures, training=True))
    [found] = network(given(pictures), training=True)
    found.sum().backward()
    assert all(tensor.grad is not None for tensor in network.trained)
    assert np.allclose(found.detach().numpy(), expected, rtol=1e-3, atol=1e-3)
    for ours, theirs in zip(network.weights(), model.get_weights(), strict=True):
        assert np.allclose(ours, theirs, rtol=1e-4, atol=1e-4)


def test_the_worst_place_is_a_radius_uphill_and_left_without_a_trace() -> None:
    network = TorchNetwork(lived_in(build("tiny", size=48, classes=3, dropout=0.0)), half=False)
    update = Update("sgd", network.trained, network.kernels, decay=0.0)
    pictures, truth = given(faces(8, 48)), torch.from_numpy(RNG.integers(0, 3, 8))

    def passed() -> float:
        loss = torch.nn.functional.cross_entropy(network(pictures, training=True)[0], truth)
        loss.backward()
        return loss.item()

    loss, before = passed(), network.weights()
    trained = [tensor.detach().clone() for tensor in network.trained]
    uphill = torch.cat([tensor.grad.flatten() for tensor in network.trained])
    with update.at_the_worst(0.01), network.statistics_kept():
        moved = torch.cat([(now - then).flatten() for now, then in zip(network.trained, trained, strict=True)])
        assert torch.allclose(moved, 0.01 * uphill / uphill.norm(), atol=1e-6)
        assert passed() > loss
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(network.weights(), before, strict=True))
    there = torch.cat([tensor.grad.flatten() for tensor in network.trained])
    assert not torch.allclose(there, uphill, rtol=0.01)


def test_a_layer_that_torch_lacks_is_named_with_the_repair() -> None:
    inputs = keras.Input((8, 8, 1))
    model = keras.Model(inputs, layers.UpSampling2D(name="grow")(inputs))
    with pytest.raises(RecipeError, match="layer grow is a UpSampling2D, which the torch engine lacks; --set engine="):
        TorchNetwork(model, half=False)


def test_an_activation_that_torch_lacks_is_named_with_the_repair() -> None:
    inputs = keras.Input((8,))
    model = keras.Model(inputs, layers.Dense(2, activation="softsign", name="soft")(inputs))
    with pytest.raises(RecipeError, match="layer soft has activation softsign"):
        TorchNetwork(model, half=False)
