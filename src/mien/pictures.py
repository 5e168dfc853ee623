"""One decoder for every picture: file or bytes in, BGR uint8 out. Frames are BGR everywhere."""

from pathlib import Path
from threading import Lock
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from mien.errors import PictureError
from mien.headers import size_in_pixels

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
Picture = npt.NDArray[np.uint8]
_BACKDROP = 255  # what shows through transparent pixels
_JPEG, _PNG = b"\xff\xd8", b"\x89PNG"
_EXIF = (b"eXIf", b"EXIF")  # as PNG and WebP mark it
_ORIENTATION = 0x0112
_TOO_LARGE = "CV_IO_MAX_IMAGE_PIXELS"  # in OpenCV's error over its own limit, for kinds whose header is not read here
_SHRINK = "make it smaller, or cut it into parts"
LARGEST = 2**28  # pixels: 0.8 GB decoded; the largest cameras have 2e8


def read_picture(source: str | Path | bytes, *, name: str = "the given bytes") -> Picture:
    """Return a picture as BGR uint8 ``(height, width, 3)``.

    EXIF rotation is applied, 16 bits become 8, grey and CMYK become BGR, transparent pixels show white, of an animation
    the first frame is taken. Any path works, non-ASCII ones too.

    Args:
        source: a path, or what a picture file holds.
        name: what errors call bytes.

    Raises:
        PictureError: the file is missing, empty, no picture that OpenCV decodes, or has more than ``LARGEST`` pixels.

    Example:
        >>> read_picture("photo.jpg").shape
        (512, 512, 3)
    """
    if isinstance(source, bytes):
        return _decode(source, name)
    try:
        data = Path(source).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        reason = getattr(error, "strerror", None) or error
        message = f"{source}: cannot be read ({reason}); give the path of a picture"
        raise PictureError(message) from error
    return _decode(data, str(source))


def _decode(data: bytes, name: str) -> Picture:
    if not data:
        message = f"{name}: is empty; expected a picture ({', '.join(SUFFIXES)})"
        raise PictureError(message)
    width, height = size_in_pixels(data) or (0, 0)
    if width * height > LARGEST:
        message = f"{name}: has {width:,} x {height:,} pixels, more than {LARGEST / 1e6:.0f} million; {_SHRINK}"
        raise PictureError(message)
    try:
        picture = _decode_quietly(data)
    except cv2.error as error:
        picture = None
        if _TOO_LARGE in str(error):
            message = f"{name}: has more pixels than OpenCV reads (2^30); {_SHRINK}"
            raise PictureError(message) from error
    if picture is None:
        message = f"{name}: not a picture that can be decoded, or cut off; expected one of {', '.join(SUFFIXES)}"
        raise PictureError(message)
    return _to_bgr(picture)


def _decode_quietly(data: bytes) -> npt.NDArray[np.generic] | None:
    """Return what OpenCV makes of the bytes; None where it cannot, without its own lines on stderr."""
    if data.startswith(_PNG) and b"IEND" not in data:
        return None  # cut off: libpng would print it
    with QUIET:
        pixels = np.frombuffer(data, np.uint8)
        # IMREAD_COLOR turns a JPEG by its EXIF note; the other formats keep depth and transparency as they are,
        picture = cv2.imdecode(pixels, cv2.IMREAD_COLOR if data.startswith(_JPEG) else cv2.IMREAD_UNCHANGED)
        if picture is None or not any(mark in data for mark in _EXIF) or data.startswith(_JPEG):
            return picture
        if picture.ndim == 3 and picture.shape[2] == 4:  # which OpenCV does not turn
            return _turned(picture, _orientation(data))
        return cv2.imdecode(pixels, cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH)  # and are turned by this


def _orientation(data: bytes) -> int:
    """Return how a PNG or WebP is to be turned by its EXIF note, 1-8; 1, as it is, where it does not say."""
    start = max(data.find(b"II*\0", _noted(data)), data.find(b"MM\0*", _noted(data)))
    order: Literal["little", "big"] = "little" if data[start : start + 1] == b"I" else "big"

    def number(at: int, size: int) -> int:
        return int.from_bytes(data[start + at : start + at + size], order)

    first = number(4, 4)
    for entry in range(first + 2, first + 2 + 12 * number(first, 2), 12):
        if number(entry, 2) == _ORIENTATION and 1 <= number(entry + 8, 2) <= 8:
            return number(entry + 8, 2)
    return 1


def _noted(data: bytes) -> int:
    return max(data.rfind(mark) for mark in _EXIF)


def _turned(picture: npt.NDArray[np.generic], orientation: int) -> npt.NDArray[np.generic]:
    """Return a picture as its EXIF orientation wants it to be seen (Exif 2.3, tag 274)."""
    if orientation >= 5:
        picture = picture.swapaxes(0, 1)
    down = -1 if orientation in (3, 4, 7, 8) else 1
    across = -1 if orientation in (2, 3, 6, 7) else 1
    return np.ascontiguousarray(picture[::down, ::across])


class _Quiet:
    """Silences OpenCV's log while any thread is inside; the last one out puts the level back."""

    def __init__(self) -> None:
        self._lock, self._inside, self._level = Lock(), 0, 0

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                cv2.utils.logging.setLogLevel(self._level)


QUIET = _Quiet()


def _to_bgr(picture: npt.NDArray[np.generic]) -> Picture:
    """Return any decoded array as BGR uint8."""
    if picture.dtype == np.uint16:
        picture = (picture // 257).astype(np.uint8)
    elif picture.dtype != np.uint8:
        picture = np.clip(np.nan_to_num(picture.astype(np.float64)) * 255, 0, 255).astype(np.uint8)
    if picture.ndim == 2:
        return np.ascontiguousarray(np.repeat(picture[:, :, None], 3, axis=2)).astype(np.uint8)
    if picture.shape[2] == 4:
        alpha = picture[:, :, 3:].astype(np.uint16)
        mixed = (picture[:, :, :3].astype(np.uint16) * alpha + _BACKDROP * (255 - alpha) + 127) // 255
        return mixed.astype(np.uint8)
    return np.ascontiguousarray(picture).astype(np.uint8, copy=False)
