import re

import pytest

from mien import html
from mien.html import Html, Section, Tile

PNG = b"\x89PNG\r\n\x1a\n"


def test_page_without_sections_is_still_a_page():
    page = html.page("Nothing", [])
    assert page.startswith("<!doctype html>")
    assert "<h1>Nothing</h1>" in page
    assert "<section>" not in page


def test_section_without_parts_is_left_out():
    assert "Empty" not in html.page("Title", [Section("Empty", [])])


ATTACK = "<script>\"&'"
PARTS = {
    "paragraph": lambda text: html.paragraph(text),
    "tile": lambda text: html.tiles([Tile(text, text, text)]),
    "table": lambda text: html.table([text], [[text, text]], caption=text),
    "bar": lambda text: html.bar(0.5, text),
    "heatmap": lambda text: html.heatmap([text], [[1.0]], [[text]], caption=text),
    "picture": lambda text: html.picture(PNG, text, text),
    "drawing": lambda text: html.drawing(Html("<svg></svg>"), text),
    "columns": lambda text: html.columns([text]),
}


@pytest.mark.parametrize("part", PARTS)
def test_text_in_every_part_is_escaped(part):
    made = PARTS[part](ATTACK)
    assert isinstance(made, Html)
    assert "<script>" not in made
    assert "&lt;script&gt;" in made


def test_title_facts_lead_and_foot_are_escaped():
    page = html.page(ATTACK, [Section(ATTACK, [ATTACK])], lead=ATTACK, facts=[ATTACK], foot=ATTACK)
    assert "<script>" not in page
    assert page.count("&lt;script&gt;") == 7


def test_html_is_not_escaped_twice():
    assert html.text(html.text("a & b")) == "a &amp; b"


def test_page_loads_nothing_and_runs_nothing():
    page = html.page("Title", [Section("Picture", [html.picture(PNG, "a picture")])])
    assert not re.search(r"https?://|<script|@import|url\(|<link", page)
    assert "default-src 'none'" in page


def test_page_follows_dark_mode():
    assert "prefers-color-scheme:dark" in html.page("Title", [])


@pytest.mark.parametrize(
    ("data", "kind"), [(PNG, "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"<svg/>", "image/svg+xml")]
)
def test_picture_is_kept_inside_the_page(data, kind):
    assert f'src="data:{kind};base64,' in html.picture(data, "a picture")


def test_bar_stays_in_its_cell():
    assert "width:100.0%" in html.bar(7, "7")
    assert "width:0.0%" in html.bar(-1, "-1")


def test_tile_draws_its_interval():
    made = html.tiles([Tile("accuracy", "66%", span=(0.6, 0.66, 0.7))])
    assert "left:60.00%;width:10.00%" in made
    assert "left:66.00%" in made


def test_strong_cells_of_a_heatmap_have_white_text():
    made = html.heatmap(["a", "b"], [[1.0, 0.0], [0.1, 0.9]], [["1", "0"], ["1", "9"]], caption="rows")
    assert made.count('class="strong"') == 2


def test_pictures_that_belong_together_share_a_caption():
    pair = html.pairs([html.pair([PNG, PNG], "a <b>"), html.pair([], "nothing to see")])
    assert pair.count("<img") == 2
    assert pair.count("<figcaption>") == 2
    assert "a &lt;b&gt;" in pair


def test_bars_can_be_kept_on_a_narrow_screen():
    assert html.bars(html.bar(0.5, "1")).startswith('<div class="bars">')
