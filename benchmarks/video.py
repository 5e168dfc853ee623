"""Video: how fast, how true and how lean ``detector.stream`` is, beside a plain loop in one run; records it.

Usage: uv run python benchmarks/video.py SAMPLES_FOLDER           speed, agreement, the composed video
       uv run python benchmarks/video.py SAMPLES_FOLDER --memory  500 and 20,000 frames
       uv run python benchmarks/video.py SAMPLES_FOLDER --write FILE.mp4   the composed video alone

The plain loop reads a frame, finds faces with one Haar cascade (scale 1.1, 5 neighbours, 50 pixels at least) and
classifies every face. Two cores; rounds alternate; the median counts.
"""

import resource
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import av
import cv2
import numpy as np

from mien.detect import Detector
from mien.model.preprocess import crop_face
from mien.pictures import Picture
from mien.results import Box, Face, Frame
from mien.vision.media import read_video
from mien.vision.smoothing import Smoother
from record import record
from scenes import HEIGHT, RATE, WIDTH, Moment, compose, plain_find

ROUNDS = 3
LATE = 10  # frames
COUNTS = (500, 20_000)
RNG = np.random.default_rng(0)


def plain(path: Path, detector: Detector) -> list[list[tuple[Box, np.ndarray]]]:
    """Return boxes and probabilities of every frame, the plain way."""
    cascade = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_default.xml")
    margin = detector.classify.metadata.margin
    told = []
    for frame in read_video(path):
        boxes = sorted(plain_find(cascade, frame.image), key=lambda box: -box[2])
        rows = detector.classify([crop_face(frame.image, box, margin) for box in boxes])
        told.append(list(zip(boxes, rows, strict=True)))
    return told


def seconds(work: Any) -> tuple[float, Any]:
    began = perf_counter()
    result = work()
    return perf_counter() - began, result


def light(frames: Iterator[Frame]) -> list[Frame]:
    """Return the frames without their pictures."""
    return [Frame(frame.source, frame.index, frame.time, frame.image[:1, :1].copy(), frame.faces) for frame in frames]


def speed(path: Path, detector: Detector) -> dict[str, Any]:
    """Return frames a second of decoding alone, the plain loop and the pipeline, and how far the last two agree."""
    times: dict[str, list[float]] = {"decoding": [], "plain": [], "pipeline": []}
    for _ in range(ROUNDS):
        times["decoding"].append(seconds(lambda: sum(1 for _ in read_video(path)))[0])
        taken, rows = seconds(lambda: plain(path, detector))
        times["plain"].append(taken)
        taken, frames = seconds(lambda: light(detector.stream(path)))
        times["pipeline"].append(taken)
    rates = {name: round(len(frames) / median(took), 1) for name, took in times.items()}
    ratios = [slow / fast for slow, fast in zip(times["plain"], times["pipeline"], strict=True)]
    return {
        "frames": len(frames),
        "frames_a_second": rates,
        "times_the_plain_loop": round(median(ratios), 2),
        "rounds": {name: [round(value, 2) for value in took] for name, took in times.items()},
        **agreement(rows, frames, detector.classify.labels),
    }


def agreement(rows: list[Any], frames: list[Frame], labels: tuple[str, ...]) -> dict[str, Any]:
    """Return on which share of the frames presence and label are the same, and how often labels change a minute."""
    smooth = Smoother()
    alike, both, same = 0, 0, 0
    plain: list[int] = []
    for found, frame in zip(rows, frames, strict=True):
        alike += bool(found) == bool(frame.faces)
        if found:
            plain.append(int(np.argmax(found[0][1])))
            label = labels[int(smooth(1, frame.time, found[0][1]).argmax())]
            both += bool(frame.faces)
            same += bool(frame.faces) and frame.faces[0].label == label
    shown = [frame.faces[0] for frame in frames if frame.faces]
    minutes = frames[-1].time / 60
    return {
        "presence_equal": round(alike / len(frames), 4),
        "label_equal": round(same / max(1, both), 4),
        "label_changes_a_minute": {
            "plain": round(changes(plain) / minutes, 1),
            "raw": round(changes(raw_labels(shown)) / minutes, 1),
            "smoothed": round(changes(face.label for face in shown) / minutes, 1),
        },
        "tracks": len({face.track for face in shown}),
    }


def overlap(one: Box, other: Box) -> float:
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(0, width) * max(0, height)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def write_composed(samples: Path, clip: Path) -> list[Moment]:
    """Write the composed video; return its truth."""
    moments = []
    with av.open(str(clip), "w") as file:
        video = file.add_stream("libx264", rate=RATE, options={"crf": "18", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for moment in compose(samples):
            file.mux(video.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(moment.image), format="bgr24")))
            moments.append(Moment(moment.image[:1, :1].copy(), moment.truth))
        file.mux(video.encode(None))
    return moments


def noisy(image: Picture, levels: float) -> Picture:
    return np.clip(image + RNG.normal(0, levels, image.shape), 0, 255).astype(np.uint8)


def shaken(image: Picture) -> Picture:
    height, width = image.shape[:2]
    move = cv2.getRotationMatrix2D((width / 2, height / 2), RNG.normal(0, 2), 1 + RNG.normal(0, 0.03))
    move[:, 2] += RNG.normal(0, 3, 2)
    return cv2.warpAffine(image, move, (width, height), borderMode=cv2.BORDER_REFLECT)


