"""How well faces are found in scenes with known truth, made here: photos of faces pasted into frames without any.

One to four photos, 90 to 240 pixels high, stand in each 960 x 540 frame; plain frames are negatives. A face is found
where a box and its photo overlap by 0.4 (intersection over union; the photos are nearly all face). One that overlaps no
photo by 0.2 is false. Settings were chosen on the same photos in scenes of other seeds (YuNet's threshold in these
very scenes), so expect a little less elsewhere. The plain loop is what most packages do: one equalised cascade, scale
1.1, 5 neighbours, from 50 pixels.

Usage: MIEN_CACHE=FOLDER_WITH_YUNET uv run python benchmarks/finding.py DATA_FOLDER
       (wild-photos.zip and samples/ inside)
"""

import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import cv2
import numpy as np

import mien
from mien.pictures import Picture, read_picture
from mien.results import Box
from mien.vision.boxes import overlap
from mien.vision.faces import Finder, finder_named
from mien.vision.media import read_video
from record import record

SCENES, SEED = 200, 20261122
HEIGHTS = (90, 240)
FOUND, FALSE = 0.4, 0.2
_PLAIN = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_default.xml")


def plain_loop(image: Picture) -> list[Box]:
    grey = cv2.equalizeHist(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
    return [tuple(map(int, box)) for box in _PLAIN.detectMultiScale(grey, 1.1, 5, minSize=(50, 50))]


def paste(rng: np.random.Generator, frame: Picture, photos: Sequence[Picture]) -> tuple[Picture, list[Box]]:
    scene, truth = frame.copy(), []
    for _ in range(int(rng.integers(1, 5))):
        photo, high = photos[int(rng.integers(len(photos)))], int(rng.integers(HEIGHTS[0], HEIGHTS[1] + 1))
        wide = max(1, round(photo.shape[1] * high / photo.shape[0]))
        for _ in range(100):  # until it stands clear of the others
            x, y = int(rng.integers(scene.shape[1] - wide + 1)), int(rng.integers(scene.shape[0] - high + 1))
            box = (x, y, wide, high)
            if all(overlap(box, other) == 0 for other in truth):
                way = cv2.INTER_AREA if high < photo.shape[0] else cv2.INTER_LINEAR
                scene[y : y + high, x : x + wide] = cv2.resize(photo, (wide, high), interpolation=way)
                truth.append(box)
                break
    return scene, truth


def scenes(frames: Sequence[Picture], photos: Sequence[Picture]) -> list[tuple[Picture, list[Box]]]:
    rng = np.random.default_rng(SEED)
    return [paste(rng, frames[int(rng.integers(len(frames)))], photos) for _ in range(SCENES)]


def score(find: Callable[[Picture], list[Box]], given: Sequence[tuple[Picture, list[Box]]]) -> dict[str, Any]:
    hits, faces, false, ious = 0, 0, 0, []
    began = perf_counter()
    found = [find(scene) for scene, _ in given]
    seconds = perf_counter() - began
    for boxes, (_, truth) in zip(found, given, strict=True):
        best = [max((overlap(face, box) for box in boxes), default=0.0) for face in truth]
        hits, faces = hits + sum(value >= FOUND for value in best), faces + len(truth)
        ious += [value for value in best if value >= FOUND]
        false += sum(all(overlap(face, box) < FALSE for face in truth) for box in boxes)
    return {
        "scenes": len(given),
        "faces": faces,
        "recall": round(hits / faces, 4) if faces else None,
        "false_boxes_a_scene": round(false / len(given), 4),
        "median_overlap": round(float(np.median(ious)), 3) if ious else None,
        "milliseconds_a_scene": round(1000 * seconds / len(given), 1),
    }


def boxes_of(detector: mien.Detector) -> Finder:
    return lambda image: [face.box for face in detector(image)]


def finders() -> dict[str, Finder]:
    """Each finder as it searches frames of a video, and as ``Detector`` searches still pictures with it."""
    found: dict[str, Finder] = {"plain loop": plain_loop}
    for name in ("haar", "yunet"):
        found[f"{name}, frame"] = finder_named(name)
        found[f"{name}, still"] = boxes_of(mien.Detector(faces=name))
    return found


def read_photos(archive: Path) -> list[Picture]:
    with zipfile.ZipFile(archive) as photos:
        return [read_picture(photos.read(name)) for name in sorted(photos.namelist()) if not name.endswith("/")]


if __name__ == "__main__":
    data = Path(sys.argv[1])
    samples = data / "samples"
    empty = [frame.image for frame in read_video(samples / "no_face.mp4")]
    photos = read_photos(data / "wild-photos.zip")
    sets = {"scenes": scenes(empty, photos), "plain frames": [(frame, []) for frame in empty]}
    clip = [cv2.resize(frame.image, (640, 360)) for frame in read_video(samples / "WolfgangLanger_Pexels.mp4")][::4]
    figures: dict[str, Any] = {}
    for name, find in finders().items():
        found = {kind: score(find, given) for kind, given in sets.items()}
        pictures = {file: len(find(read_picture(samples / file))) for file in ("multi_face.jpg", "single_face.jpg")}
        began = perf_counter()
        counts = [len(find(frame)) for frame in clip]
        video = {
            "frames": len(clip),
            "with_a_face": sum(count > 0 for count in counts),
            "with_several": sum(count > 1 for count in counts),
            "milliseconds_a_frame": round(1000 * (perf_counter() - began) / len(clip), 1),
        }
        figures[name] = {**found, "faces in": pictures, "sample video 640 x 360, every 4th frame": video}
        print(name, figures[name], flush=True)
    print(record("finding", {"seed": SEED, "finders": figures}))
