"""The report as a page that a person reads: what to take away, where it goes wrong, how far to trust it."""

from collections.abc import Mapping, Sequence
from typing import Any

from mien import html
from mien.evaluation.calibration import reliability
from mien.evaluation.charts import coverage_chart, curves_chart, history_chart, keys, legend, reliability_chart
from mien.evaluation.coverage import accuracies
from mien.evaluation.curves import Curve, precision_recall_curves, roc_curves
from mien.evaluation.history import History, best_row
from mien.evaluation.judge import Evaluation
from mien.evaluation.mistakes import mistake_section
from mien.evaluation.occlusion import looks
from mien.evaluation.slices import slice_section
from mien.html import Html, Section, Tile

NAMES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro F1",
    "macro_auc": "macro AUC",
    "ece": "calibration error",
    "log_loss": "log loss",
    "brier": "Brier score",
}
_MEANINGS = {
    "accuracy": "share of pictures that are right",
    "balanced_accuracy": "mean recall, every class counts the same",
    "macro_f1": "precision and recall in one, mean of the classes",
    "macro_auc": "one class against the rest, 0.5 is guessing",
    "ece": "gap between confidence and accuracy, lower is better",
    "log_loss": "surprise in nats, lower is better",
    "brier": "squared error of the probabilities, lower is better",
}
_PERCENT = ("accuracy", "balanced_accuracy")
_OPEN = ("log_loss", "brier")  # not on a scale from 0 to 1
_PAIRS = 8


def report_page(evaluation: Evaluation, *, history: History | None, thumbnails: bool, environment: str) -> str:
    """Return report.html; without thumbnails it shows no picture of the data set."""
    metrics = evaluation.metrics
    model = str(metrics["model"].get("name", "the model")).removesuffix("/model.onnx")
    facts = [f"split: {metrics['split']}", f"{metrics['n']:,} pictures", f"{len(metrics['classes'])} classes"]
    recipe = metrics["model"].get("recipe")
    facts += [f"recipe: {recipe}"] if recipe else []
    sections = [
        Section("Headline figures", _headline(metrics)),
        Section("What is taken for what", _confusion(metrics)),
        Section("Class by class", _classes(metrics)),
        Section("Every threshold, class by class", _curves(evaluation)),
        Section("Can its confidence be believed?", _calibration(evaluation)),
        Section("What does passing on the doubtful ones buy?", _coverage(evaluation)),
        Section("Where is it better, where worse?", slice_section(metrics["slices"])),
        Section("What does it look at?", looks(evaluation.maps)),
        Section("How it learned", _history(history)),
        Section("Its most confident mistakes", mistake_section(evaluation.mistakes, thumbnails=thumbnails)),
    ]
    return html.page(
        f"How good is {model}?",
        sections,
        lead=summary(metrics),
        facts=[*facts, "no test-time augmentation"],
        foot=environment,
    )


def summary(metrics: Mapping[str, Any]) -> str:
    """Return the figures in two or three sentences."""
    words = [f"Right on {metrics['accuracy']:.1%} of {metrics['n']:,} pictures{_range(metrics, 'accuracy')}."]
    recalls = {name: row["recall"] for name, row in metrics["per_class"].items() if row["recall"] is not None}
    if len(recalls) > 1:
        best, worst = max(recalls, key=lambda name: recalls[name]), min(recalls, key=lambda name: recalls[name])
        words.append(f"Finds {best} best ({recalls[best]:.0%}) and {worst} worst ({recalls[worst]:.0%}).")
    pairs = confused_pairs(metrics)
    if pairs:
        truth, guess, count, share = pairs[0]
        words.append(f"Its commonest mistake: {truth} taken for {guess} ({count} times, {share:.0%} of {truth}).")
    return " ".join(words)


def confused_pairs(metrics: Mapping[str, Any]) -> list[tuple[str, str, int, float]]:
    """Return (truth, predicted, count, share of the true class) of all mistakes, most frequent first."""
    classes, counts = metrics["classes"], metrics["confusion"]
    pairs = [
        (classes[row], classes[column], count, count / sum(counts[row]))
        for row in range(len(classes))
        for column, count in enumerate(counts[row])
        if row != column and count
    ]
    return sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))


def shown(name: str, value: float | None) -> str:
    """Return a headline figure as people read it: accuracies in percent, the others with three digits.

    Example:
        >>> shown("accuracy", 0.6612), shown("macro_auc", 0.917), shown("macro_f1", None)
        ('66.1%', '0.917', '–')
    """
    if value is None:
        return "–"
    return f"{value:.1%}" if name in _PERCENT else f"{value:.3f}"


