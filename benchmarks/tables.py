"""Render the tables of the docs from the recorded results, between ``<!-- NAME -->`` and ``<!-- /NAME -->``.

Usage: uv run python benchmarks/tables.py          (tests/test_docs.py checks that the pages are up to date)
"""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from record import latest

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", ROOT / "docs" / "model-card.md", ROOT / "docs" / "scale.md")
_SHOWN = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro-F1",
    "macro_auc": "macro AUC",
    "ece": "calibration error (ECE)",
}
_CONFUSED = 6  # pairs of classes that the card names


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines)


def scores() -> str:
    """The bundled model on PublicTest."""
    found = latest("bundled")
    twinless = found["without_twins"]
    rows = [
        [
            name,
            f"{found[key]:.3f}",
            _range(found["intervals"][key]),
            f"{found['flip'][key]:.3f}",
            f"{twinless[key]:.3f}",
        ]
        for key, name in _SHOWN.items()
    ]
    recalls = [f"{values['recall']:.2f}" for values in found["per_class"].values()]
    return "\n".join(
        [
            f"FER2013's PublicTest, {found['n']:,} pictures, one network, plain (no test-time augmentation), measured "
            f"on {found['date']} at `{found['commit'].rstrip('+')[:8]}`:",
            "",
            table(
                ["", "plain", "95 % interval", "flip-averaged", f"without {found['n'] - twinless['n']} twins of train"],
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
            f"{row['recall']:.2f} ({_range(found['class_intervals'][name]['recall'], 2)})",
            f"{row['precision']:.2f} ({_range(found['class_intervals'][name]['precision'], 2)})",
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
        [name, f"{found[key]:.3f}", _range(found["intervals"][key])]
        for key, name in _SHOWN.items()
        if found[key] is not None
    ]
    recalls = ", ".join(
        f"{name} {row['recall']:.2f} of {row['support']}" for name, row in found["per_class"].items() if row["support"]
    )
    head = [f"{found['n']} pictures", "figure", "95 % interval"]
    return f"{table(head, rows)}\n\nRecall: {recalls}."


def latency() -> str:
    """Milliseconds a face."""
    found = latest("latency")["milliseconds_a_face"]
    rows = [
        [name, *(f"{found[name][f'cores_{cores}_batch_{batch}']:.2f}" for cores in (1, 2) for batch in (1, 32))]
        for name in found
    ]
    return table(["ms a face", "1 core, one", "1 core, 32", "2 cores, one", "2 cores, 32"], rows)


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


def serve() -> str:
    """How fast the server answers."""
    found, live, memory = latest("serve-throughput"), latest("serve-live"), latest("serve-memory")
    siege = latest("serve-siege")["ratio"]
    ratios = found["ratio_to_plain_loop"]
    lines = [
        f"The page shows {live['frames_a_second']:.0f} camera frames a second in headless Chromium on the same cores.",
        f"From the command to the first answer: {latest('serve-start')['median']:.1f} s.",
        f"Memory from 1,000 to 5,000 requests: {memory['growth_from_1000_to_5000']:+.1%}.",
        f"With 200 idle sockets and 20 that send garbage, the rest get {siege:.2f} of the answers.",
    ]
    callers = found["callers"].values()
    rows = [
        ["throughput, plain loop = 1", *(f"{ratio:.2f}" for ratio in ratios.values())],
        ["pictures a second", *(f"{each['a_second']:.1f}" for each in callers)],
        ["95 % are answered within, s", *(f"{each['milliseconds']['p95'] / 1000:.2f}" for each in callers)],
    ]
    shown = table(["callers", *ratios], rows)
    return f"{shown}\n\n{' '.join(lines)}"


def small() -> str:
    """The int8 model beside the exact one."""
    exact, whole = latest("bundled"), latest("bundled-int8")
    rows = [
        [name, f"{exact[key]:.3f}", f"{whole[key]:.3f}", f"{exact['flip'][key]:.3f}", f"{whole['flip'][key]:.3f}"]
        for key, name in _SHOWN.items()
    ]
    return table(["", "bundled", "bundled-int8", "bundled, flip", "bundled-int8, flip"], rows)


def finding() -> str:
    """How well faces are found, and expressions read end to end, by finder."""
    found, wild = latest("finding")["finders"], latest("wild")["finders"]
    rows = []
    for shown, name, end in (
        ("the plain loop", "plain loop", "plain loop"),
        ("`haar`, frames of a video", "haar, frame", None),
        ("`haar`, still pictures", "haar, still", "haar"),
        ("`yunet`, frames of a video", "yunet, frame", None),
        ("`yunet`, still pictures", "yunet, still", "yunet"),
    ):
        scenes = found[name]["scenes"]
        ends = ["", "", ""]
        if end:
            row = wild[end]
            ends = [f"{row['no_face']} of {row['n']}", f"{row['accuracy']:.2f}", f"{row['macro_f1_of_six']:.2f}"]
        rows.append(
            [
                shown,
                f"{scenes['recall']:.3f}",
                f"{scenes['false_boxes_a_scene']:.3f}",
                *ends,
            ]
        )
    head = ["", "found", "false a scene", "no face", "accuracy", "macro-F1"]
    return table(head, rows)


def video() -> str:
    """How fast and how true videos are read."""
    found, memory = latest("video"), latest("video-memory")
    sample, scene = found["sample"], found["composed"]
    rates, changes = sample["frames_a_second"], sample["label_changes_a_minute"]
    speeds = table(
        ["frames a second, 640 x 360, two cores", "decoding alone", "plain loop", "mien"],
        [["", *(f"{rates[name]:.0f}" for name in ("decoding", "plain", "pipeline"))]],
    )
    late = max(scene["frames_late_at_first"].values())
    return (
        f"{speeds}\n\n"
        f"That is {sample['times_the_plain_loop']:.1f} times the plain loop, which finds faces with one Haar cascade "
        f"in every frame and classifies each.\nBoth see a face, or none, in {sample['presence_equal']:.1%} of the "
        f"frames; smoothed the same way they agree on the label in {sample['label_equal']:.1%}.\nLabels change "
        f"{changes['smoothed']:.0f} times a minute, without smoothing {changes['raw']:.0f} times. 20,000 frames take "
        f"{memory['more_mb']:.0f} MB more than 500.\n\n"
        f"In a composed video of {scene['frames']} frames, in which {scene['persons']} faces come, go, are mirrored "
        f"and panned, with cuts, there are\n{scene['tracks']} tracks. A face is seen {late} frames late at most; the "
        f"median overlap with the true box is {scene['median_overlap']:.2f}; "
        f"{scene['boxes_in_the_empty_part'] or 'no'} boxes\nare where nobody is. "
        f"Measured on {found['date']} at `{found['commit'].rstrip('+')[:8]}` by `benchmarks/video.py`."
    )


def scale() -> str:
    """How fast pictures are shared out, and what 10^9 of them cost by these figures."""
    try:
        found = latest("scale")
    except ValueError:
        return "Not recorded yet: `uv run python benchmarks/scale.py`."
    alone, engines = found["alone"], found["engines"]
    rows = [
        [name, f"{row['pictures_a_second']:.1f}", f"{row['start_seconds']:.1f}", f"{row['memory_mb']:,}"]
        for name, row in engines.items()
    ]
    core, read = engines["local"]["core_seconds_a_picture"], found["bytes_in_a_picture"]
    written = engines["ray, 2 workers"]["bytes_out_a_picture"]
    hours, network = 1e9 * core / 3600, 1000 / core * read
    cost = [
        ["read", f"10^9 x {read:,} bytes", f"{1e9 * read / 1e12:,.1f} TB"],
        ["written", f"10^9 x {written:,.0f} bytes", f"{1e9 * written / 1e9:,.0f} GB"],
        ["core-hours", f"10^9 x {core:.4f} s / 3,600", f"{hours:,.0f}"],
        ["hours on 1,000 cores", f"{hours:,.0f} / 1,000", f"{hours / 1000:,.1f}"],
        ["read by 1,000 cores", f"1,000 / {core:.4f} s x {read:,} bytes", f"{network / 1e9:,.2f} GB/s"],
        [
            "written by the one that asked",
            f"1,000 / {core:.4f} s x {written:,.0f} bytes",
            f"{network / read * written / 1e6:,.1f} MB/s",
        ],
    ]
    return (
        f"{found['pictures']:,} JPEGs of {found['side']} x {found['side']} pixels with a face each, "
        f"{found['hardware']['cores']} cores, measured on {found['date']} at `{found['commit'].rstrip('+')[:8]}`:\n\n"
        f"{table(['', 'pictures a second', 'start-up, s', 'memory of a worker, MB'], rows)}\n\n"
        f"One core reads {alone['reading']:,} of them a second from Parquet and decodes {alone['decoding']:,}; "
        f"all that is done with one takes {core:.4f} core-seconds.\n\n"
        f"10^9 of the same:\n\n{table(['', 'formula', ''], cost)}"
    )


def _losses(row: dict[str, Any]) -> str:
    return ", ".join(f"{loss:.3f}" for loss in row["loss_of_steps_201_to_300"])


def _range(interval: Sequence[float], digits: int = 3) -> str:
    low, high = interval
    return f"{low:.{digits}f}-{high:.{digits}f}"


TABLES: dict[str, Callable[[], str]] = {
    "scores": scores,
    "classes": classes,
    "confusions": confusions,
    "certainty": certainty,
    "crops": crops,
    "finding": finding,
    "latency": latency,
    "speed": speed,
    "scale": scale,
    "serve": serve,
    "small": small,
    "video": video,
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
