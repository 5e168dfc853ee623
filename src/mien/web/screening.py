"""What a file is, told by its first bytes, before anything decodes it: its kind and its size in pixels."""

import struct
from collections.abc import Callable

from mien.web.refusals import Refusal, too_large
from mien.web.settings import Limits

_PICTURES = "send JPEG, PNG, WebP or BMP"
_VIDEOS = "send MP4, MOV, MKV, WebM or AVI"
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG's markers that carry the size
_ALONE = frozenset((0x01, *range(0xD0, 0xD9)))  # markers without a length

Size = tuple[int, int]


def check_picture(data: bytes, name: str, limits: Limits) -> Size:
    """Return a picture's width and height in pixels, as its header tells them.

    Args:
        data: the bytes of the file.
        name: what the answer calls the file.
        limits: ``picture_bytes`` and ``picture_pixels`` count.

    Raises:
        Refusal: 413 over a limit, 415 another kind of file, 422 cut off or broken.

    Example:
        >>> check_picture(Path("photo.jpg").read_bytes(), "photo.jpg", Limits())
        (512, 512)
    """
    if len(data) > limits.picture_bytes:
        raise picture_too_large(name, limits)
    size_of = _reader(data)
    if size_of is None:
        what = f"{name}: not a picture" if data else f"{name}: is empty"
        raise Refusal(415, what, _PICTURES)
    try:
        width, height = size_of(data)
    except (struct.error, IndexError, ValueError):
        width = height = 0
    if width <= 0 or height <= 0:
        raise undecodable(name)
    if width * height > limits.picture_pixels:
        what = f"{name}: has {width} x {height} pixels, more than {limits.picture_pixels / 1e6:.0f} million"
        raise too_large(what, "shrink it and send it again")
    return width, height


def picture_too_large(name: str, limits: Limits) -> Refusal:
    """Return the refusal of a picture with too many bytes."""
    return too_large(
        f"{name}: larger than {limits.picture_bytes / 1e6:g} MB", "shrink it, or save it as JPEG, and send it again"
    )


def undecodable(name: str) -> Refusal:
    """Return the refusal of a picture that is cut off or broken."""
    return Refusal(422, f"{name}: a picture that is cut off or broken", "save or copy it again and send that")


def video_suffix(start: bytes) -> str:
    """Return the file suffix of the kind of video that begins with these bytes.

    Only containers that name no other files or addresses are taken: playlists, for example, would make the decoder
    fetch what they list.

    Raises:
        Refusal: 415, another kind of file.

    Example:
        >>> video_suffix(b"RIFF....AVI ")
        '.avi'
    """
    if start[4:8] == b"ftyp":
        return ".mp4"
    if start.startswith(b"RIFF") and start[8:12] == b"AVI ":
        return ".avi"
    if start.startswith(b"\x1a\x45\xdf\xa3"):
        return ".mkv"
    raise Refusal(415, "the file is not a video that can be read", _VIDEOS)


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
