"""Tables of the bundled model and of training."""

from typing import Any

from markdown import interval, measured, table
from record import latest

_SHOWN = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro-F1",
    "macro_auc": "macro AUC",
    "ece": "calibration error (ECE)",
}
_CONFUSED = 6  # pairs of classes that the card names


def scores() -> str:
    """The bundled model on PublicTest."""
    found = latest("bundled")
    twinless = found["without_twins"]
    rows = [
        [
            name,
            f"{found[key]:.3f} ({interval(found['intervals'][key])})",
            f"{found['flip'][key]:.3f} ({interval(found['flip_intervals'][key])})",
            f"{twinless[key]:.3f} ({interval(found['without_twins_intervals'][key])})",
        ]
        for key, name in _SHOWN.items()
    ]
    recalls = [f"{values['recall']:.2f}" for values in found["per_class"].values()]
    return "\n".join(
        [
            f"{found['n']:,} of the 3,589 pictures of FER2013's PublicTest, one network, plain (no test-time "
            f"augmentation), measured on {found['date']} at `{found['commit'].rstrip('+')[:8]}`:",
            "",
            table(
                ["", "plain (95 %)", "flip-averaged", f"without {found['n'] - twinless['n']} twins of train"],
                rows,
            ),
            "",
            table(["recall of", *found["per_class"]], [["", *recalls]]),
        ]
    )


def classes() -> str:
    """Each class of the bundled model on PublicTest."""
    found = latest("bundled")
    rows = [
        [
            name,
            f"{row['recall']:.2f} ({interval(found['class_intervals'][name]['recall'], 2)})",
            f"{row['precision']:.2f} ({interval(found['class_intervals'][name]['precision'], 2)})",
            f"{row['f1']:.2f}",
            f"{row['auc']:.3f}",
            f"{row['support']:,}",
        ]
        for name, row in found["per_class"].items()
    ]
    return table(["class", "recall (95 %)", "precision (95 %)", "F1", "AUC", "pictures"], rows)


def confusions() -> str:
    """What the bundled model takes for what, the most frequent pairs."""
    found = latest("bundled")
    counts, names = found["confusion"], found["classes"]
    pairs = [
        (counts[truth][guess] / sum(counts[truth]), counts[truth][guess], names[truth], names[guess])
        for truth in range(len(names))
        for guess in range(len(names))
        if truth != guess
    ]
    rows = [
        [f"{truth} as {guess}", str(count), f"{share:.0%}"]
        for share, count, truth, guess in sorted(pairs, reverse=True)[:_CONFUSED]
    ]
    return table(["taken for", "pictures", "share of the true class"], rows)


def certainty() -> str:
    """What the mark ``uncertain`` buys."""
    found = latest("bundled")["coverage"]["uncertain"]
    low, high, share = found["accuracy_uncertain"], found["accuracy_certain"], 1 - found["coverage"]
    least = found["uncertain_below"]
    return (
        f"Under a confidence of {least:.2f} faces are marked `uncertain`: {share:.0%} of PublicTest. "
        f"Of those, {low:.0%} are right; of the others {high:.0%}."
    )


def crops() -> str:
    """The bundled model on outside pictures."""
    found = latest("crops")
    rows = [
        [name, f"{found[key]:.3f}", interval(found["intervals"][key])]
        for key, name in _SHOWN.items()
        if found[key] is not None
    ]
    recalls = ", ".join(
        f"{name} {row['recall']:.2f} of {row['support']}" for name, row in found["per_class"].items() if row["support"]
    )
    head = [f"{found['n']} pictures", "figure", "95 % interval"]
    return f"{table(head, rows)}\n\nRecall: {recalls}."


def small() -> str:
    """The int8 model beside the exact one."""
    exact, whole = latest("bundled"), latest("bundled-int8")
    rows = [
        [name, f"{exact[key]:.3f}", f"{whole[key]:.3f}", f"{exact['flip'][key]:.3f}", f"{whole['flip'][key]:.3f}"]
        for key, name in _SHOWN.items()
    ]
    return table(["", "bundled", "bundled-int8", "bundled, flip", "bundled-int8, flip"], rows)


def latency() -> str:
    """Milliseconds a face."""
    found = latest("latency")["milliseconds_a_face"]
    rows = [
        [name, *(f"{found[name][f'cores_{cores}_batch_{batch}']:.2f}" for cores in (1, 2) for batch in (1, 32))]
        for name in found
    ]
    return table(["ms a face", "1 core, one", "1 core, 32", "2 cores, one", "2 cores, 32"], rows)


def tuned() -> str:
    """What fine-tuning buys on few pictures."""
    found = latest("finetune")
    rounds, count = found["rounds"], found["rounds"][0]["bundled"]["n"]
    rows = []
    for name in ("bundled", "fine-tuned", "from scratch"):
        shown = ((key, [each[name][key] for each in rounds]) for key in ("accuracy", "macro_f1"))
        rows.append(
            [name, *(f"{found['means'][name][key]:.3f} ({min(all_):.3f}-{max(all_):.3f})" for key, all_ in shown)]
        )
    head = [
        f"{len(rounds)} seeded halves, {count} pictures to judge",
        "accuracy, mean (range)",
        "macro-F1, mean (range)",
    ]
    return f"{table(head, rows)}\n\nThe halves overlap, so the range understates chance. {measured(found)}"


def speed() -> str:
    """Images a second in training."""
    found = latest("training-speed")
    rows = [
        [name, f"{found[key]['images_a_second']:.0f}", _losses(found[key])]
        for key, name in {"keras": "Keras on TensorFlow, float32", "torch": "torch engine, bfloat16"}.items()
    ]
    return (
        f"{table(['', 'images a second', 'mean loss of steps 201-300, by seed'], rows)}\n\nRatio: {found['ratio']:.2f}."
    )


def _losses(row: dict[str, Any]) -> str:
    return ", ".join(f"{loss:.3f}" for loss in row["loss_of_steps_201_to_300"])
