import sys

import pytest

import mien.training
from mien.errors import MissingExtra
from mien.training import engine
from mien.training.engine import choose


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(mien.training, "torch_engine", raising=False)
    monkeypatch.delitem(sys.modules, "mien.training.torch_engine", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)


def test_keras_and_torch_are_taken_by_their_names() -> None:
    assert choose("keras") == "keras"
    pytest.importorskip("torch", reason="torch is not installed")
    assert choose("torch") == "torch"


def test_without_torch_auto_is_keras_and_torch_is_told_with_the_repair(no_torch: None) -> None:
    assert choose("auto") == "keras"
    with pytest.raises(MissingExtra, match=r"pip install torch; a new run can do without: --set engine=keras"):
        choose("torch")


def test_a_torch_that_lacks_a_library_is_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        message = "libc10.so: cannot open shared object file"
        raise OSError(message)

    monkeypatch.setattr(engine, "_torch_engine", broken)
    assert choose("auto") == "keras"
    with pytest.raises(MissingExtra, match=r"cannot be imported \(libc10.so: cannot open shared object file\)"):
        choose("torch")


def test_a_torch_too_old_to_tell_what_the_processor_has_is_not_taken_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    monkeypatch.setattr("mien.training.torch_engine.gpu", lambda: "")
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.delattr(torch.cpu, name, raising=False)
    assert choose("auto") == "keras"


@pytest.mark.parametrize(("half", "chosen"), [(True, "torch"), (False, "keras")])
def test_auto_is_torch_where_the_processor_multiplies_in_half(
    half: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    monkeypatch.setattr("mien.training.torch_engine.gpu", lambda: "")
    monkeypatch.setattr("mien.training.torch_engine.computes_in_half", lambda: half)
    assert choose("auto") == chosen


def test_who_asked_for_jax_gets_keras_on_jax(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.keras.backend, "backend", lambda: "jax")
    assert choose("auto") == "keras"
