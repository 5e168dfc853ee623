import importlib.util

import pytest

from mien.errors import MissingExtra
from mien.training import engine
from mien.training.engine import choose


def test_keras_and_torch_are_taken_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose("keras") == "keras"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    assert choose("torch") == "torch"


def test_without_torch_auto_is_keras_and_torch_is_told_with_the_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert choose("auto") == "keras"
    with pytest.raises(MissingExtra, match="pip install torch; a new run can do without: --set engine=keras"):
        choose("torch")


@pytest.mark.parametrize(("half", "chosen"), [(True, "torch"), (False, "keras")])
def test_auto_is_torch_where_the_processor_multiplies_in_half(
    half: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    monkeypatch.setattr("mien.training.torch_engine.computes_in_half", lambda: half)
    assert choose("auto") == chosen


def test_who_asked_for_jax_gets_keras_on_jax(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(engine.keras.backend, "backend", lambda: "jax")
    assert choose("auto") == "keras"
