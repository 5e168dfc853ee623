"""One self-contained page from parts: nothing is loaded from elsewhere, no script runs, all text is escaped.

Light and dark follow the reader's system. A part is ``Html``; any other text that comes into a page is escaped.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


class Html(str):
    """Text that is HTML already; every other string is escaped before it reaches a page."""

    __slots__ = ()


@dataclass(frozen=True)
class Tile:
    """A figure that meets the eye first.

    Attributes:
        label: what it is.
        value: the figure, ready to read.
        note: a few words below it.
        span: ``(low, point, high)``, 0-1, drawn as an interval on a line; None for no line.
    """

    label: str
    value: str
    note: str = ""
    span: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Section:
    """A heading with parts below it, in order."""

    title: str
    parts: Sequence[str]


def text(value: object) -> Html:
    """Return a value as HTML: ``Html`` as it is, anything else escaped.

    Example:
        >>> text("<b>")
        '&lt;b&gt;'
    """
    return value if isinstance(value, Html) else Html(escape(str(value)))


def join(parts: Sequence[object]) -> Html:
    """Return parts one after the other, each escaped unless it is ``Html``."""
    return Html("".join(text(part) for part in parts))


def paragraph(content: object, kind: str = "") -> Html:
    """Return a paragraph; ``kind`` is ``lead``, ``note`` or nothing."""
    return Html(f'<p class="{escape(kind)}">{text(content)}</p>' if kind else f"<p>{text(content)}</p>")


def tiles(items: Sequence[Tile]) -> Html:
    """Return figures side by side, as many a row as fit."""
    return Html(f'<div class="tiles">{"".join(_tile(item) for item in items)}</div>')


def table(head: Sequence[object], rows: Sequence[Sequence[object]], *, caption: object = "") -> Html:
    """Return a table whose first column names the rows; the other columns are set to the right, as figures are.

    Example:
        >>> table(["class", "n"], [["happy", 3]])
    """
    top = "".join(f'<th scope="col">{text(cell)}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{text(row[0])}</th>{"".join(f"<td>{text(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return _scrolling(f"<table>{_caption(caption)}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>")


def bar(share: float, label: object) -> Html:
    """Return a horizontal bar, ``share`` 0-1 of its cell, with its figure beside it; for a table's cell."""
    width = 100 * min(max(share, 0.0), 1.0)
    return Html(
        f'<span class="bar"><span class="figure">{text(label)}</span>'
        f'<span class="rail"><i style="width:{width:.1f}%"></i></span></span>'
    )


def heatmap(
    names: Sequence[str], shares: Sequence[Sequence[float]], texts: Sequence[Sequence[object]], *, caption: object
) -> Html:
    """Return a square table coloured by ``shares``, 0-1; ``names`` head the rows (truth) and the columns (predicted).

    Example:
        >>> heatmap(["a", "b"], [[1, 0], [0.5, 0.5]], [["2", "0"], ["1", "1"]], caption="rows sum to 100 %")
    """
    top = "".join(f'<th scope="col"><span>{text(name)}</span></th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row">{text(name)}</th>{"".join(map(_heat, row, cells))}</tr>'
        for name, row, cells in zip(names, shares, texts, strict=True)
    )
    head = f'<thead><tr><td class="corner">true ↓ predicted →</td>{top}</tr></thead>'
    return _scrolling(f'<table class="heat">{_caption(caption)}{head}<tbody>{rows}</tbody></table>')


def picture(data: bytes, description: str, caption: object = "") -> Html:
    """Return a PNG, JPEG or SVG picture that is kept inside the page; ``description`` is read aloud."""
    kinds = {b"\x89PNG": "image/png", b"\xff\xd8\xff\xe0": "image/jpeg"}
    kind = kinds.get(data[:4], "image/svg+xml")
    source = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    return _figure(f'<img src="{source}" alt="{escape(description)}">', caption)


def drawing(svg: Html, caption: object = "") -> Html:
    """Return an SVG drawing as part of the page, so that it follows light and dark."""
    return _figure(svg, caption)


def columns(parts: Sequence[object]) -> Html:
    """Return parts side by side where there is room, else one below the other."""
    return Html(f'<div class="columns">{"".join(f"<div>{text(part)}</div>" for part in parts)}</div>')


def gallery(pictures: Sequence[Html]) -> Html:
    """Return small pictures side by side, as many a row as fit; their pixels stay sharp."""
    return Html(f'<div class="faces">{join(pictures)}</div>')


def pairs(entries: Sequence[Html]) -> Html:
    """Return entries made by ``pair`` side by side, as many a row as fit."""
    return Html(f'<div class="pairs">{join(entries)}</div>')


