"""The house rules that no linter knows: sizes, names, one place per fact, tests that mirror modules.

Each rule is a function that lists what breaks it, so that a second test can show that the rule catches something.
"""

import ast
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mien.labels import LABELS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "mien"
SOURCES = sorted(PACKAGE.rglob("*.py"))
FILE_LINES = 300
FUNCTION_LINES = 40  # without the docstring: explaining costs nothing
EMPTY_NAMES = ("util", "helper", "manager", "factory")
LABEL_WORDS = 3  # so many expressions in one literal make it a second label table

# Exceptions, each with its reason; one that is no longer needed fails too.
FILLED_STEP_BY_STEP = {  # dataclasses that are not frozen, because a reader or a drawer fills them
    "data/fer_csv.py _Found": "grows while the rows of a table pass by",
    "model/wire.py Contents": "grows while the fields of a file pass by",
    "vision/draw.py Canvas": "is drawn on",
}
CONVERTS_COLORS = {
    "model/preprocess.py": "the one preprocessing",
    "vision/haar.py": "the cascades' own input, never the network's",
}
NAMES_EXPRESSIONS = {
    "labels.py": "the one label table",
    "data/drawing.py": "how each drawn expression looks",
    "data/synthetic.py": "FER2013's class sizes",
}
TESTED_ELSEWHERE = {
    "__main__.py": "one call of cli/main.py",
    "cli/data_tables.py": "tests/cli/test_data.py reads what it prints",
    "cli/reading.py": "tests/cli/test_detect.py and test_explain.py read what it tells",
    "cli/progress.py": "every test of a verb goes through it",
    "data/dataset.py": "tests/data/test_load.py fills its fields, test_splits.py parts and joins it",
    "data/drawing.py": "one half of a concept with tests/data/test_synthetic.py",
    "data/folders.py": "tests/data/test_load.py opens folders through the one door",
    "evaluation/page.py": "tests/evaluation/test_report.py reads the page that it makes",
    "progress.py": "two types and an empty watch, used by every test that reads data",
    "training/finish.py": "tests/training/test_loop.py reads all that it writes",
    "training/keras_engine.py": "tests/training/test_fit.py runs every test on each engine",
    "training/torch_engine.py": "tests/training/test_fit.py runs every test on each engine",
    "training/torch_update.py": "tests/training/test_torch_network.py compares its steps with those of Keras",
    "training/watching.py": "a protocol without code",
    "web/document.py": "tests/web/test_app.py reads the document",
    "web/job.py": "tests/web/test_jobs.py lets jobs run",
    "web/refusals.py": "every test of a refused request reads one",
}


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines from `def` to the last one, without the docstring."""
    first, last = function.body[0], function.end_lineno or function.lineno
    told = 0 if ast.get_docstring(function) is None else (first.end_lineno or first.lineno) - first.lineno + 1
    return last - function.lineno + 1 - told


def long_functions(tree: ast.Module) -> list[str]:
    lengths = ((function.name, _length(function)) for function in _functions(tree))
    return [f"{name}: {length} lines" for name, length in lengths if length > FUNCTION_LINES]


def open_dataclasses(tree: ast.Module) -> list[str]:
    """Name the dataclasses that are not frozen."""
    found = []
    for node in ast.walk(tree):
        for decorator in node.decorator_list if isinstance(node, ast.ClassDef) else ():
            call = decorator if isinstance(decorator, ast.Call) else None
            told = ast.unparse(call.func if call else decorator)
            settings = {word.arg: ast.unparse(word.value) for word in call.keywords} if call else {}
            if told.endswith("dataclass") and settings.get("frozen") != "True":
                found.append(node.name)
    return found


def color_conversions(tree: ast.Module) -> list[str]:
    names = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    return [name for name in names if name.startswith("cvtColor")]


def label_tables(tree: ast.Module) -> list[str]:
    """Find literals (lists, tuples, sets, keys of dictionaries) that name several expressions."""
    found = []
    for node in ast.walk(tree):
        items = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
        words = {item.value for item in items if isinstance(item, ast.Constant)} & set(LABELS)
        if len(words) >= LABEL_WORDS:
            found.append(f"line {node.lineno}: {' '.join(sorted(words))}")
    return found


def _breaking(rule: Callable[[ast.Module], list[str]]) -> dict[str, list[str]]:
    found = {_name(path): rule(ast.parse(path.read_text("utf-8"))) for path in SOURCES}
    return {name: what for name, what in found.items() if what}


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > 50


def test_files_are_short() -> None:
    lengths = {_name(path): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > FILE_LINES} == {}


def test_functions_are_short() -> None:
    assert _breaking(long_functions) == {}


def test_names_say_what_is_inside() -> None:
    assert [_name(path) for path in SOURCES if any(word in path.stem for word in EMPTY_NAMES)] == []


def test_dataclasses_are_frozen() -> None:
    found = {f"{name} {each}" for name, classes in _breaking(open_dataclasses).items() for each in classes}
    assert found == set(FILLED_STEP_BY_STEP)


def test_colors_are_converted_in_one_place() -> None:
    assert set(_breaking(color_conversions)) == set(CONVERTS_COLORS)


def test_expressions_are_listed_in_one_place() -> None:
    assert set(_breaking(label_tables)) == set(NAMES_EXPRESSIONS)


def test_every_module_has_its_tests() -> None:
    modules = [path.relative_to(PACKAGE) for path in SOURCES if path.stem != "__init__"]
    missing = {
        module.as_posix()
        for module in modules
        if not (ROOT / "tests" / module.with_stem(f"test_{module.stem}")).is_file()
    }
    assert missing == set(TESTED_ELSEWHERE)


def test_the_import_contract_names_every_room_of_the_light_core() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (light,) = (contract for contract in contracts if contract["name"] == "the light core stays light")
    rooms = {
        f"mien.{path.stem}" for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    heavy = {"mien.__init__", "mien.__main__", "mien.cli", "mien.training", "mien.evaluation", "mien.web"}
    assert rooms - heavy == set(light["source_modules"])


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (long_functions, "def long():\n" + "    pass\n" * FUNCTION_LINES),
        (long_functions, "async def long():\n    '''Told.'''\n" + "    pass\n" * FUNCTION_LINES),
        (open_dataclasses, "@dataclass\nclass Result: ..."),
        (open_dataclasses, "@dataclasses.dataclass(frozen=False, eq=False)\nclass Result: ..."),
        (color_conversions, "grey = cv2.cvtColor(image, 6)"),
        (color_conversions, "from cv2 import cvtColor"),
        (label_tables, "NAMES = ['happy', 'sad', 'fear']"),
        (label_tables, "SIZES = {'happy': 1, 'sad': 2, 'fear': 3}"),
    ],
)
def test_a_rule_catches_what_breaks_it(rule: Callable[[ast.Module], list[str]], source: str) -> None:
    assert len(rule(ast.parse(source))) == 1


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (long_functions, "def short():\n    '''Told\n\n\n    at length.'''\n" + "    pass\n" * (FUNCTION_LINES - 1)),
        (open_dataclasses, "@dataclass(frozen=True)\nclass Result: ...\n@final\nclass Other: ..."),
        (color_conversions, "raise PictureError('convert it with cv2.cvtColor')"),
        (label_tables, "if label in ('happy', 'sad'): ..."),
    ],
)
def test_a_rule_leaves_the_rest_alone(rule: Callable[[ast.Module], list[str]], source: str) -> None:
    assert rule(ast.parse(source)) == []
