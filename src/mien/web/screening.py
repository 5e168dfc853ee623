"""What a file is, told by its first bytes, before anything decodes it: its kind and its size in pixels."""

from mien.headers import Size, is_picture, size_in_pixels
from mien.web.refusals import Refusal, too_large
from mien.web.settings import Limits

_PICTURES = "send JPEG, PNG, WebP or BMP"
_VIDEOS = "send MP4, MOV, MKV, WebM or AVI"


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
    if not is_picture(data):
        what = f"{name}: not a picture" if data else f"{name}: is empty"
        raise Refusal(415, what, _PICTURES)
    size = size_in_pixels(data)
    if size is None:
        raise undecodable(name)
    width, height = size
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
