"""The comparison as a page that a person reads: which is better, by how much, on what, and where they disagree."""

from collections.abc import Sequence

from mien import html
from mien.evaluation.compare import Comparison, Contender, Pair
from mien.evaluation.forest import Effect, forest_chart
from mien.evaluation.intervals import RESAMPLES
from mien.evaluation.page import NAMES, shown
from mien.evaluation.paired import LOWER_IS_BETTER, ClassGain, Difference
from mien.evaluation.verdict import p_text, verdict
from mien.html import Html, Section, Tile

DRAWN = ("accuracy", "balanced_accuracy", "macro_f1", "macro_auc", "ece")  # on a scale from 0 to 1
_PAIRED = ("accuracy", "balanced_accuracy", "macro_f1")  # where every pair is shown
_LISTED = 40  # disagreements that the page names


def compare_page(comparison: Comparison, *, environment: str) -> str:
    """Return comparison.html, one self-contained page; it shows no face."""
    names = [model.name for model in comparison.models]
    title = (
        f"Which is better: {names[0]} or {names[1]}?" if len(names) == 2 else f"Which of {len(names)} models is best?"
    )
    facts = [
        f"split: {comparison.split}",
        f"{comparison.n:,} pictures",
        f"{len(comparison.classes)} classes",
        "no test-time augmentation",
        f"{RESAMPLES:,} paired resamples",
    ]
    sections = [
        Section("Figures side by side", _figures(comparison)),
        *(
            Section(f"{pair.second} against {pair.first}", _pair(pair, comparison))
            for pair in against_first(comparison)
        ),
        Section("Every pair", _every_pair(comparison)),
        Section("Where they disagree", _disagreements(comparison)),
    ]
    return html.page(title, sections, lead=verdict(comparison), facts=facts, foot=environment)


def against_first(comparison: Comparison) -> list[Pair]:
    """Return the pairs of the first model with each other one."""
    return [pair for pair in comparison.pairs if pair.first == comparison.models[0].name]


def best_of(models: Sequence[Contender], figure: str) -> list[str]:
    """Return the names of the models that show the best value of a figure, none where all do."""
    known = {model.name: value for model in models if (value := model.figures[figure]) is not None}
    if not known:
        return []
    best = (min if figure in LOWER_IS_BETTER else max)(known.values())
    names = [name for name, value in known.items() if shown(figure, value) == shown(figure, best)]
    return names if len(names) < len(models) else []


def signed(figure: str, value: float | None) -> str:
    """Return a difference as people read it: of accuracies in points, of the others with three digits.

    Example:
        >>> signed("accuracy", 0.0212), signed("ece", -0.004), signed("macro_auc", None)
        ('+2.1', '-0.004', '–')
    """
    if value is None:
        return "–"
    return f"{100 * value:+z.1f}" if shown(figure, value).endswith("%") else f"{value:+z.3f}"


def between(figure: str, difference: Difference) -> str:
    """Return the interval of a difference as people read it, empty where there is none."""
    return " to ".join(signed(figure, end) for end in difference.interval or [])


def parting(pair: Pair, *, together: bool) -> str:
    """Say on how many pictures only one model is right, and how likely that is by chance."""
    first, second = pair.outcomes.only_first, pair.outcomes.only_second
    adjusted = f"; with all pairs looked at together {p_text(pair.p_adjusted)}" if together else ""
    pictures = "1 picture" if first + second == 1 else f"{first + second:,} pictures"
    return (
        f"On {pictures} only one of them is right: {pair.second} on {second:,}, {pair.first} on {first:,}. "
        f"Were they equally good, a split at least this uneven would come with {p_text(pair.p_value)} "
        f"(McNemar's exact test{adjusted})."
    )


def _figures(comparison: Comparison) -> list[Html]:
    rows = []
    for figure, name in NAMES.items():
        best = best_of(comparison.models, figure)
        rows.append([name, *(_cell(model, figure, bold=model.name in best) for model in comparison.models)])
    rows.append(
        ["accuracy, flip-averaged", *(shown("accuracy", model.flip["accuracy"]) for model in comparison.models)]
    )
    words = (
        "Bold: the best; it may be so by chance. Small: 95% intervals of each model alone; that two overlap does not "
        "mean that the models are equally good. Lower is better for calibration error, log loss and Brier score."
    )
    parts = [html.table(["", *(model.name for model in comparison.models)], rows), html.paragraph(words, "note")]
    return parts + [html.paragraph(f"Note: {note}.", "note") for note in comparison.notes]


def _cell(model: Contender, figure: str, *, bold: bool) -> Html:
    value, interval = shown(figure, model.figures[figure]), model.intervals[figure]
    head = f"<b>{value}</b>" if bold else value
    ends = " – ".join(shown(figure, end).removesuffix("%") for end in interval or [])
    return Html(f"{head}<br><small>{ends}</small>")


