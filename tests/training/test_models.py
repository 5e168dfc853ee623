import numpy as np
import pytest

from mien.training.models import build


def test_the_reference_network_has_the_parameters_of_the_reference_system() -> None:
    network = build("reference", size=48, classes=7, dropout=0.25)
    assert network.count_params() == 4_062_535
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds.count("Conv2D") == 8
    assert kinds.count("BatchNormalization") == 6  # one a block, after its second convolution, and two dense ones
    assert kinds[2:5] == ["Conv2D", "Conv2D", "BatchNormalization"]


def test_the_compact_network_stays_under_two_million_parameters() -> None:
    assert build("compact", size=48, classes=7, dropout=0.2).count_params() < 2_000_000


@pytest.mark.parametrize("network", ["compact", "tiny"])
def test_networks_of_any_size_share_weights_with_those_of_one_size(network: str) -> None:
    fixed = build(network, size=48, classes=3, dropout=0.2)
    free = build(network, size=None, classes=3, dropout=0.2)
    free.set_weights(fixed.get_weights())
    faces = np.random.default_rng(0).uniform(0, 255, (2, 48, 48, 1)).astype(np.float32)
    assert np.allclose(fixed(faces), free(faces), atol=1e-5)
    assert free(faces[:, :32, :32]).shape == (2, 3)
