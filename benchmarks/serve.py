"""How fast `mien serve` answers, beside a plain loop of the same Detector, and what idle and rude callers cost.

Usage: uv run python benchmarks/serve.py throughput|live|memory|siege|start

Server, callers and the plain loop are processes of their own on this machine. Pictures are 640 x 480 JPEGs of a pan
over two portraits; each answer is a whole request with its connection kept open. `throughput` alternates the plain loop
and 1, 8 and 32 callers; medians of rounds count.
"""

import json
import os
import pickle
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from threading import Barrier, Event, Thread
from time import perf_counter, sleep
from typing import Any

import cv2
import numpy as np

from record import record

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # for the tests' browser
from tests.web.browsing import camera_file, chromium, pan  # noqa: E402

ROUNDS, SECONDS = 5, 3.0
CALLERS = (1, 8, 32)
THREADS = 2  # of the server's engine
PLAIN = """
import pickle, sys
from time import perf_counter
from mien.detect import Detector
pictures = pickle.load(sys.stdin.buffer)
detector = Detector()
for picture in pictures[:5]:
    detector(picture)
for seconds in map(float, sys.stdin.buffer):
    count, began = 0, perf_counter()
    while perf_counter() - began < seconds:
        detector(pictures[count % len(pictures)])
        count += 1
    print(count / (perf_counter() - began), flush=True)
"""


def pictures(width: int = 640, height: int = 480, count: int = 60) -> list[bytes]:
    return [bytes(cv2.imencode(".jpg", image)[1]) for image in pan(width, height, count)]


