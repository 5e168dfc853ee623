"""An audit on disk: audit.json, audit.csv and audit.html in one folder; audit.csv can be read again."""

import csv
import json
from dataclasses import astuple, fields
from io import StringIO
from pathlib import Path, PurePosixPath

from mien.audit.audit import Audit
from mien.audit.findings import KINDS, Finding
from mien.audit.page import audit_page
from mien.errors import DataError, OutputError
from mien.writing import KEEP_BYTES, write_file

HEADER = [field.name for field in fields(Finding)]
_EXPECTED = f"expected an audit.csv that mien data check --out wrote, with the columns {', '.join(HEADER)}"


def write_audit(audit: Audit, folder: str | Path, *, thumbnails: bool = True) -> None:
    """Write audit.json, audit.csv and audit.html; the folder is made if need be, older files of an audit replaced.

    Args:
        audit: what was found.
        folder: where.
        thumbnails: whether the page shows the pictures; without them it can be published.

    Raises:
        OutputError: the place cannot be written.

    Example:
        >>> write_audit(audit("fer2013"), "fer2013-audit")
    """
    place = Path(folder)
    if place.exists() and not place.is_dir():
        message = f"{place}: is a file; expected a folder for the audit: choose another --out"
        raise OutputError(message)
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(astuple(finding) for finding in audit.findings)
    write_file(place / "audit.json", json.dumps(audit.to_dict(), indent=2) + "\n")
    write_file(place / "audit.csv", text.getvalue())
    write_file(place / "audit.html", audit_page(audit, thumbnails=thumbnails).encode("utf-8", "replace"))


def read_findings(path: str | Path) -> tuple[Finding, ...]:
    """Return the findings of an audit.csv.

    Raises:
        DataError: the file is missing, is no audit, or names a file outside its data set.

    Example:
        >>> read_findings("fer2013-audit/audit.csv")[0].kind
        'twin'
    """
    try:
        with Path(path).open(encoding="utf-8-sig", errors=KEEP_BYTES, newline="") as file:
            rows = list(csv.reader(file))
    except (OSError, csv.Error) as error:
        message = f"{path}: cannot be read ({error}); {_EXPECTED}"
        raise DataError(message) from error
    if not rows or rows[0] != HEADER:
        message = f"{path}: is not an audit; {_EXPECTED}"
        raise DataError(message)
    return tuple(_finding(path, row) for row in rows[1:] if row)


def read_fingerprints(path: str | Path) -> dict[str, str]:
    """Return split -> fingerprint of what an audit.csv is of, by the audit.json beside it; empty if it does not tell.

    Example:
        >>> read_fingerprints("fer2013-audit/audit.csv")["test"]
        '5c21f2a0d6a2fd0c'
    """
    try:
        told = json.loads(Path(path).with_name("audit.json").read_text("utf-8", KEEP_BYTES))
        return {str(split["split"]): str(split["fingerprint"]) for split in told["splits"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _finding(path: str | Path, row: list[str]) -> Finding:
    kind = row[HEADER.index("kind")] if len(row) == len(HEADER) else ""
    if kind not in KINDS:
        message = f"{path}: is not an audit, its row {','.join(row)[:80]!r} has no known kind; {_EXPECTED}"
        raise DataError(message)
    name = PurePosixPath(row[0].replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts:
        message = f"{path}: names the file {row[0]!r}, outside the data set; {_EXPECTED}"
        raise DataError(message)
    file, split, _, score, partner, label, note = row
    try:
        return Finding(file, split, kind, float(score) if score else None, partner, label, note)
    except ValueError:
        message = f"{path}: is not an audit, the score {score[:20]!r} of {file} is no number; {_EXPECTED}"
        raise DataError(message) from None
