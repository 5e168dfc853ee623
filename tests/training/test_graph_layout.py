import keras
import pytest

from mien.training.graph_blocks import Block, read_blocks
from mien.training.graph_layout import Layout, lay_out
from tests.training.networks import network, pre_activated, two_in_two_out


def laid_out(model: keras.Model) -> tuple[tuple[Block, ...], Layout]:
    blocks = read_blocks(model)
    return blocks, lay_out(blocks)


@pytest.mark.parametrize("name", ["reference", "tiny"])
def test_a_chain_has_no_side_path_and_no_shortcut(name: str) -> None:
    blocks, layout = laid_out(network(name))
    assert layout.main == tuple(range(len(blocks)))
    assert {place.lane for place in layout.places} == {0}
    assert not layout.arcs


def test_compact_reads_straight_down_through_every_add_with_side_paths_beside() -> None:
    blocks, layout = laid_out(network("compact"))
    titles = [blocks[number].title for number in layout.main]
    assert titles.count("add") == [block.title for block in blocks].count("add") == 6
    assert titles.count("multiply") == 3
    lanes = {block.title: place.lane for block, place in zip(blocks, layout.places, strict=True)}
    assert lanes["conv 1×1, stride 2"] == -1
    assert lanes["squeeze-excite"] == 1
    assert [blocks[source].title for source, _ in layout.arcs] == ["add", "add"]


def test_a_column_ends_with_an_add_and_the_next_goes_on_with_what_it_made() -> None:
    blocks, layout = laid_out(pre_activated(20))
    assert max(place.column for place in layout.places) > 1
    for target, block in enumerate(blocks):
        for source in block.sources:
            if layout.places[source].column < layout.places[target].column:
                assert blocks[source].title == "add"


def test_the_longest_way_of_several_inputs_and_outputs_is_the_main_path() -> None:
    blocks, layout = laid_out(two_in_two_out())
    assert [blocks[number].shape for number in layout.main] == [(8,), (8,), (8,), (8,), (3,), (3,)]
    assert min(place.row for place in layout.places) == 0