@contextmanager
def plain_loop(sent: list[bytes]) -> Iterator[Callable[[float], float]]:
    """Yield what tells the pictures a second of a plain loop over some seconds, in a process of its own."""
    process = subprocess.Popen([sys.executable, "-c", PLAIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    pickle.dump(sent, process.stdin)

    def rate(seconds: float) -> float:
        assert process.stdin
        assert process.stdout
        process.stdin.write(f"{seconds}\n".encode())
        process.stdin.flush()
        return float(process.stdout.readline())

    try:
        rate(1.0)
        yield rate
    finally:
        process.stdin.close()
        process.wait()


@contextmanager
def server() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start a server on a free port; its log goes nowhere, as it would fill a pipe that nobody reads."""
    with tempfile.NamedTemporaryFile("r", suffix=".log") as log:
        command = [sys.executable, "-m", "mien", "serve", "--port", "0", "--threads", str(THREADS)]
        with Path(log.name).open("w") as target:
            process = subprocess.Popen(command, stderr=target, text=True)
        try:
            while not (found := re.search(r"http://[\d.]+:(\d+)", Path(log.name).read_text())):
                sleep(0.005)
            yield process, int(found[1])
        finally:
            process.terminate()
            process.wait()


def call(port: int, sent: list[bytes], callers: int, go_on: Callable[[int, float], bool]) -> dict[str, Any]:
    """Let callers send pictures until ``go_on(answers of one caller, seconds)`` says no; return rate and latencies."""
    times: list[list[float]] = [[] for _ in range(callers)]
    gate = Barrier(callers + 1)

    def one(number: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=120)
        connection.request("GET", "/health")
        connection.getresponse().read()
        gate.wait()
        start = perf_counter()
        while go_on(len(times[number]), perf_counter() - start):
            began = perf_counter()
            connection.request("POST", "/v1/detect", sent[(len(times[number]) + 7 * number) % len(sent)])
            answer = connection.getresponse()
            told = answer.read()
            assert answer.status == 200, told
            times[number].append(perf_counter() - began)
        connection.close()

    threads = [Thread(target=one, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    gate.wait()
    began = perf_counter()
    for thread in threads:
        thread.join()
    whole = [time for each in times for time in each]
    points = np.percentile(whole, [50, 95, 99]) * 1000
    return {
        "answers": len(whole),
        "a_second": round(len(whole) / (perf_counter() - began), 2),
        "milliseconds": dict(zip(("p50", "p95", "p99"), points.round(1).tolist(), strict=True)),
    }


def throughput() -> dict[str, Any]:
    sent = pictures()
    plain: list[float] = []
    served: dict[int, list[dict[str, Any]]] = {callers: [] for callers in CALLERS}
    with server() as (_, port), plain_loop(sent) as plain_rate:
        call(port, sent, 4, lambda count, _: count < 3)
        for _ in range(ROUNDS):
            for callers in CALLERS:
                plain.append(plain_rate(SECONDS))
                served[callers].append(call(port, sent, callers, lambda _, seconds: seconds < SECONDS))
                print(callers, "callers", served[callers][-1], "plain", round(plain[-1], 2), flush=True)
    middle = {n: sorted(rounds, key=lambda each: each["a_second"])[len(rounds) // 2] for n, rounds in served.items()}
    beside = {n: [plain[i] for i in range(CALLERS.index(n), len(plain), len(CALLERS))] for n in CALLERS}
    ratios = {n: [each["a_second"] / loop for each, loop in zip(served[n], beside[n], strict=True)] for n in CALLERS}
    return {
        "threads": {
            "engine": THREADS,
            "opencv": cv2.getNumThreads(),
            "onnxruntime": 1,
            "plain_loop_onnxruntime": "all cores",
        },
        "plain_loop_a_second": round(median(plain), 2),
        "callers": {str(n): middle[n] for n in CALLERS},
        "ratio_to_plain_loop": {str(n): round(median(ratios[n]), 3) for n in CALLERS},
        "ratios_of_rounds": {str(n): [round(each, 3) for each in ratios[n]] for n in CALLERS},
    }


def live() -> dict[str, Any]:
    """Count the frames that the page shows in headless Chromium, 640 x 480."""
    frames: list[tuple[float, str]] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        server() as (_, port),
        chromium(camera_file(Path(folder) / "camera.mjpeg")) as browser,
    ):
        page = browser.new_page(permissions=["camera"])
        page.on("websocket", lambda made: made.on("framereceived", lambda text: frames.append((perf_counter(), text))))
        page.goto(f"http://127.0.0.1:{port}")
        page.click("#camera-on")
        page.wait_for_selector("#camera-faces .face")
        page.wait_for_timeout(3000)
        frames.clear()
        began = perf_counter()
        page.wait_for_timeout(15_000)
        seconds = perf_counter() - began
        meter = page.inner_text("#camera-meter")
    times = [time for time, _ in frames]
    gaps = np.diff(times) * 1000
    faces = [len(json.loads(text)["faces"]) for _, text in frames]
    return {
        "frames_a_second": round(len(times) / seconds, 1),
        "gap_milliseconds": {"p50": round(float(np.median(gaps)), 1), "p95": round(float(np.percentile(gaps, 95)), 1)},
        "frames_with_a_face": round(sum(count > 0 for count in faces) / len(faces), 2),
        "the_page_says": meter,
    }


def memory() -> dict[str, Any]:
    """Send 5,000 pictures of 160 x 120 from 10 callers; tell the server's memory on the way."""
    sent = pictures(160, 120)
    told: dict[str, float] = {}
    with server() as (process, port):
        for total in range(500, 5001, 500):
            call(port, sent, 10, lambda count, _: count < 50)
            told[str(total)] = resident(process.pid)
            print(total, "requests", told[str(total)], "MB", flush=True)
    return {"megabytes_after_requests": told, "growth_from_1000_to_5000": round(told["5000"] / told["1000"] - 1, 4)}


def resident(process: int) -> float:
    """Return a process's memory in MB, from Linux."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found
    return round(int(found[1]) / 1000, 1)


def siege() -> dict[str, Any]:
    """Measure 4 callers alone, and beside 200 idle sockets and 20 that send garbage, ten times a second each."""
    sent = pictures()
    rates: dict[str, list[float]] = {"alone": [], "besieged": []}
    slow: dict[str, list[float]] = {"alone": [], "besieged": []}
    with server() as (_, port):
        call(port, sent, 4, lambda count, _: count < 3)
        for _ in range(ROUNDS):
            for name in rates:
                with besieging(port) if name == "besieged" else nullcontext():
                    told = call(port, sent, 4, lambda _, seconds: seconds < SECONDS)
                rates[name].append(told["a_second"])
                slow[name].append(told["milliseconds"]["p95"])
                print(name, told, flush=True)
    ratio = median(one / other for one, other in zip(rates["besieged"], rates["alone"], strict=True))
    return {"answers_a_second": rates, "p95_milliseconds": slow, "ratio": round(ratio, 3)}


@contextmanager
def besieging(port: int) -> Iterator[None]:
    """Open sockets in a process of its own, so that the callers are not slowed by this one."""
    code = f"import sys; sys.path[:0] = {sys.path!r}; from serve import besiege; besiege({port})"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent
    )
    assert process.stdout and process.stdout.readline() == "there\n"
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def besiege(port: int) -> None:
    """Keep 200 sockets idle, opened again when they are closed, and let 20 send garbage, ten times a second each."""
    garbage = os.urandom(2000) + b"\r\n\r\n"

    def open_one() -> socket.socket:
        return socket.create_connection(("127.0.0.1", port))

    def rude() -> None:
        while True:
            with suppress(OSError), open_one() as connection:
                connection.sendall(garbage)
                connection.recv(1000)
            sleep(0.1)

    idle = [open_one() for _ in range(200)]
    for connection in idle:
        connection.settimeout(0)
    for _ in range(20):
        Thread(target=rude, daemon=True).start()
    print("there", flush=True)
    while True:
        for place, connection in enumerate(idle):
            with suppress(BlockingIOError):
                if not connection.recv(1):
                    connection.close()
                    idle[place] = open_one()
                    idle[place].settimeout(0)
        Event().wait(1)


def start() -> dict[str, Any]:
    """Measure from the command to its first answer, five times."""
    (sent, *_) = pictures(count=2)
    seconds = []
    for _ in range(5):
        began = perf_counter()
        with server() as (_, port):
            call(port, [sent], 1, lambda count, _: count < 1)
            seconds.append(round(perf_counter() - began, 2))
    return {"seconds_to_first_answer": seconds, "median": median(seconds)}


MODES: dict[str, Callable[[], dict[str, Any]]] = {
    "throughput": throughput,
    "live": live,
    "memory": memory,
    "siege": siege,
    "start": start,
}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in MODES:
        sys.exit(__doc__)
    figures = MODES[sys.argv[1]]()
    print(json.dumps(figures, indent=2))
    print(record(f"serve-{sys.argv[1]}", figures))