def _range(metrics: Mapping[str, Any], name: str) -> str:
    interval = metrics["intervals"][name]
    return f" (95% interval {100 * interval[0]:.1f} to {interval[1]:.1%})" if interval else ""


def _headline(metrics: Mapping[str, Any]) -> list[Html]:
    parts = [html.tiles([_tile(metrics, name) for name in NAMES])]
    ways = {"plain": metrics, "flip-averaged": metrics["flip"], "without twins": metrics["without_twins"]}
    ranges = (metrics["intervals"], metrics["flip_intervals"], metrics["without_twins_intervals"])
    known = {name: (way, spans) for (name, way), spans in zip(ways.items(), ranges, strict=True) if way is not None}
    rows = [[NAMES[key], *(_with_span(key, way[key], spans[key]) for way, spans in known.values())] for key in NAMES]
    rows.append(["pictures", *(f"{way['n']:,}" for way, _ in known.values())])
    parts.append(html.table(["", *known], rows, caption=_ways(metrics)))
    parts += [html.paragraph(f"Note: {note}.", "note") for note in metrics["notes"]]
    return parts


def _ways(metrics: Mapping[str, Any]) -> str:
    flip = "Flip-averaged: mean of the picture's and its mirror image's probabilities."
    if metrics["without_twins"] is None:
        return f"{flip} Twins in train were not looked for."
    left_out = metrics["n"] - metrics["without_twins"]["n"]
    return f"{flip} Without twins: {left_out:,} pictures left out whose pixels also lie in train."


def _tile(metrics: Mapping[str, Any], name: str) -> Tile:
    value, interval = metrics[name], metrics["intervals"][name]
    if value is None or interval is None:
        return Tile(NAMES[name], shown(name, value), _MEANINGS[name])
    between = _between(name, interval)
    span = None if name in _OPEN else (interval[0], value, interval[1])
    return Tile(NAMES[name], shown(name, value), Html(f"{between}<br>{html.text(_MEANINGS[name])}"), span)


def _with_span(name: str, value: float | None, interval: Sequence[float] | None) -> Html:
    return Html(shown(name, value) + (f" <small>({_between(name, interval)})</small>" if interval else ""))


def _between(name: str, interval: Sequence[float]) -> str:
    low, high = (shown(name, end) for end in interval)
    return f"{low.removesuffix('%')} – {high}"


def _confusion(metrics: Mapping[str, Any]) -> list[Html]:
    classes, counts = metrics["classes"], metrics["confusion"]
    shares = [[count / max(sum(row), 1) for count in row] for row in counts]
    texts = [
        [Html(f"{share:.0%}<small>{count:,}</small>") for share, count in zip(shares[row], counts[row], strict=True)]
        for row in range(len(classes))
    ]
    caption = "Each row sums to 100%: of the pictures that are truly this class, how many were taken for what (the "
    parts = [html.heatmap(classes, shares, texts, caption=f"{caption}diagonal is recall). Small: counts.")]
    pairs = confused_pairs(metrics)[:_PAIRS]
    if pairs:
        most = max(share for *_, share in pairs)
        rows = [
            [f"{truth} → {guess}", f"{count:,}", html.bar(share / most, f"{share:.0%}")]
            for truth, guess, count, share in pairs
        ]
        parts.append(html.table(["most frequent mistakes", "pictures", "share of the true class"], rows))
    return parts


def _classes(metrics: Mapping[str, Any]) -> list[Html]:
    columns, ranges = ("recall", "precision", "f1", "auc"), metrics["class_intervals"]
    rows = [
        [name, *(_figure(row[key], ranges[name].get(key)) for key in columns), f"{row['support']:,}"]
        for name, row in metrics["per_class"].items()
    ]
    caption = "Recall: of this class, the share that was found. Precision: of those called so, the share that is so."
    return [html.table(["class", "recall", "precision", "F1", "AUC", "pictures"], rows, caption=caption)]


def _figure(value: float | None, interval: Sequence[float] | None) -> Html:
    """A bar with the number, and its 95 % interval in brackets."""
    return html.bar(value or 0.0, _three(value) + (f" ({interval[0]:.2f}-{interval[1]:.2f})" if interval else ""))


