"""What the first bytes of a picture file tell before anything decodes it: its kind and its size in pixels."""

import struct
from collections.abc import Callable

_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG's markers that carry the size
_ALONE = frozenset((0x01, *range(0xD0, 0xD9)))  # markers without a length

Size = tuple[int, int]


def is_picture(data: bytes) -> bool:
    """Return whether a file begins as a JPEG, PNG, WebP or BMP does."""
    return _reader(data) is not None


def size_in_pixels(data: bytes) -> Size | None:
    """Return a picture's width and height as its header tells them, unturned; None where it does not.

    Args:
        data: the bytes of a JPEG, PNG, WebP or BMP file.

    Example:
        >>> size_in_pixels(Path("photo.jpg").read_bytes())
        (512, 512)
    """
    size_of = _reader(data)
    try:
        width, height = size_of(data) if size_of else (0, 0)
    except (struct.error, IndexError, ValueError):
        return None
    return (width, height) if width > 0 and height > 0 else None


def _reader(data: bytes) -> Callable[[bytes], Size] | None:
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp
    if data.startswith(b"BM"):
        return _bmp
    return None


def _jpeg(data: bytes) -> Size:
    """Walk the segments to the start of the frame (ITU T.81, annex B)."""
    place = 2
    while True:
        while data[place] == 0xFF and data[place + 1] == 0xFF:  # fill bytes
            place += 1
        if data[place] != 0xFF:
            raise ValueError
        marker = data[place + 1]
        place += 2
        if marker in _ALONE:
            continue
        length = struct.unpack_from(">H", data, place)[0]
        if marker in _START_OF_FRAME:
            height, width = struct.unpack_from(">HH", data, place + 3)
            return width, height
        place += length


def _png(data: bytes) -> Size:
    if data[12:16] != b"IHDR":
        raise ValueError
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _webp(data: bytes) -> Size:
    """Read one of the three forms of WebP (RFC 9649): lossy, lossless, extended."""
    form = data[12:16]
    if form == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if form == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    raise ValueError


def _bmp(data: bytes) -> Size:
    if struct.unpack_from("<I", data, 14)[0] == 12:  # the header of OS/2
        width, height = struct.unpack_from("<HH", data, 18)
    else:
        width, height = struct.unpack_from("<ii", data, 18)
    return width, abs(height)
