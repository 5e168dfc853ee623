"""Draw what each answer to imbalance gives and costs -> docs/pictures/imbalance.png, from results/imbalance/.

Usage: uv run python benchmarks/answers.py

Means over the seeds that all answers have: a disc as the answer leaves the model, a ring with logit-adjustment after.
"""

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mien.training.balance import BALANCES
from short import kept

OUT = Path(__file__).parents[1] / "docs" / "pictures" / "imbalance.png"
COLORS = ("#000000", "#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#0072b2", "#d55e00", "#999999")  # Okabe and Ito 2008
AFTER = "logit-adjustment"

if __name__ == "__main__":
    found = {name: kept("imbalance", name) for name in BALANCES if name != AFTER}
    seeds = sorted(set.intersection(*(set(items) for items in found.values())))

    def mean(name: str, part: str, figure: str) -> float:
        """Return the mean over seeds, in per cent."""
        return 100 * sum(float(found[name][seed][part][figure]) for seed in seeds) / len(seeds)

    figure = Figure(figsize=(7.6, 4.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for color, name in zip(COLORS, found, strict=True):
        (x, y), (x_after, y_after) = (
            [mean(name, part, key) for key in ("accuracy", "balanced_accuracy")] for part in ("test", "adjusted")
        )
        axes.plot([x, x_after], [y, y_after], color=color, linewidth=1, alpha=0.6)
        axes.plot(x, y, "o", color=color, markersize=8, label=name)
        axes.plot(x_after, y_after, "o", color=color, markersize=8, markerfacecolor="white")
    axes.plot([], [], "o", color="#444444", markerfacecolor="white", label=f"each, {AFTER} after it")
    axes.set_xlabel("accuracy on PublicTest, %")
    axes.set_ylabel("balanced accuracy, % (mean recall of the classes)")
    axes.grid(color="#eeeeee")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.savefig(OUT, dpi=110)
    print(f"{OUT}, {len(seeds)} seeds")
