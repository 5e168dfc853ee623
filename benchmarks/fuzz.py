"""Feed mien damaged files: what is neither an answer nor one of mien's own errors is a fault.

Usage: uv run python benchmarks/fuzz.py [INPUTS]              (100,000 by default; recorded)
       uv run python benchmarks/fuzz.py TARGET FIRST COUNT    (the inputs of one target again, such as pictures 4711 1)

Every input is a good file that was damaged by draws from (seed, target, number): bytes changed, cut off, doubled, taken
out, or replaced by what parsers stumble over. Each target runs in a process of its own, so that a crash of native code
is seen.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import cv2
import numpy as np

from mien.errors import MienError

SEED, INPUTS = 2013, 100_000
LONGEST, MEMORY = 5.0, 3 * 2**30  # seconds of CPU an input may take, bytes the process may have in all
PIECES = (
    *(b"\0", b"\xff", b"\xff\xff\xff\xff", b"\x80", b"\r", b"\n\n", b'"', b",", b",,,,", b";", b"=", b"[", b"{", b"]]"),
    *(
        b"nan",
        b"inf",
        b"-1",
        b"1e999",
        b"9" * 30,
        b"../../x",
        b"/etc/passwd",
        b"\xef\xbb\xbf",
        "\u202eé\u0000".encode(),
    ),
    *(b"true", b"null", b"{}", b"Infinity", b"'''", b"\\", b"%s%n", b"\x1b[2J", b"0x10", b"7", b"PublicTest"),
)
Target = tuple[list[bytes], Callable[[bytes], object]]


def damaged(good: Sequence[bytes], target: str, number: int) -> bytes:
    """Return the input of a number: one of the good files, damaged in one to four places."""
    rng = np.random.default_rng([SEED, *target.encode(), number])
    data = bytearray(good[int(rng.integers(len(good)))])
    for _ in range(rng.integers(1, 5)):
        place = int(rng.integers(len(data) + 1))
        size = int(2 ** rng.uniform(0, 8))
        way = rng.integers(6)
        if way == 0 and data:
            data[place % len(data)] ^= 1 << int(rng.integers(8))
        elif way == 1:
            del data[place:]
        elif way == 2:
            del data[place : place + size]
        elif way == 3:
            data[place:place] = data[place : place + size] * int(rng.integers(1, 4))
        elif way == 4:
            data[place : place + size] = rng.integers(0, 256, size, np.uint8).tobytes()
        else:
            data[place : place + int(rng.integers(3))] = PIECES[rng.integers(len(PIECES))]
    return bytes(data)


def written(folder: Path, name: str, read: Callable[[Path], object]) -> Callable[[bytes], object]:
    """Return a function that writes bytes into a file and has it read."""
    path = folder / name

    def tried(data: bytes) -> object:
        path.write_bytes(data)
        return read(path)

    return tried


def pictures(_: Path) -> Target:
    from mien.pictures import read_picture

    rng = np.random.default_rng(SEED)
    shapes = ((24, 20, 3), (9, 31), (16, 16, 4))
    images = [cv2.resize(rng.integers(0, 256, (4, 4, *shape[2:]), np.uint8), shape[1::-1]) for shape in shapes]
    images.append(images[0].astype(np.uint16) * 257)
    kinds = {".png": images, ".jpg": images[:2], ".webp": images[:1], ".bmp": images[:2]}
    good = [cv2.imencode(kind, image)[1].tobytes() for kind, those in kinds.items() for image in those]
    return good, read_picture


def fer_csv(folder: Path) -> Target:
    from mien.data.load import load

    pixels = " ".join(["0", "128", "255"] * 767)
    usages = ("Training", "Training", "PublicTest", "PrivateTest")
    rows = [f"{row % 7},{row} 7 9 {pixels},{usages[row // 7]}" for row in range(28)]
    good = ["\n".join(["emotion,pixels,Usage", *rows]).encode(), "\n".join([" Usage, emotion, pixels"]).encode()]
    return good, written(folder, "fer2013.csv", lambda path: load(path, "train"))


def votes(folder: Path) -> Target:
    from mien.data.votes import read_votes

    head = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    good = "\n".join([head, *(f"Training,fer{row:07d}.png,4,0,0,1,3,2,0,0,0,0" for row in range(6))]).encode()
    return [good], written(folder, "votes.csv", read_votes)


def audits(folder: Path) -> Target:
    from mien.audit.files import HEADER, read_findings

    rows = [f"train/sad/{row}.png,train,twin,2.0,train/sad/a.png,sad," for row in range(4)]
    return ["\n".join([",".join(HEADER), *rows]).encode()], written(folder, "audit.csv", read_findings)


def recipes(folder: Path) -> Target:
    from mien.training.recipe_file import read_recipe, shipped

    good = [read_recipe(name).to_toml().encode() for name in shipped()]
    return good, written(folder, "recipe.toml", read_recipe)


def metadata(_: Path) -> Target:
    from mien.model.file import parse_metadata, read_model

    good = read_model().metadata.to_json().encode()
    return [good], lambda data: parse_metadata(data.decode("utf-8", "replace"), "model.onnx")


def models(folder: Path) -> Target:
    from mien.model.classify import Classifier

    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.conftest import make_model

    small = make_model(folder / "good.onnx", size=8).read_bytes()
    return [small], written(folder, "model.onnx", Classifier)


def arrays(_: Path) -> Target:
    from mien.training.arrays import pack_arrays, unpack_arrays

    def tried(data: bytes) -> object:
        try:
            return unpack_arrays(data)
        except ValueError as error:  # whose file it is, the caller says
            raise MienError(str(error)) from error

    values = {"a/0": np.arange(40.0).reshape(2, 20), "b/0": np.zeros((0, 7), np.float16)}
    return [pack_arrays({"best_epoch": 3}, values, compressed=compressed) for compressed in (False, True)], tried


def bodies(folder: Path) -> Target:
    """Bodies of requests, to a server in this process; an answer of 500 or above is a fault."""
    from starlette.testclient import TestClient

    from mien.web.app import make_app
    from mien.web.engine import Engine
    from mien.web.jobs import Jobs
    from mien.web.scratch import Scratch
    from mien.web.settings import Settings

    chosen = Settings(folder=folder / "jobs")
    engine = Engine().__enter__()
    client = TestClient(
        make_app(engine, Jobs(engine, Scratch(chosen), chosen.limits).__enter__(), chosen), "http://localhost:8000"
    )
    head = b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    images = pictures(folder)[0]
    good = (
        images
        + [head + image + b"\r\n--xyz--\r\n" for image in images]
        + [b"".join(head + image + b"\r\n" for image in images) + b"--xyz--\r\n"]
    )
    routes = ("/v1/detect", "/v1/classify", "/v1/videos")

    def sent(data: bytes) -> object:
        kind = "multipart/form-data; boundary=xyz" if b"--xyz" in data[:20] else "image/jpeg"
        answer = client.post(routes[len(data) % 3], content=data, headers={"Content-Type": kind})
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            raise MienError(answer.json()["error"])
        return answer

    return good, sent


TARGETS = {
    each.__name__: each for each in (pictures, fer_csv, votes, audits, recipes, metadata, models, arrays, bodies)
}
SHARES = {
    "pictures": 0.25,
    "models": 0.05,
    "fer_csv": 0.1,
    "bodies": 0.1,
}  # of all inputs; the others take equal parts of the rest


def attack(name: str, first: int, count: int) -> dict[str, Any]:
    """Try some inputs of a target in this process; return what came of them."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    refused, slowest, faults = 0, 0.0, []
    with TemporaryDirectory() as folder:
        good, tried = TARGETS[name](Path(folder))
        for number in range(first, first + count):
            data, began = damaged(good, name, number), process_time()
            try:
                tried(data)
            except MienError as error:
                refused += 1
                if not str(error).strip() or "\n" in str(error).strip():
                    faults.append({"number": number, "error": f"not one line: {error!r}"[:300]})
            except Exception as error:  # noqa: BLE001 (that is what is looked for)
                faults.append({"number": number, "error": repr(error)[:300]})
            slowest = max(slowest, process_time() - began)
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {"inputs": count, "refused": refused, "slowest_s": round(slowest, 3), "memory_mb": round(largest)}
    return {**figures, "faults": len(faults), "first_faults": faults[:5]}


def main(inputs: int) -> None:
    """Attack every target, print and record."""
    from record import record

    left = [name for name in TARGETS if name not in SHARES]
    shares = {**SHARES, **{name: (1 - sum(SHARES.values())) / len(left) for name in left}}
    found: dict[str, dict[str, Any]] = {}
    for name in TARGETS:
        count = round(shares[name] * inputs)
        told = [sys.executable, __file__, name, "0", str(count)]
        done = subprocess.run(told, stdout=subprocess.PIPE, text=True, timeout=3000)
        crashed: dict[str, Any] = {
            "inputs": count,
            "faults": 1,
            "first_faults": [f"the process ended with {done.returncode}"],
        }
        found[name] = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else crashed
        print(name, found[name], flush=True)
    too_slow = [name for name, figures in found.items() if figures.get("slowest_s", 0) > LONGEST]
    total = {key: sum(figures[key] for figures in found.values()) for key in ("inputs", "faults")}
    print(record("fuzz", {"seed": SEED, **total, "slower_than_5_s": too_slow, "targets": found}))


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(json.dumps(attack(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else INPUTS)