def _three(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _curves(evaluation: Evaluation) -> list[Html]:
    given = evaluation.predictions.probabilities, evaluation.labels, evaluation.predictions.classes
    found, precise = roc_curves(*given), precision_recall_curves(*given)
    if not found:  # all pictures are of one class
        return []
    words = (
        "One class against the rest, at every threshold on its probability. ROC: how many are found for how many "
        "false alarms; guessing is the dashed line. Precision and recall: how many of those called so are so, for how "
        "many found; this tells more of rare classes."
    )
    charts = [
        html.join([curves_chart(found, "ROC: recall", "false alarms", guide=True), _keys(found, "AUC")]),
        html.join([curves_chart(precise, "Precision", "recall"), _keys(precise, "average precision")]),
    ]
    return [html.paragraph(words, "note"), html.columns([html.drawing(chart) for chart in charts])]


def _keys(curves: Sequence[Curve], figure: str) -> Html:
    return keys(figure, [(curve.color, curve.name, f"{curve.area:.3f}") for curve in curves])


def _coverage(evaluation: Evaluation) -> list[Html]:
    found = evaluation.metrics["coverage"]
    shares = accuracies(evaluation.predictions.probabilities, evaluation.labels)
    certain = found["uncertain"]["coverage"] if found["uncertain"] else None
    words = [
        html.paragraph(bought(found)),
        html.paragraph(
            "The line: pictures sorted by confidence, and how often the model is right if it answers only the surest "
            "share of them. At the right end it answers all.",
            "note",
        ),
    ]
    if found["uncertain"] and evaluation.metrics["split"] == "val":
        words.append(
            html.paragraph("The threshold was fitted on validation: on other pictures it may buy less.", "note")
        )
    return [html.columns([html.drawing(coverage_chart(shares, certain)), html.join(words)])]


def bought(coverage: Mapping[str, Any]) -> str:
    """Return in a sentence what marking pictures as uncertain buys."""
    found, accuracy = coverage["uncertain"], coverage["accuracy"]
    if found is None:
        half, whole = accuracy["0.5"], accuracy["1.0"]
        return f"Of the surest half of the pictures it is right on {half:.1%}, of all of them on {whole:.1%}."
    below = f"confidence under {found['uncertain_below']:.0%}"
    if found["accuracy_uncertain"] is None:
        return f"It marks none of these pictures as uncertain ({below})."
    if found["accuracy_certain"] is None:
        return f"It marks all of these pictures as uncertain ({below})."
    return (
        f"It marks {1 - found['coverage']:.1%} of the pictures as uncertain ({below}) and is right on "
        f"{found['accuracy_uncertain']:.1%} of those; on the rest it is right on {found['accuracy_certain']:.1%}, "
        f"instead of {accuracy['1.0']:.1%} on all."
    )


def _calibration(evaluation: Evaluation) -> list[Html]:
    bins = reliability(evaluation.predictions.probabilities, evaluation.labels)
    confidence = sum(item.confidence * item.count for item in bins) / sum(item.count for item in bins)
    accuracy = evaluation.metrics["accuracy"]
    if abs(confidence - accuracy) < 0.01:
        verdict = "On the whole, its confidence is what it should be"
    else:
        verdict = f"On the whole, it is too {'sure' if confidence > accuracy else 'careful'}"
    words = [
        html.paragraph(f"{verdict}: mean confidence {confidence:.1%}, right {accuracy:.1%}."),
        html.paragraph(
            "Where it says 70%, it should be right seven times in ten: then the bars end on the dashed line. Orange: "
            "too sure. Pale blue: too careful. The strip below shows how many pictures have that confidence.",
            "note",
        ),
        html.paragraph(
            f"Expected calibration error, 15 bins: {shown('ece', evaluation.metrics['ece'])}. Its interval leans high: "
            "pictures drawn again add noise, and this figure counts noise as a gap.",
            "note",
        ),
        *_inside(evaluation.metrics["model"]),
    ]
    return [html.columns([html.drawing(reliability_chart(bins)), html.join(words)])]


def _inside(model: Mapping[str, Any]) -> list[Html]:
    """Say what the model file does to its logits before they become probabilities."""
    temperature, offsets = model.get("temperature"), model.get("offsets") or {}
    if temperature is None:
        return []
    added = ", ".join(f"{name} {offset:+.2f}" for name, offset in offsets.items())
    then = f", then these are added: {added}" if any(offsets.values()) else ""
    return [html.paragraph(f"Inside the model file, logits are divided by {temperature:.2f}{then}.", "note")]


def _history(history: History | None) -> list[Html]:
    if not history:
        return []
    charts = [html.drawing(history_chart(history, name)) for name in ("loss", "accuracy", "auc")]
    seconds = sum(row.get("seconds", 0.0) for row in history)
    best = best_row(history)
    kept = f" The weights of epoch {best['epoch']:g} were kept." if best is not None else ""
    epochs = "1 epoch" if len(history) == 1 else f"{len(history)} epochs"
    time = f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
    words = f"{epochs} in {time}.{kept} "
    return [html.paragraph(Html(f"{html.text(words)}{legend()}")), html.columns(charts)]