def pair(pictures: Sequence[bytes], caption: object) -> Html:
    """Return small PNG pictures that belong together, none to a few, with one caption."""
    faces = (f'<img src="data:image/png;base64,{base64.b64encode(data).decode()}" alt="">' for data in pictures)
    return _figure(f'<div class="pair">{"".join(faces)}</div>' if pictures else "", caption)


def bars(content: Html) -> Html:
    """Return a table whose bars also show on a narrow screen."""
    return Html(f'<div class="bars">{content}</div>')


def page(
    title: str, sections: Sequence[Section], *, lead: object = "", facts: Sequence[str] = (), foot: object = ""
) -> str:
    """Return a whole page.

    Args:
        title: heading of the page and of its tab.
        sections: in order; one without parts is left out.
        lead: what a hurried reader should take away.
        facts: short phrases under the title.
        foot: last line, small.

    Example:
        >>> page("Report", [Section("Figures", [tiles([Tile("accuracy", "66 %")])])])
    """
    chips = f'<ul class="facts">{"".join(f"<li>{text(fact)}</li>" for fact in facts)}</ul>' if facts else ""
    body = "".join(
        f"<section><h2>{text(section.title)}</h2>{join(section.parts)}</section>"
        for section in sections
        if section.parts
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{text(title)}</title><style>{_STYLE}</style></head>\n<body><main>"
        f"<header><h1>{text(title)}</h1>{chips}{paragraph(lead, 'lead') if lead else ''}</header>\n"
        f"{body}\n<footer>{text(foot)}</footer></main></body></html>\n"
    )


def _tile(item: Tile) -> str:
    line = ""
    if item.span is not None:
        low, point, high = (100 * min(max(value, 0.0), 1.0) for value in item.span)
        band = f'<i style="left:{low:.2f}%;width:{high - low:.2f}%"></i><b style="left:{point:.2f}%"></b>'
        line = f'<div class="span" aria-hidden="true">{band}</div>'
    note = f"<small>{text(item.note)}</small>" if item.note else ""
    return f'<div class="tile"><span>{text(item.label)}</span><strong>{text(item.value)}</strong>{line}{note}</div>'


def _heat(share: float, cell: object) -> str:
    strong = ' class="strong"' if share >= _STRONG else ""
    return f'<td{strong} style="--share:{min(max(share, 0.0), 1.0):.3f}">{text(cell)}</td>'


def _figure(content: str, caption: object) -> Html:
    below = f"<figcaption>{text(caption)}</figcaption>" if caption else ""
    return Html(f"<figure>{content}{below}</figure>")


def _caption(caption: object) -> str:
    return f"<caption>{text(caption)}</caption>" if caption else ""


def _scrolling(content: str) -> Html:
    return Html(f'<div class="scroll" tabindex="0">{content}</div>')


