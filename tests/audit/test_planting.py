from pathlib import Path

import pytest

from mien.audit.audit import audit
from mien.audit.findings import KINDS
from mien.audit.planting import plant, tally
from mien.data.synthetic import write_faces
from mien.errors import DataError
from tests.data.building import make_folder

AMOUNT = 6
DOUBTED = ("label",)  # takes a model that knows drawn faces
MISSED = {"near-duplicate": 1}  # moved, lit anew and compressed all at once, one looks too different


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, int]]:
    folder = tmp_path_factory.mktemp("planted") / "faces"
    write_faces(folder, count=700, seed=3)
    before = audit(folder)
    planted = plant(folder, before.pictures, AMOUNT, seed=1)
    return tally(planted, before, audit(folder))


def test_too_few_pictures_are_an_error(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, {"train/a": 3, "train/b": 3, "test/a": 1})
    with pytest.raises(DataError, match="has too few pictures for 5 faults of each kind; expected 60"):
        plant(folder, audit(folder).pictures, 5)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in DOUBTED])
def test_planted_faults_are_found(counts: dict[str, dict[str, int]], kind: str) -> None:
    assert counts[kind]["planted"] == AMOUNT
    assert counts[kind]["found"] >= AMOUNT - MISSED.get(kind, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_sound_pictures_raise_no_alarm(counts: dict[str, dict[str, int]], kind: str) -> None:
    assert counts[kind]["false_alarms"] <= 1
    assert counts[kind]["before"] <= 5  # of 700


def test_without_a_model_no_label_is_doubted(counts: dict[str, dict[str, int]]) -> None:
    assert counts["label"]["found"] == 0
