import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from mien.errors import RunError
from mien.training import devices
from mien.training.devices import check_devices, spread, spread_over

ROOT = Path(__file__).parents[2]


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras on jax, and two devices."""
    monkeypatch.setattr(devices.keras.backend, "backend", lambda: "jax")
    monkeypatch.setattr(devices.keras.distribution, "list_devices", lambda: ["gpu:0", "gpu:1"])


def test_one_device_is_always_fine_and_spreads_nothing() -> None:
    check_devices(1, "torch", batch=33)
    with spread(1):
        assert spread_over() == 1


def test_what_is_there_and_shares_evenly_is_fine(two: None) -> None:
    check_devices(2, "keras", batch=32)


@pytest.mark.parametrize(
    ("count", "batch", "told"),
    [
        (3, 33, r"--devices 3: jax finds 2 here \(gpu:0, gpu:1\); ask for no more"),
        (2, 33, r"--devices 2: cannot share a batch of 33 pictures evenly; such as --set batch=32"),
        (2, 1, r"--devices 2: cannot share a batch of 1 pictures evenly; such as --set batch=2"),
    ],
)
def test_what_does_not_go_is_told_with_what_does(two: None, count: int, batch: int, told: str) -> None:
    with pytest.raises(RunError, match=told):
        check_devices(count, "keras", batch)


@pytest.mark.parametrize(
    ("backend", "engine", "named"),
    [
        ("tensorflow", "keras", "Keras on tensorflow"),
        ("tensorflow", "torch", "the torch engine"),
        ("jax", "torch", "the"),
    ],
)
def test_who_trains_on_one_device_only_is_told_how_to_choose_jax(
    backend: str, engine: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices.keras.backend, "backend", lambda: backend)
    with pytest.raises(RunError, match=f"--devices 2: {named}.* KERAS_BACKEND=jax mien train --set engine=keras"):
        check_devices(2, engine, batch=32)


@pytest.mark.skipif(find_spec("jax") is None, reason="jax is not installed")
def test_two_devices_train_as_one_does(faces: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.training.on_two_devices", faces, tmp_path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    one, two = found["1"], found["2"]
    assert (one["held"], two["held"]) == (1, 2)
    assert len(one["steps"]) > 10
    # Sums over a batch are added in another order, which float32 rounds in another way, and each step carries that on:
    # 4e-6 apart after 14 steps. Dropout, batch normalisation of half a batch or another batch would show in the first.
    assert two["steps"] == pytest.approx(one["steps"], rel=1e-4)
    assert two["epochs"] == pytest.approx(one["epochs"], rel=1e-4)
