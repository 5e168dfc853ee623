"""A cleaned copy of a data set: what an audit found is left out, by stated rules; the source is not touched."""

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mien.audit.audit import parted
from mien.audit.check import open_parts
from mien.audit.files import read_findings, read_fingerprints
from mien.audit.findings import KINDS, Finding
from mien.data.dataset import Dataset
from mien.data.writing import new_folder, write_png
from mien.errors import DataError, OutputError
from mien.progress import Watch

DROPPED = ("unreadable", "blank", "twin", "twin-across", "conflict")  # kinds that are left out if nothing else is asked
KEPT_SPLITS = ("test", "private")  # a benchmark stays what it is: of these only what cannot be read is left out
_REPORT_EVERY = 200


@dataclass(frozen=True)
class Cleaned:
    """What ``clean`` did.

    Attributes:
        kept: split -> number of pictures copied.
        dropped: what was left out, one finding a picture: the first kind that applies, in the order of ``KINDS``.
        spared: pictures of test and private that were found but copied all the same.
    """

    kept: dict[str, int]
    dropped: tuple[Finding, ...]
    spared: int

    def counts(self) -> dict[str, int]:
        """Return kind -> number of pictures left out, without the kinds that left out none."""
        found = Counter(finding.kind for finding in self.dropped)
        return {kind: found[kind] for kind in KINDS if found[kind]}


def clean(
    source: str | Path,
    audit: str | Path,
    out: str | Path,
    *,
    drop: Sequence[str] = DROPPED,
    watch: Watch | None = None,
) -> Cleaned:
    """Copy a data set without the pictures that an audit found.

    Left out are pictures with a finding of a kind in ``drop``. Of test and private nothing is left out but what cannot
    be read. Files of a folder are copied byte for byte; rows of a table become PNG files.

    Args:
        source: folder or CSV that was audited.
        audit: its audit.csv.
        out: folder that does not exist yet, or is empty.
        drop: kinds of ``KINDS``.
        watch: called with the number of pictures copied and of all.

    Raises:
        DataError: the audit is none or is of other data, a kind is unknown, a split of the source cannot be read.
        OutputError: ``out`` has something in it, lies in the source, or cannot be written.

    Example:
        >>> clean("fer2013", "fer2013-audit/audit.csv", "fer2013-clean").counts()
        {'twin': 1166, 'twin-across': 257, 'conflict': 103}
    """
    require_kinds(drop)
    if Path(source).is_dir() and Path(out).resolve().is_relative_to(Path(source).resolve()):
        message = f"{out}: lies in the data set {source}, which is not touched; choose another --out"
        raise OutputError(message)
    findings = read_findings(audit)
    with new_folder(out) as folder:
        parts = _open(source, watch)
        _require_same_data(source, audit, parts, findings)
        lost = {finding.file: finding for finding in _lost(source, parts)}
        wanted = [each for each in findings if each.kind in drop and (each.kind != "unreadable" or each.file in lost)]
        held = {finding.file for finding in wanted if not _may_go(finding)}
        dropped = {finding.file: finding for finding in reversed(_ordered(wanted)) if _may_go(finding)}
        dropped = lost | dropped
        kept = {name: (split, row) for split, part in parts.items() for row, name in enumerate(part.names)}
        kept = {name: place for name, place in kept.items() if name not in dropped}
        _copy(Path(source), folder, parts, kept, watch)
    counts = Counter(split for split, _ in kept.values())
    return Cleaned({split: counts[split] for split in parts}, tuple(_ordered(dropped.values())), len(held))


def _open(source: str | Path, watch: Watch | None) -> dict[str, Dataset]:
    """Return all splits; one that cannot be read would be missing in the copy, so it is an error."""
    parts = open_parts(source, watch=watch)
    for split, reason in parts.broken.items():
        message = f"{reason}; the copy would be without {split}, so nothing was copied"
        raise DataError(message)
    return parts.opened


def _may_go(finding: Finding) -> bool:
    return finding.kind == "unreadable" or finding.split not in KEPT_SPLITS


def _ordered(findings: Iterable[Finding]) -> list[Finding]:
    order = list(KINDS)
    return sorted(findings, key=lambda finding: (order.index(finding.kind), finding.file))


def require_kinds(drop: Sequence[str]) -> None:
    """Raise DataError unless these are kinds of findings."""
    unknown = [kind for kind in drop if kind not in KINDS]
    if unknown:
        message = f"{unknown[0]}: is no kind of finding; expected some of {', '.join(KINDS)}"
        raise DataError(message)


def _require_same_data(
    source: str | Path, audit: str | Path, parts: Mapping[str, Dataset], findings: Sequence[Finding]
) -> None:
    """Raise DataError unless the pictures are those of the audit, and its findings name them, with split and label.

    Without the audit.json beside it only the latter can be told.
    """
    fingerprints = read_fingerprints(audit)
    now = {split: part.fingerprint() for split, part in parts.items()} if fingerprints else {}
    known = {name: (split, part.classes[label]) for split, part in parts.items() for name, label in _labelled(part)}
    lost = {parted(entry)[0] for part in parts.values() for entry in part.unreadable}
    for finding in findings:
        same = known.get(finding.file) == (finding.split, finding.label)
        if not same and not (finding.kind == "unreadable" and finding.file in lost):
            what = "has other labels or splits" if finding.file in known else "does not have it"
            message = (
                f"{audit}: is the audit of other data: it names {finding.file} ({finding.split}, "
                f"{finding.label or 'no label'}), {source} {what}; run mien data check {source} --out again"
            )
            raise DataError(message)
    if now != fingerprints:
        other = next(split for split in (*now, *fingerprints) if now.get(split) != fingerprints.get(split))
        message = (
            f"{audit}: is the audit of other data, or {source} was changed since: pictures or labels of {other} are "
            f"not those that it looked at; run mien data check {source} --out again"
        )
        raise DataError(message)


def _labelled(part: Dataset) -> Iterable[tuple[str, int]]:
    return zip(part.names, part.labels.tolist(), strict=True)


def _lost(source: str | Path, parts: Mapping[str, Dataset]) -> list[Finding]:
    """Return what cannot be read now, whether the audit names it or not: it cannot be copied as a picture."""
    entries = ((split, *parted(entry)) for split, part in parts.items() for entry in part.unreadable)
    return [Finding(name, split, "unreadable", note=reason) for split, name, reason in entries]


def _copy(
    source: Path,
    folder: Path,
    parts: Mapping[str, Dataset],
    kept: Mapping[str, tuple[str, int]],
    watch: Watch | None,
) -> None:
    for done, (name, (split, row)) in enumerate(kept.items(), start=1):
        part = parts[split]
        label = part.classes[part.labels[row]]
        target = folder / name if source.is_dir() else folder / split / label / f"{name}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copyfile(source / name, target)
        else:
            write_png(target, part.images[row])
        if watch is not None and (done % _REPORT_EVERY == 0 or done == len(kept)):
            watch(done, len(kept))
