"""Videos and cameras for tests: a panned astronaut as a file, with sound or turned, and a camera that does as told."""

import os
from collections.abc import Iterator
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from mien.pictures import Picture, read_picture

RATE = 25
TURNED = (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)  # the matrix of a telephone held upright: 90 degrees
STRAIGHT = (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)


def pan(count: int, width: int = 320, height: int = 240) -> Iterator[Picture]:
    """Yield pictures over which the astronaut's face wanders."""
    astronaut = read_picture((files("mien.data") / "samples" / "astronaut.jpg").read_bytes())
    for number in range(count):
        left = 60 + 40 * number // max(1, count - 1)
        yield np.ascontiguousarray(astronaut[10 : 10 + height, left : left + width])


def film(path: Path, count: int = 10, width: int = 320, height: int = 240) -> Path:
    """Write a video without sound, MPEG-4."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), RATE, (width, height))
    for picture in pan(count, width, height):
        writer.write(picture)
    writer.release()
    return path


def film_with_sound(path: Path, count: int = 50, sound: str = "aac") -> Path:
    """Write a video in H.264 with a tone, as long as the pictures."""
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        audio = file.add_stream(sound, rate=48_000, layout="mono")
        for picture in pan(count):
            file.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        file.mux(video.encode(None))
        samples = np.arange(48_000 * count // RATE)
        tone = (8000 * np.sin(samples * (440 * 2 * np.pi / 48_000))).astype(np.int16)
        for start in range(0, len(tone) - 1023, 1024):
            block = av.AudioFrame.from_ndarray(tone[None, start : start + 1024], format="s16", layout="mono")
            block.sample_rate, block.pts, block.time_base = 48_000, start, Fraction(1, 48_000)
            file.mux(audio.encode(block))
        file.mux(audio.encode(None))
    return path


def opened(folder: Path) -> list[str]:
    """Return the names of the files below a folder that this process has open; Linux tells."""
    links = (Path(os.path.realpath(link)) for link in Path("/proc/self/fd").iterdir())
    return sorted({path.name for path in links if path.is_relative_to(folder)})


def turn(path: Path) -> Path:
    """Turn a video by its header's matrix, as telephones do."""
    straight, turned = (b"".join(value.to_bytes(4, "big", signed=True) for value in m) for m in (STRAIGHT, TURNED))
    data = path.read_bytes()
    header = data.index(b"tkhd")
    place = data.index(straight, header)
    path.write_bytes(data[:place] + turned + data[place + len(straight) :])
    return path


def remuxed(path: Path, target: Path, **options: str) -> Path:
    """Copy the pictures of a video into another file, written with FFmpeg's options."""
    with av.open(str(path)) as source, av.open(str(target), "w", options=options) as file:
        copy = file.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = copy
                file.mux(packet)
    return target


def cut(path: Path) -> Path:
    """Cut a video in the middle of a packet; its index stands at the front, as in files made for the web."""
    whole = path.with_name(f"whole-{path.name}")
    path.rename(whole)
    data = remuxed(whole, path, movflags="+faststart").read_bytes()
    path.write_bytes(data[: len(data) // 2])
    whole.unlink()
    return path


class FakeCamera:
    """Stands for ``cv2.VideoCapture``: gives so many pictures, then nothing; counts how often it is released."""

    def __init__(self, pictures: int = 10**6, *, opens: bool = True) -> None:
        self.left, self.opens, self.released, self.closed_at_read = pictures, opens, 0, False

    def __call__(self, *_: object) -> "FakeCamera":
        return self

    def isOpened(self) -> bool:
        return self.opens

    def get(self, _: int) -> float:
        return 0.0

    def grab(self) -> bool:
        self.closed_at_read |= bool(self.released)
        if not self.left:
            return False
        self.left -= 1
        return True

    def retrieve(self) -> tuple[bool, Picture]:
        return True, np.full((48, 64, 3), self.left % 256, np.uint8)

    def release(self) -> None:
        self.released += 1

    def plug(self, monkeypatch: pytest.MonkeyPatch) -> "FakeCamera":
        """Let every camera that is opened be this one."""
        monkeypatch.setattr(cv2, "VideoCapture", self)
        return self
