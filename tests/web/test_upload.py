"""Limits on what is sent, counted while it comes."""

import asyncio
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.types import Message

from mien.web.refusals import Refusal
from mien.web.settings import Limits
from mien.web.upload import Held, save_video
from tests.vision.filming import film


class Sender:
    """Sends a body in pieces, and counts how many were taken."""

    def __init__(self, *chunks: bytes, stalls: bool = False) -> None:
        self.chunks, self.taken, self.stalls = list(chunks), 0, stalls

    async def __call__(self) -> Message:
        if self.taken == len(self.chunks) and self.stalls:
            await asyncio.sleep(60)
        self.taken += 1
        return {
            "type": "http.request",
            "body": self.chunks[self.taken - 1],
            "more_body": self.taken < len(self.chunks) or self.stalls,
        }

    @property
    def request(self) -> Request:
        return Request({"type": "http", "headers": []}, self)


async def read(held: Held, sender: Sender) -> list[int]:
    async with held.reading(sender.request) as uploads:
        assert held.bytes == sum(len(upload.data) for upload in uploads)
        return [len(upload.data) for upload in uploads]


def refused(limits: Limits, sender: Sender) -> int:
    held = Held(limits)
    with pytest.raises(Refusal) as told:
        asyncio.run(read(held, sender))
    assert held.bytes == 0
    return told.value.status


def test_an_empty_body_has_no_file():
    assert refused(Limits(), Sender(b"")) == 400


def test_bytes_are_held_until_the_request_is_answered():
    held = Held(Limits())
    assert asyncio.run(read(held, Sender(b"1234", b"56"))) == [6]
    assert held.bytes == 0


def test_too_large_is_refused_and_the_rest_is_dropped_so_that_the_answer_is_read():
    sender = Sender(*[b"x" * 10] * 20)
    assert refused(Limits(picture_bytes=25), sender) == 413
    assert sender.taken == 20


def test_no_more_is_held_than_all_requests_may_hold():
    assert refused(Limits(held_bytes=25), Sender(*[b"x" * 10] * 3)) == 429


def test_a_body_that_does_not_come_is_not_waited_for():
    assert refused(Limits(body_seconds=0.05), Sender(b"x", stalls=True)) == 408


def save(folder: Path, limits: Limits, *chunks: bytes) -> tuple[Path, str]:
    return asyncio.run(save_video(Sender(*chunks).request, folder, limits))


def test_a_video_is_written_as_it_comes(tmp_path: Path):
    data = film(tmp_path / "clip.mp4").read_bytes()
    folder = tmp_path / "job"
    folder.mkdir()
    path, name = save(folder, Limits(), data[:5], data[5:10], data[10:])
    assert (path, name) == (folder / "video.mp4", "body")
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    ("chunks", "status"),
    [([b""], 400), ([b"short"], 415), ([b"#EXTM3U\n", b"http://a"], 415), ([b"\0\0\0\x20ftypisom"] * 3, 413)],
)
def test_what_is_no_video_or_too_large_is_refused(tmp_path: Path, chunks: list[bytes], status: int):
    with pytest.raises(Refusal) as told:
        save(tmp_path, Limits(video_bytes=30), *chunks)
    assert told.value.status == status
