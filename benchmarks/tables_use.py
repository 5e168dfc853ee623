"""Tables of mien in use: finding faces, videos, the server, many machines, faults."""

from markdown import measured, table
from record import latest


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
    head = ["", "found", "false a scene", "no face", "accuracy", "macro-F1 of six"]
    return table(head, rows)


def planted() -> str:
    """What the audit finds of planted faults, and what it takes for one without reason."""
    found = latest("audit-planted")
    kinds = found["kinds"].items()
    rows = [
        [kind, str(each["planted"]), str(each["found"]), str(each["false_alarms"]), f"{each['before']:,}"]
        for kind, each in kinds
    ]
    head = ["kind", "planted", "found", "false alarms", "found before that"]
    seconds = found["seconds"]
    words = (
        f"Among {found['pictures']:,} pictures; false alarms are new findings on pictures that were left as they were. "
        f"The audit takes {seconds['without_model']:.0f} s, {seconds['with_model']:.0f} s with a model that "
        f"doubts labels (here {found['model']}). {measured(found)}"
    )
    return f"{table(head, rows)}\n\n{words}"


def video() -> str:
    """How fast and how true videos are read."""
    found, memory = latest("video"), latest("video-memory")
    sample, scene = found["sample"], found["composed"]
    rates, changes = sample["frames_a_second"], sample["label_changes_a_minute"]
    flicker = [[name, str(each["raw"]), str(each["smoothed"])] for name, each in found["label_changes"].items()]
    raw, smoothed = (sum(each[kind] for each in found["label_changes"].values()) for kind in ("raw", "smoothed"))
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
        f"{changes['smoothed']:.0f} times a minute, without smoothing {changes['raw']:.0f} times, in the plain loop "
        f"{changes['plain']:.0f} times. A clear picture hardly flickers; disturbed it does, though the face does the "
        f"same:\n\n{table(['label changes in the same clip', 'without smoothing', 'shown'], flicker)}\n\n"
        f"In all that is {smoothed} instead of {raw}. 20,000 frames take {memory['more_mb']:.0f} MB more than 500.\n\n"
        f"In a composed video of {scene['frames']} frames, in which {scene['persons']} faces come, go, are mirrored "
        f"and panned, with cuts, there are\n{scene['tracks']} tracks. A face is seen {late} frames late at most; the "
        f"median overlap with the true box is {scene['median_overlap']:.2f}; "
        f"{scene['boxes_in_the_empty_part'] or 'no'} boxes\nare where nobody is. "
        f"Measured on {found['date']} at `{found['commit'].rstrip('+')[:8]}` by `benchmarks/video.py`."
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


def scale() -> str:
    """How fast pictures are shared out, and what 10^9 of them cost by these figures."""
    found = latest("scale")
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


def faults() -> str:
    """Trainings that were killed, starved and misled."""
    found = latest("faults")
    rows = [
        [each["fault"], f"`{each['said']}`", "yes" if each["survived"] else "**no**"]
        for each in found["each_other_fault"]
    ]
    return (
        f"{found['kills']} kills, {found['kills_while_a_file_was_written']} of them while a file was being written: "
        f"{found['kills_survived']} runs ended as promised.\n\n"
        f"{table(['fault', 'what the person reads', 'as promised'], rows)}\n\n{measured(found)}"
    )


def fuzz() -> str:
    """Damaged files."""
    found = latest("fuzz")
    columns = ("inputs", "refused", "slowest_s", "memory_mb", "faults")
    rows = [[name.replace("_", " "), *(f"{each[key]:,}" for key in columns)] for name, each in found["targets"].items()]
    shown = table(["", "inputs", "refused", "slowest, s", "memory, MB", "faults"], rows)
    return f"{shown}\n\n{found['inputs']:,} inputs in all, {found['faults']} faults. {measured(found)}"
