"""The light core stays light: proved in a fresh interpreter, with a proof that the proof can fail."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
HEAVY_ROOMS = ("training", "evaluation", "web")

# Imports module after module; prints, for each, the heavy packages that came with it.
PROBE = """
import importlib, json, sys
modules, heavy = json.loads(sys.stdin.read())
found, before = {}, set()
for module in modules:
    importlib.import_module(module)
    loaded = {name.partition(".")[0] for name in sys.modules} & set(heavy)
    if loaded - before:
        found[module] = sorted(loaded - before)
    before |= loaded
print(json.dumps(found))
"""


def heavy_packages() -> list[str]:
    """Return the packages that no module may import at its top: the linter's list, so that there is one."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]
    return list(settings["flake8-tidy-imports"]["banned-module-level-imports"])


def light_modules() -> list[str]:
    """Return every module outside the heavy rooms; the command line's too, its verbs import extras when they run."""
    parts = [path.relative_to(SOURCE).with_suffix("").parts for path in sorted((SOURCE / "mien").rglob("*.py"))]
    light = [part for part in parts if part[1] not in (*HEAVY_ROOMS, "__main__")]
    return [".".join(part).removesuffix(".__init__") for part in light]


def loaded_by(modules: list[str], heavy: list[str]) -> dict[str, list[str]]:
    """Return the heavy packages that importing the modules in a fresh interpreter loads, by the module to blame."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        input=json.dumps([modules, heavy]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_the_light_core_loads_no_heavy_package() -> None:
    modules = light_modules()
    assert {"mien", "mien.detect", "mien.audit.check", "mien.vision.draw", "mien.html", "mien.cli.main"} <= set(modules)
    assert loaded_by(modules, heavy_packages()) == {}


def test_a_module_that_loads_a_heavy_package_is_caught() -> None:
    found = loaded_by(["mien", "mien.evaluation.plots"], heavy_packages())
    assert "matplotlib" in found["mien.evaluation.plots"]


def test_importing_mien_alone_loads_no_package_at_all() -> None:
    assert loaded_by(["mien"], ["cv2", "numpy", "onnxruntime", "rich", "typer"]) == {}


def test_the_guards_agree_on_what_is_heavy() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (light,) = (contract for contract in contracts if contract["name"] == "the light core stays light")
    assert set(light["forbidden_modules"]) <= set(heavy_packages())