_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STRONG = 0.72  # from this share on, text on a coloured cell is white
CARDS = (255, 255, 255), (29, 33, 37)  # behind what is drawn, light and dark: --card in the style below
_STYLE = """
:root{color-scheme:light dark;--page:#f6f6f3;--card:#fff;--ink:#1d2126;--soft:#5a636d;--line:#dfe1dd;--rail:#e9ebe7;
--accent:#0a6aa8;--warm:#b8500b;--heat:8 88 145}
@media (prefers-color-scheme:dark){:root{--page:#14171a;--card:#1d2125;--ink:#e8eaec;--soft:#a2abb4;--line:#333a41;
--rail:#2d343a;--accent:#62b0ea;--warm:#f0944d;--heat:53 131 191}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1040px;margin:0 auto;padding:clamp(20px,5vw,48px) clamp(14px,4vw,32px)}
h1{font-size:clamp(1.5rem,5vw,2.1rem);line-height:1.2;margin:0 0 12px;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:0 0 6px}
p{margin:0 0 14px;max-width:70ch}
p.lead{font-size:1.08rem;margin:14px 0 0}
p.note{color:var(--soft);font-size:.9rem}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;
padding:clamp(14px,3vw,26px);margin-top:20px}
section>:last-child,section p:last-child{margin-bottom:0}
.facts{display:flex;flex-wrap:wrap;gap:6px;list-style:none;margin:0;padding:0}
.facts li{border:1px solid var(--line);border-radius:99px;
padding:1px 11px;font-size:.85rem;color:var(--soft);background:var(--card)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(114px,1fr));gap:8px;margin:10px 0 18px}
.tile{border:1px solid var(--line);border-radius:10px;padding:12px 8px;display:flex;flex-direction:column}
.tile span{color:var(--soft);font-size:.71rem;letter-spacing:-.01em}
.tile strong{font-size:1.7rem;line-height:1.25;font-variant-numeric:tabular-nums;letter-spacing:-.02em}
.tile small{color:var(--soft);font-size:.8rem;line-height:1.4}
.span{position:relative;height:4px;border-radius:2px;background:var(--rail);margin:7px 0 8px}
.span i{position:absolute;top:0;height:100%;min-width:3px;background:var(--accent);opacity:.55;border-radius:2px}
.span b{position:absolute;top:-3px;width:3px;height:10px;margin-left:-1.5px;background:var(--accent);border-radius:2px}
.scroll{overflow-x:auto;margin:0 0 14px}
.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:4px}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
caption{caption-side:bottom;text-align:left;color:var(--soft);font-size:.85rem;padding-top:8px}
th,td{padding:6px 10px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th{font-weight:500}
thead th{color:var(--soft);font-size:.82rem;white-space:normal;vertical-align:bottom}
th:first-child{text-align:left;padding-left:0}
.bar{display:flex;align-items:center;gap:9px;justify-content:flex-end}
.rail{flex:1 1 64px;min-width:36px;max-width:110px;height:7px;border-radius:4px;background:var(--rail);overflow:hidden}
.rail i{display:block;height:100%;border-radius:4px;background:var(--accent)}
.heat{border-collapse:separate;border-spacing:3px;min-width:520px}
.heat th,.heat td{border:0;padding:5px 4px}
.heat tbody td{text-align:center;border-radius:6px;line-height:1.25;width:12%;
background:rgb(var(--heat)/calc(var(--share)*.94 + .035))}
.heat thead th{text-align:center}
.heat tbody th{padding-right:8px;position:sticky;left:0;background:var(--card)}
td small{color:var(--soft)}
.heat td small{color:inherit;display:block;font-size:.72rem;opacity:.75}
.heat .strong{color:#fff}
.heat .corner{text-align:left;font-size:.72rem;color:var(--soft);padding-left:0}
.columns{display:grid;align-items:start;gap:20px 32px;
grid-template-columns:repeat(auto-fit,minmax(min(100%,270px),1fr))}
figure{margin:0 0 12px}
figure img,figure svg{display:block;width:100%;height:auto}
figure svg{max-width:430px}
figcaption{color:var(--soft);font-size:.85rem;margin-top:6px}
.drawn{color:var(--light)}
@media (prefers-color-scheme:dark){.drawn{color:var(--dark)}}
p.key{color:var(--soft);font-size:.8rem;margin:8px 0 2px}
.keys{display:grid;grid-template-columns:repeat(auto-fill,minmax(124px,1fr));gap:2px 14px;list-style:none;margin:0;
padding:0;max-width:430px;font-size:.85rem;font-variant-numeric:tabular-nums}
.keys li{display:flex;align-items:center;gap:6px}.keys b{margin-left:auto;font-weight:500}
.keys i{width:14px;height:4px;border-radius:2px;background:currentColor}
.faces{display:grid;grid-template-columns:repeat(auto-fill,minmax(88px,1fr));gap:14px}
.faces img{image-rendering:pixelated;border-radius:6px}
.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,218px),1fr));gap:16px 18px;margin:0 0 14px}
.pairs figure{margin:0}.pairs figcaption{overflow-wrap:anywhere;font-size:.8rem}
.pair{display:flex;gap:6px}.pair img{width:96px;image-rendering:pixelated;border-radius:6px}
svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--soft)}
svg .grid{stroke:var(--line);stroke-width:1}
svg .cool{stroke:var(--accent);fill:none;stroke-width:2.2}
svg .warm{stroke:var(--warm);fill:none;stroke-width:2.2}
svg .guide{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:4 4;fill:none}
svg .class{stroke:currentColor;fill:none;stroke-width:1.8}svg .class-dot{fill:currentColor}
svg .title{font-weight:600;fill:var(--ink)}
svg .area{fill:var(--accent);opacity:.85}
svg .gap{fill:var(--warm);opacity:.6}svg .spare{fill:var(--accent);opacity:.3}
svg .count{fill:var(--soft);opacity:.35}
svg .cool-dot{fill:var(--accent)}svg .warm-dot{fill:var(--warm)}
@media (max-width:600px){
table{font-size:.78rem}thead th,caption{font-size:.74rem}th,td{padding:6px 3px}
td:last-child{padding-right:0}.rail{display:none}
.bars .rail{display:block;min-width:18px}.bars .bar{gap:4px}
.pairs{grid-template-columns:1fr 1fr}.pair img{width:calc(50% - 3px)}.pairs figcaption{font-size:.72rem}
td small{display:block}
.heat{min-width:0;border-spacing:2px;font-size:.74rem}.heat td small{font-size:.6rem}.heat tbody td{padding:4px 1px}
.heat thead th{padding:2px 0}.heat thead span{writing-mode:vertical-rl;transform:rotate(180deg);text-align:left}
.heat .corner{white-space:normal;font-size:.66rem}}
footer{color:var(--soft);font-size:.82rem;margin-top:22px;overflow-wrap:anywhere}
"""