CLEAN, POOR = "18", "38"  # constant rate factors of H.264: what an eye takes for lossless, and a slow line
DISTURBED: dict[str, tuple[Callable[[Picture], Picture], str]] = {
    "as it is": (lambda image: image, CLEAN),
    "noise of 25 grey levels": (lambda image: noisy(image, 25), CLEAN),
    "a hand that shakes": (shaken, CLEAN),
    "a lamp that flickers": (lambda image: np.clip(image * np.exp(RNG.normal(0, 0.2)), 0, 255).astype(np.uint8), CLEAN),
    "a dark room": (lambda image: noisy(image * 0.25, 6), CLEAN),
    "a slow line": (lambda image: image, POOR),
}


def flicker(path: Path, folder: Path, detector: Detector) -> dict[str, dict[str, int]]:
    """Return how often labels change where the picture is disturbed and the face does what it did."""
    found = {}
    for name, (change, quality) in DISTURBED.items():
        with av.open(str(folder / "disturbed.mp4"), "w") as file:
            video = file.add_stream("libx264", rate=RATE, options={"crf": quality, "preset": "veryfast"})
            for frame in read_video(path):
                image = np.ascontiguousarray(change(frame.image))
                if not frame.index:
                    video.height, video.width = image.shape[:2]
                file.mux(video.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
            file.mux(video.encode(None))
        shown = [frame.faces[0] for frame in detector.stream(folder / "disturbed.mp4") if frame.faces]
        found[name] = {"raw": changes(raw_labels(shown)), "smoothed": changes(face.label for face in shown)}
    return found


def raw_labels(faces: list[Face]) -> Iterator[str]:
    return (max(face.raw_probabilities, key=face.raw_probabilities.get) for face in faces)


def changes(labels: Iterable[Any]) -> int:
    return sum(a != b for a, b in pairwise(labels))


def composed(samples: Path, folder: Path, detector: Detector) -> dict[str, Any]:
    """Return how the pipeline does on the composed video."""
    moments = write_composed(samples, folder / "composed.mp4")
    return judged(moments, light(detector.stream(folder / "composed.mp4")))


def judged(moments: list[Moment], frames: list[Frame]) -> dict[str, Any]:
    overlaps, strays, owners = [], 0, {}
    seen: dict[int, list[int]] = {}
    spans: dict[int, list[int]] = {}
    for n, (moment, frame) in enumerate(zip(moments, frames, strict=True)):
        for person, box in moment.truth.items():
            spans.setdefault(person, []).append(n)
            best = max((overlap(box, face.box) for face in frame.faces), default=0.0)
            if best > 0.3:
                overlaps.append(best)
                seen.setdefault(person, []).append(n)
        for face in frame.faces:
            person = max(moment.truth, key=lambda p: overlap(moment.truth[p], face.box), default=None)
            owners.setdefault(face.track, set()).add(person)
            near = any(moments[k].truth for k in range(max(0, n - LATE), min(len(moments), n + LATE + 1)))
            strays += not moment.truth and not near
    return {
        "frames": len(frames),
        "persons": len(spans),
        "tracks": len(owners),
        "tracks_of_two_persons": sum(len(persons - {None}) > 1 for persons in owners.values()),
        "frames_late_at_first": {p: seen[p][0] - span[0] if p in seen else None for p, span in spans.items()},
        "frames_early_at_last": {p: span[-1] - seen[p][-1] if p in seen else None for p, span in spans.items()},
        "seen_share": round(sum(map(len, seen.values())) / sum(map(len, spans.values())), 4),
        "median_overlap": round(median(overlaps), 3),
        "boxes_in_the_empty_part": strays,
    }


def loop(clip: Path, target: Path, frames: int) -> Path:
    """Write a video of so many frames, the clip again and again, without encoding."""
    with av.open(str(target), "w") as file:
        copy, written, start = None, 0, 0
        while written < frames:
            with av.open(str(clip)) as source:
                stream = source.streams.video[0]
                copy = copy or file.add_stream_from_template(stream)
                end = start
                for packet in source.demux(stream):
                    if packet.dts is None or written == frames:
                        continue
                    packet.pts, packet.dts, packet.stream = packet.pts + start, packet.dts + start, copy
                    end = max(end, packet.pts + packet.duration)
                    file.mux(packet)
                    written += 1
                start = end
    return target


def memory(samples: Path, folder: Path) -> dict[str, Any]:
    """Return the most memory that a process of its own takes for 500 and for 20,000 frames, in MB."""
    told: dict[str, Any] = {}
    for count in COUNTS:
        clip = loop(samples / "WolfgangLanger_Pexels.mp4", folder / f"{count}.mp4", count)
        run = subprocess.run(
            [sys.executable, __file__, str(clip), "--peak"], check=True, capture_output=True, text=True
        )
        frames, peak = run.stdout.split()
        told[str(count)] = {"frames": int(frames), "peak_mb": float(peak)}
        print(told, flush=True)
    told["more_mb"] = round(told[str(COUNTS[1])]["peak_mb"] - told[str(COUNTS[0])]["peak_mb"], 1)
    return told


if __name__ == "__main__":
    where = Path(sys.argv[1])
    if "--peak" in sys.argv:
        count = sum(1 for _ in Detector().stream(where))
        print(count, round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1))
        sys.exit()
    if "--write" in sys.argv:
        write_composed(where, Path(sys.argv[-1]))
        sys.exit()
    with TemporaryDirectory() as temporary:
        if "--memory" in sys.argv:
            print(record("video-memory", memory(where, Path(temporary))))
        else:
            detector = Detector()
            figures = {
                "sample": speed(where / "WolfgangLanger_Pexels.mp4", detector),
                "composed": composed(where, Path(temporary), detector),
                "label_changes": flicker(where / "WolfgangLanger_Pexels.mp4", Path(temporary), detector),
            }
            print(figures)
            print(record("video", figures))
