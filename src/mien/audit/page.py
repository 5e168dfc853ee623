"""The audit as a page that a person reads: how much was found, by which rule, and what it looks like."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import cv2

from mien import html
from mien.audit.audit import Audit
from mien.audit.check import SplitReport
from mien.audit.findings import KINDS, Finding, Pictures
from mien.audit.quality import ClassLooks
from mien.html import Html, Section, Tile

TITLES = {
    "unreadable": "Unreadable",
    "blank": "Blank",
    "near-constant": "Near-constant",
    "tiny": "Tiny",
    "twin": "Twins within a split",
    "twin-across": "Twins across splits",
    "conflict": "Identical, but labelled differently",
    "near-duplicate": "Near duplicates",
    "non-face": "Suspected non-faces",
    "brightness": "Very dark or very bright",
    "sharpness": "Blurred or noisy",
    "label": "Labels that the model doubts",
}
_SHOWN = 12  # findings of a kind on the page
_BRIGHTEST = 255.0


def audit_page(audit: Audit, *, thumbnails: bool = True) -> str:
    """Return audit.html; without thumbnails it shows no picture of the data set."""
    splits = audit.report.splits
    pictures = audit.pictures if thumbnails else None
    kinds = {kind: list(group) for kind, group in groupby(audit.findings, key=lambda finding: finding.kind)}
    sections = [
        Section("What was found", _overview(audit)),
        Section("Class sizes", _sizes(splits)),
        Section("Brightness and sharpness by class", _looks(audit.looks)),
        *(Section(f"{TITLES[kind]}: {len(found):,}", _kind(kind, found, pictures)) for kind, found in kinds.items()),
    ]
    facts = [f"{split.split}: {sum(split.counts.values()):,} pictures" for split in splits]
    return html.page(
        f"What is wrong with {Path(audit.report.source).name or 'the data'}?",
        sections,
        lead=summary(audit),
        facts=facts,
        foot="Every finding stands in audit.csv beside this page. mien data clean copies the data without what cannot "
        "be read and, of train and val, without what is blank, a copy or a contradiction; --drop names other kinds.",
    )


def summary(audit: Audit) -> str:
    """Return the findings in a few sentences."""
    count, files = len(audit.findings), {finding.file for finding in audit.findings}
    total = len(files.union(audit.pictures.names))  # what cannot be read is none of the pictures
    if not count:
        return f"Nothing was found in {total:,} pictures."
    words = [f"{count:,} findings on {len(files):,} of {total:,} pictures."]
    if audit.report.obstacle is not None:
        words.append(f"It cannot be trained on: {audit.report.obstacle}.")
    return " ".join(words)


def _overview(audit: Audit) -> list[Html]:
    counts = audit.counts()
    copies = counts["twin"] + counts["twin-across"]
    broken = counts["unreadable"] + counts["blank"] + counts["near-constant"] + counts["tiny"]
    tiles = [
        Tile("of no use", f"{broken:,}", "unreadable, blank, near-constant, tiny"),
        Tile("twins", f"{copies:,}", "copies of the same label"),
        Tile("contradictions", f"{counts['conflict']:,}", "copies of other labels"),
        Tile("near duplicates", f"{counts['near-duplicate']:,}", "almost the same"),
        Tile("non-faces?", _shown(audit, "non-face"), "a simple rule's guess"),
        Tile("doubtful labels", _shown(audit, "label"), "by the model, if one was asked"),
    ]
    rules = [
        _term(kind, f"{KINDS[kind]}.") for kind, count in counts.items() if not count and kind not in audit.skipped
    ]
    notes = [html.paragraph(f"{note[0].upper()}{note[1:]}.", "note") for note in audit.notes]
    votes = audit.report.votes
    if votes is not None:
        agreement = "" if votes.agreement is None else f" The label leads the votes in {votes.agreement:.1%} of them."
        notes.append(html.paragraph(f"Votes on {votes.joined:,} of {votes.pictures:,} pictures.{agreement}", "note"))
    absent = [html.paragraph("Looked for and not found:"), html.join(rules)] if rules else []
    return [html.tiles(tiles), *notes, *absent]


def _shown(audit: Audit, kind: str) -> str:
    return "–" if kind in audit.skipped else f"{audit.counts()[kind]:,}"


def _term(kind: str, rule: str) -> Html:
    return html.paragraph(Html(f"<b>{html.text(TITLES[kind])}</b>: {html.text(rule)}"), "note")


def _sizes(splits: Sequence[SplitReport]) -> list[Html]:
    names = sorted({name for split in splits for name in split.counts})
    largest = {split.split: max(split.counts.values(), default=0) or 1 for split in splits}
    rows = [[name, *(_size(split, name, largest[split.split]) for split in splits)] for name in names]
    ratios = ("–" if split.imbalance is None else f"{split.imbalance:.1f} : 1" for split in splits)
    rows.append(["largest : smallest", *ratios])
    return [html.bars(html.table(["class", *(split.split for split in splits)], rows))]


def _size(split: SplitReport, name: str, largest: int) -> Html:
    count = split.counts.get(name, 0)
    return html.bar(count / largest, f"{count:,}")


def _looks(looks: Sequence[ClassLooks]) -> list[Html]:
    if not looks:
        return []
    sharpest = max(each.sharpness[1] for each in looks) or 1.0
    rows = [
        [
            each.label,
            html.bar(each.brightness[1] / _BRIGHTEST, f"{each.brightness[1]:.0f}"),
            f"{each.brightness[0]:.0f}–{each.brightness[2]:.0f}",
            html.bar(each.sharpness[1] / sharpest, f"{each.sharpness[1]:.0f}"),
            f"{each.sharpness[0]:.0f}–{each.sharpness[2]:.0f}",
        ]
        for each in looks
    ]
    words = (
        "Median, and the middle half of the pictures. Brightness: mean of the pixels, 0-255. Sharpness: variance of "
        "the Laplacian. A class that stands apart here can be told by its light instead of its expression."
    )
    head = ["class", "brightness", "middle half", "sharpness", "middle half"]
    return [html.bars(html.table(head, rows, caption=words))]


def _kind(kind: str, found: Sequence[Finding], pictures: Pictures | None) -> list[Html]:
    distinct = list({frozenset((finding.file, finding.partner)): finding for finding in reversed(found)}.values())[::-1]
    shown = distinct[:_SHOWN]
    rule = html.paragraph(f"{KINDS[kind][0].upper()}{KINDS[kind][1:]}.", "note")
    places = {} if pictures is None else {name: row for row, name in enumerate(pictures.names)}
    entries = [_entry(finding, places, pictures) for finding in shown]
    more = f"And {len(distinct) - len(shown):,} more in audit.csv." if len(distinct) > len(shown) else ""
    return [rule, html.pairs(entries), *([html.paragraph(more, "note")] if more else [])]


def _entry(finding: Finding, places: dict[str, int], pictures: Pictures | None) -> Html:
    names = [name for name in (finding.file, finding.partner) if name]
    faces = [_face(pictures, places[name]) for name in names if pictures is not None and name in places]
    label = f"{finding.label}: " if finding.label else ""
    lines = [f"{label}{finding.file}", finding.pair.removeprefix(finding.file).strip(), finding.note]
    return html.pair(faces, Html("<br>".join(html.text(line) for line in lines if line)))


def _face(pictures: Pictures, row: int) -> bytes:
    return cv2.imencode(".png", pictures.images[row])[1].tobytes()
