import struct

import pytest

from mien.training.graph import network_graph
from tests.training.networks import NAMES, branching, network


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_is_a_png_of_readable_size(name: str) -> None:
    picture = network_graph(network(name))
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    assert 400 < width < 2000
    assert 1000 < height < 2200


def test_a_network_of_any_size_and_an_unknown_layer_are_drawn() -> None:
    assert network_graph(network("compact", None)) != network_graph(network("compact"))
    assert network_graph(branching()).startswith(b"\x89PNG")