def _pair(pair: Pair, comparison: Comparison) -> list[Html]:
    words = (
        f"Right of the line speaks for {pair.second}, left of it for {pair.first}; errors are turned round, so that "
        "this holds for them too. Numbers are hundredths (of accuracy: percentage points). A line that touches zero: "
        "could be chance."
    )
    return [
        html.columns([html.drawing(_forest(pair), words), _differences(pair)]),
        _outcomes(pair, comparison.n),
        html.paragraph(parting(pair, together=len(comparison.pairs) > 1)),
        _classes(pair),
    ]


def _forest(pair: Pair) -> Html:
    effects = []
    for figure in DRAWN:
        found = pair.differences[figure]
        if found.value is None or found.interval is None:
            continue
        sign = -1 if figure in LOWER_IS_BETTER else 1
        low, high = sorted(sign * end for end in found.interval)
        effects.append(Effect(NAMES[figure], sign * found.value, low, high))
    return forest_chart(effects, pair.first, pair.second)


def _differences(pair: Pair) -> Html:
    rows = [
        [NAMES[figure], _strong(signed(figure, found.value), bold=found.clear), between(figure, found)]
        for figure, found in pair.differences.items()
    ]
    caption = f"{pair.second} minus {pair.first}. Bold: the interval leaves out zero."
    return html.table(["", "difference", "95% interval"], rows, caption=caption)


def _strong(words: str, *, bold: bool) -> Html:
    return Html(f"<b>{html.text(words)}</b>") if bold else html.text(words)


def _outcomes(pair: Pair, n: int) -> Html:
    counts = {
        "both right": pair.outcomes.both_right,
        f"only {pair.first} right": pair.outcomes.only_first,
        f"only {pair.second} right": pair.outcomes.only_second,
        "both wrong": pair.outcomes.both_wrong,
    }
    return html.tiles([Tile(name, f"{count:,}", f"{count / n:.1%}") for name, count in counts.items()])


def _classes(pair: Pair) -> Html:
    rows = [_class_row(gain) for gain in pair.classes]
    head = ["class", pair.first, pair.second, "gain", "won", "lost"]
    words = (
        "Recall of each class: the share of its pictures that is found. Gain: in points. Won: pictures that only "
        f"{pair.second} finds; lost: that only {pair.first} finds."
    )
    return html.join([html.table(head, rows), html.paragraph(words, "note")])


def _class_row(gain: ClassGain) -> list[object]:
    return [
        Html(f"{html.text(gain.name)}<br><small>{gain.pictures:,} pictures</small>"),
        *(shown("accuracy", recall) for recall in (gain.first, gain.second)),
        signed("accuracy", gain.gain),
        *(f"{count:,}" for count in (gain.only_second, gain.only_first)),
    ]


def _every_pair(comparison: Comparison) -> list[Html]:
    if len(comparison.pairs) < 2:
        return []
    rows = [
        [
            f"{pair.second} − {pair.first}",
            *(
                Html(f"{signed(figure, found.value)}<br><small>{between(figure, found)}</small>")
                for figure, found in ((name, pair.differences[name]) for name in _PAIRED)
            ),
            p_text(pair.p_value).removeprefix("p = ").removeprefix("p "),
            p_text(pair.p_adjusted).removeprefix("p = ").removeprefix("p "),
        ]
        for pair in comparison.pairs
    ]
    words = (
        "Small: 95% intervals of the differences. p: McNemar's exact test. The more pairs, the likelier that one "
        "differs by chance; the last column allows for that (Holm 1979)."
    )
    return [
        html.table(["", *(NAMES[name] for name in _PAIRED), "p", "p, all pairs"], rows),
        html.paragraph(words, "note"),
    ]


def _disagreements(comparison: Comparison) -> list[Html]:
    found = comparison.disagreements
    if not found:
        return [html.paragraph("Nowhere: they name every picture the same.")]
    share = len(found) / comparison.n
    words = f"They name {len(found):,} of {comparison.n:,} pictures differently ({share:.1%}), the surest first."
    more = f" Here are {_LISTED} of them; disagreements.csv has all." if len(found) > _LISTED else ""
    rows = [
        [each.name, each.label, *(_said(*one, each.label) for one in zip(each.said, each.confidences, strict=True))]
        for each in found[:_LISTED]
    ]
    head = ["picture", "is", *(model.name for model in comparison.models)]
    return [html.paragraph(words + more), html.table(head, rows, caption="✓: right.")]


def _said(label: str, confidence: float, truth: str) -> str:
    return f"{label} {confidence:.0%}{' ✓' if label == truth else ''}"
