"""One decoder for every picture: file or bytes in, BGR uint8 out. Frames are BGR everywhere."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from mien.errors import PictureError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
Picture = npt.NDArray[np.uint8]
_BACKDROP = 255  # what shows through transparent pixels
_JPEG = b"\xff\xd8"


def read_picture(source: str | Path | bytes) -> Picture:
    """Return a picture as BGR uint8 ``(height, width, 3)``.

    EXIF rotation is applied, 16 bits become 8, grey becomes BGR, transparent pixels show white, of an animation
    the first frame is taken. Any path works, non-ASCII ones too.

    Raises:
        PictureError: the file is missing, empty or not a picture that OpenCV can decode.

    Example:
        >>> read_picture("photo.jpg").shape
        (512, 512, 3)
    """
    if isinstance(source, bytes):
        return _decode(source, "the given bytes")
    try:
        data = Path(source).read_bytes()
    except OSError as error:
        message = f"{source}: cannot be read ({error.strerror or error}); give the path of a picture"
        raise PictureError(message) from error
    return _decode(data, str(source))


def _decode(data: bytes, name: str) -> Picture:
    if not data:
        message = f"{name}: is empty; expected a picture ({', '.join(SUFFIXES)})"
        raise PictureError(message)
    # IMREAD_COLOR turns a JPEG by its EXIF note; the other formats keep depth and transparency with IMREAD_UNCHANGED.
    mode = cv2.IMREAD_COLOR if data.startswith(_JPEG) else cv2.IMREAD_UNCHANGED
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), mode)
    except cv2.error:
        picture = None
    if picture is None:
        message = f"{name}: not a picture that can be decoded; expected one of {', '.join(SUFFIXES)}"
        raise PictureError(message)
    return _to_bgr(picture)


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
