"""Render the tables of the docs from the recorded results, between ``<!-- NAME -->`` and ``<!-- /NAME -->``.

Usage: uv run python benchmarks/tables.py          (tests/test_docs.py checks that the pages are up to date)
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import tables_model
import tables_recipe
import tables_short
import tables_use

ROOT = Path(__file__).parents[1]
PAGES = (
    ROOT / "README.md",
    *(
        ROOT / "docs" / f"{name}.md"
        for name in ("experiments", "judging", "model-card", "recipes", "reliability", "scale")
    ),
)
_MODEL = ("scores", "classes", "confusions", "certainty", "crops", "small", "latency", "tuned", "speed")
_RECIPE = ("keys",)
_SHORT = ("answers", "adjusted", "cleaned", "ablations")
_USE = ("planted", "finding", "video", "serve", "scale", "faults", "fuzz")
TABLES = {
    name: getattr(module, name)
    for module, names in ((tables_model, _MODEL), (tables_recipe, _RECIPE), (tables_short, _SHORT), (tables_use, _USE))
    for name in names
}


def rendered(text: str) -> str:
    """Return a page's text with its tables made anew."""
    return re.sub(
        r"<!-- (\w+) -->.*?<!-- /\1 -->",
        lambda found: f"<!-- {found[1]} -->\n{TABLES[found[1]]()}\n<!-- /{found[1]} -->",
        text,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(rendered(page.read_text("utf-8")), "utf-8")
