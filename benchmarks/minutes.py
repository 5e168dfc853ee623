"""Draw validation accuracy against minutes of training for recorded runs -> docs/pictures/accuracy-minutes.png.

Usage: uv run python benchmarks/minutes.py RESULT.json...      (of benchmarks/training_run.py)

Prints when each run first reached 0.66 and 0.69.
"""

import json
import sys
from itertools import accumulate
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

OUT = Path(__file__).parents[1] / "docs" / "pictures" / "accuracy-minutes.png"
LEVELS = (0.66, 0.69)
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # Okabe and Ito 2008

if __name__ == "__main__":
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for level in LEVELS:
        axes.axhline(level, color="#999999", linewidth=0.8, linestyle="--")
    for color, name in zip(COLORS, sys.argv[1:], strict=False):
        result = json.loads(Path(name).read_text("utf-8"))
        history = result["history"]
        minutes = [seconds / 60 for seconds in accumulate(row["seconds"] for row in history)]
        accuracy = [row["val_accuracy"] for row in history]
        axes.plot(minutes, accuracy, color=color, label=result["name"].removeprefix("run-"))
        reached = [
            f"{level} after {next(m for m, a in zip(minutes, accuracy, strict=True) if a >= level):.0f} min"
            for level in LEVELS
            if max(accuracy) >= level
        ]
        print(result["name"], ", ".join(reached))
    axes.set_xlabel("minutes on two cores")
    axes.set_ylabel("validation accuracy")
    axes.set_ylim(0.3, 0.75)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
    figure.savefig(OUT, dpi=110)
