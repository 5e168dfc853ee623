"""Files told by their first bytes, before anything decodes them."""

import struct
import zlib

import cv2
import numpy as np
import pytest

from mien.web.refusals import Refusal
from mien.web.screening import check_picture, video_suffix
from mien.web.settings import Limits
from tests.web.conftest import picture


def status(data: bytes, limits: Limits | None = None) -> int:
    with pytest.raises(Refusal) as told:
        check_picture(data, "photo", limits or Limits())
    assert told.value.what.startswith("photo: ")
    assert told.value.repair
    return told.value.status


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
def test_the_size_stands_in_the_header(suffix: str):
    assert check_picture(picture(suffix, 123, 45), "photo", Limits()) == (123, 45)


def test_a_lossless_webp_tells_its_size():
    pixels = np.random.default_rng(0).integers(0, 256, (45, 123, 3), np.uint8)
    data = bytes(cv2.imencode(".webp", pixels, [cv2.IMWRITE_WEBP_QUALITY, 101])[1])
    assert data[12:16] == b"VP8L"
    assert check_picture(data, "photo", Limits()) == (123, 45)


def test_a_webp_with_transparency_tells_its_size():
    pixels = np.random.default_rng(0).integers(0, 256, (45, 123, 4), np.uint8)
    data = bytes(cv2.imencode(".webp", pixels, [cv2.IMWRITE_WEBP_QUALITY, 80])[1])
    assert data[12:16] == b"VP8X"
    assert check_picture(data, "photo", Limits()) == (123, 45)


def test_a_progressive_jpeg_tells_its_size():
    data = cv2.imencode(".jpg", np.zeros((45, 123, 3), np.uint8), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1]
    assert check_picture(bytes(data), "photo", Limits()) == (123, 45)


@pytest.mark.parametrize("data", [b"", b"hello", b"GIF89a......", b"%PDF-1.7", b"#EXTM3U\n", b"\x00" * 100])
def test_other_kinds_are_refused(data: bytes):
    assert status(data) == 415


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
def test_a_header_that_is_cut_off_is_broken(suffix: str):
    assert status(picture(suffix)[:15]) == 422


def test_a_small_file_with_a_huge_picture_is_refused_undecoded():
    chunk = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert status(bomb) == 413


def test_limits_are_those_that_were_given():
    assert check_picture(picture(width=40, height=30), "photo", Limits(picture_pixels=1200)) == (40, 30)
    assert status(picture(width=41, height=30), Limits(picture_pixels=1200)) == 413
    assert status(picture(), Limits(picture_bytes=10)) == 413


@pytest.mark.parametrize(
    ("start", "suffix"),
    [
        (b"\0\0\0\x20ftypisom", ".mp4"),
        (b"RIFF\0\0\0\0AVI LIST", ".avi"),
        (b"\x1a\x45\xdf\xa3\0\0\0\0\0\0\0\0", ".mkv"),
    ],
)
def test_videos_are_known_by_their_container(start: bytes, suffix: str):
    assert video_suffix(start) == suffix


@pytest.mark.parametrize(
    "start", [b"", b"#EXTM3U\nhttp", b"ffconcat ver", b"v=0\no=- 0 0 ", b"\xff\xd8\xff\xe0\0\x10JFIF\0\1"]
)
def test_what_could_make_the_decoder_open_other_files_is_no_video(start: bytes):
    with pytest.raises(Refusal) as told:
        video_suffix(start)
    assert told.value.status == 415
