"""Whatever is in a file, it is read or refused with one clear line: hypothesis makes the files up, from good ones too.

The long campaign on damaged files is ``benchmarks/fuzz.py``.
"""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mien.audit.files import HEADER, read_findings
from mien.data.fer_csv import read
from mien.data.votes import read_votes
from mien.errors import MienError
from mien.model.file import Metadata, parse_metadata
from mien.pictures import read_picture
from mien.results import Box
from mien.training.recipe_file import read_recipe
from mien.vision.boxes import apart, largest_first, overlap
from tests.web.test_multipart import part
from tests.web.test_multipart import read as read_body

EXAMPLES = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
CELLS = st.one_of(
    st.text(max_size=12), st.integers(-3, 300).map(str), st.sampled_from(["", "nan", "1e9", "-0", "\x00", "é"])
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
BOXES = st.tuples(st.integers(-20, 80), st.integers(-20, 80), st.integers(1, 60), st.integers(1, 60))


def read_or_refused(read: Callable[[], object]) -> bool:
    """Return whether it was read; what is neither read nor refused with one line fails the test."""
    try:
        read()
    except MienError as error:
        assert str(error).strip()
        assert "\n" not in str(error)
        return False
    return True


def table(path: Path, header: list[str], rows: list[list[str]]) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    path.write_bytes(text.getvalue().encode("utf-8", "surrogatepass"))
    return path


@EXAMPLES
@given(rows=st.lists(st.lists(CELLS, max_size=4), max_size=5))
def test_any_table_of_faces(tmp_path: Path, rows: list[list[str]]) -> None:
    path = table(tmp_path / "fer2013.csv", ["emotion", "pixels", "Usage"], rows)
    read_or_refused(lambda: read(path, "train"))


@EXAMPLES
@given(
    emotion=CELLS,
    count=st.sampled_from([0, 1, 2303, 2304, 2305]),
    value=st.sampled_from(["0", "255", "256", "-1", "nan", "1.5", "x", "9" * 30]),
    usage=st.sampled_from(["Training", "training ", "PublicTest", "Test", ""]),
)
def test_a_row_is_a_picture_exactly_where_every_cell_is_right(
    tmp_path: Path, emotion: str, count: int, value: str, usage: str
) -> None:
    pixels = " ".join([*["7"] * (count - 1), *[value] * (count > 0)])
    good = ["0", " ".join(["7"] * 2304), "Training"]
    path = table(tmp_path / "fer2013.csv", ["emotion", "pixels", "Usage"], [good, [emotion, pixels, usage]])
    found = read(path, "train")
    right = (
        emotion.strip() in set("0123456") and count == 2304 and value in ("0", "255") and "training" in usage.lower()
    )
    assert len(found.images) == 1 + right
    assert len(found.unreadable) == (not right and usage != "PublicTest")


@EXAMPLES
@given(
    header=st.lists(st.sampled_from(["Usage", "Image name", "happiness", "NF", "", "é"]), max_size=5),
    rows=st.lists(st.lists(CELLS, max_size=5), max_size=4),
)
def test_any_table_of_votes(tmp_path: Path, header: list[str], rows: list[list[str]]) -> None:
    path = table(tmp_path / "votes.csv", header, rows)
    read_or_refused(lambda: read_votes(path))


@EXAMPLES
@given(
    rows=st.lists(
        st.lists(
            CELLS | st.sampled_from(["../up.png", "/etc/passwd", "train/sad/1.png", "twin"]), min_size=5, max_size=8
        ),
        max_size=3,
    )
)
def test_no_audit_names_a_file_outside_its_data(tmp_path: Path, rows: list[list[str]]) -> None:
    path = table(tmp_path / "audit.csv", HEADER, rows)
    try:
        findings = read_findings(path)
    except MienError:
        return
    assert all(
        not Path(name).is_absolute() and ".." not in Path(name).parts
        for found in findings
        for name in (found.file, found.partner)
    )


@EXAMPLES
@given(values=st.dictionaries(st.sampled_from([*asdict(Metadata(("a", "b"), 48)), "other"]), VALUES, max_size=6))
def test_any_metadata(values: dict[str, object]) -> None:
    good = json.loads(Metadata(("a", "b"), 48).to_json())
    read_or_refused(lambda: parse_metadata(json.dumps({**good, **values}), "model.onnx"))


@EXAMPLES
@given(
    key=st.sampled_from([*asdict(read_recipe("compact")), "other"]),
    value=VALUES.filter(lambda value: value is not None),
)
def test_any_recipe(tmp_path: Path, key: str, value: object) -> None:
    path = tmp_path / "own.toml"
    try:
        text = tomli_w.dumps({"network": "tiny", key: value})
    except (TypeError, ValueError):  # null within, or half a letter: TOML has none
        return
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    read_or_refused(lambda: read_recipe(path))


@EXAMPLES
@given(
    data=st.binary(max_size=300),
    start=st.sampled_from(
        [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"BM", b"RIFF\x20\0\0\0WEBPVP8 ", b"GIF89a"]
    ),
)
def test_any_bytes_as_a_picture(data: bytes, start: bytes) -> None:
    read_or_refused(lambda: read_picture(start + data))


@EXAMPLES
@given(files=st.lists(st.binary(max_size=80), max_size=4), step=st.integers(1, 200))
def test_files_arrive_whole_however_a_body_is_cut(files: list[bytes], step: int) -> None:
    sent = [data.replace(b"--xyz", b"") for data in files]
    body = b"".join(map(part, sent)) + b"--xyz--\r\n"
    assert [data for _, data in read_body(body, step=step)] == sent


@EXAMPLES
@given(one=BOXES, other=BOXES)
def test_overlap_is_a_share_and_the_same_both_ways(one: Box, other: Box) -> None:
    assert overlap(one, other) == pytest.approx(overlap(other, one))
    assert 0 <= overlap(one, other) <= 1
    assert overlap(one, one) == 1


@EXAMPLES
@given(boxes=st.lists(BOXES, max_size=8))
def test_boxes_lie_in_the_picture_and_apart(boxes: list[Box]) -> None:
    found = largest_first(apart(boxes), 64, 48)
    assert all(x >= 0 and y >= 0 and w > 0 and h > 0 and x + w <= 64 and y + h <= 48 for x, y, w, h in found)
    assert [w * h for _, _, w, h in found] == sorted((w * h for _, _, w, h in found), reverse=True)
