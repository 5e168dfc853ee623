"""Render the tables of the README from the recorded results, between ``<!-- NAME -->`` and ``<!-- /NAME -->``.

Usage: uv run python benchmarks/tables.py          (tests/test_docs.py checks that the README is up to date)
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from record import latest

README = Path(__file__).parents[1] / "README.md"
_SHOWN = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro-F1",
    "macro_auc": "macro AUC",
    "ece": "calibration error (ECE)",
}


def scores() -> str:
    """Return the bundled model's figures as Markdown."""
    found = latest("bundled")
    twinless = found["without_twins"]
    lines = [
        f"FER2013's PublicTest, {found['n']:,} pictures, one network, plain (no test-time augmentation), measured on "
        f"{found['date']} at `{found['commit'].rstrip('+')[:8]}`:",
        "",
        f"| | plain | 95 % interval | flip-averaged | without {found['n'] - twinless['n']} twins of train |",
        "|---|---|---|---|---|",
    ]
    for key, name in _SHOWN.items():
        low, high = found["intervals"][key]
        row = (f"{found[key]:.3f}", f"{low:.3f}-{high:.3f}", f"{found['flip'][key]:.3f}", f"{twinless[key]:.3f}")
        lines.append(f"| {name} | {' | '.join(row)} |")
    classes = found["per_class"]
    recalls = [f"{values['recall']:.2f}" for values in classes.values()]
    lines += [
        "",
        f"| recall of | {' | '.join(classes)} |",
        "|---" * (len(classes) + 1) + "|",
        f"| | {' | '.join(recalls)} |",
    ]
    return "\n".join(lines)


def rendered(text: str) -> str:
    """Return the README's text with its tables made anew."""
    block = f"<!-- scores -->\n{scores()}\n<!-- /scores -->"
    return re.sub(r"<!-- scores -->.*<!-- /scores -->", lambda _: block, text, flags=re.DOTALL)


if __name__ == "__main__":
    README.write_text(rendered(README.read_text("utf-8")), "utf-8")
