"""Optional files, fetched once by ``mien models pull`` into the user's cache, checked, and then used offline."""

import hashlib
import os
import sys
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import build_opener

from mien.errors import DownloadError, MienError, ModelError
from mien.writing import write_file

CACHE = "MIEN_CACHE"  # environment: the folder of pulled files
MIRROR = "MIEN_MIRROR"  # environment: the address of a folder with copies of them
_PATIENCE = 30.0  # seconds without a byte after which a connection counts as dead
_LFS = b"version https://git-lfs"  # how a Git LFS pointer begins
_REPAIR = f"try again later, set {MIRROR} to a place that has {{file}}, or put that file into {CACHE} yourself"


@dataclass(frozen=True)
class Download:
    """A file that mien can fetch.

    Attributes:
        purpose: what it is for, a line.
        licence: of the file.
        address: where its makers publish it.
        size: bytes.
        sha256: of its content, in hexadecimal.
    """

    purpose: str
    licence: str
    address: str
    size: int
    sha256: str

    @property
    def file(self) -> str:
        """The file's name, in the cache and on a mirror."""
        return self.address.rpartition("/")[2]


DOWNLOADS = {
    "yunet": Download(
        purpose="finds faces better than the built-in Haar cascades, --faces auto uses it where it was pulled",
        licence="MIT, opencv_zoo",
        address="https://media.githubusercontent.com/media/opencv/opencv_zoo/main/models/face_detection_yunet/"
        "face_detection_yunet_2026may.onnx",
        size=229_738,
        sha256="ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0",
    )
}


def cache_folder() -> Path:
    """Return the folder of pulled files: ``MIEN_CACHE``, or ``mien`` in the place that the platform has for caches.

    That is ``$XDG_CACHE_HOME`` or ``~/.cache`` on Linux, ``~/Library/Caches`` on macOS, ``%LOCALAPPDATA%`` on Windows.

    Raises:
        ModelError: there is no such place, because the user has no home folder.
    """
    try:
        return _cache_folder()
    except RuntimeError as error:
        message = f"no home folder is known here, so pulled files have no place; set {CACHE} to a folder for them"
        raise ModelError(message) from error


def _cache_folder() -> Path:
    if os.environ.get(CACHE):
        return Path(os.environ[CACHE]).expanduser()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mien"


def place_of(name: str) -> Path:
    """Return where a file of ``DOWNLOADS`` lies once it is pulled.

    Raises:
        MienError: there is no file of that name, or no place for it.
    """
    return cache_folder() / _known(name).file


def is_pulled(name: str) -> bool:
    """Return whether a file of ``DOWNLOADS`` is in the cache."""
    wanted = _known(name)
    try:
        return (cache_folder() / wanted.file).is_file()
    except (ModelError, PermissionError):  # no home folder, or that of another user
        return False


def read_download(name: str) -> bytes:
    """Return the content of a pulled file; its hash is checked again.

    Raises:
        ModelError: it was never pulled, cannot be read, was changed since, or has no place.

    Example:
        >>> len(read_download("yunet"))
        229738
    """
    path = place_of(name)
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = "was never pulled" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        message = f"{name}: {path} {reason}; fetch it once, with a network: mien models pull {name}"
        raise ModelError(message) from error
    if hashlib.sha256(data).hexdigest() != _known(name).sha256:
        message = (
            f"{name}: {path} is not the file that was pulled (its SHA-256 differs); again: mien models pull {name}"
        )
        raise ModelError(message)
    return data


def pull(name: str) -> Path:
    """Fetch a file of ``DOWNLOADS`` into the cache and return where it lies; one that is there and whole is kept.

    It is checked by size and SHA-256 before it is written, and a reader sees it whole or not at all. Proxies are those
    of the environment (``HTTPS_PROXY``, ``NO_PROXY`` and the like); ``MIEN_MIRROR`` names another place to fetch from.

    Raises:
        DownloadError: the address cannot be reached, the connection breaks, or what comes is another file.
        OutputError: the cache cannot be written.
        MienError: there is no file of that name.

    Example:
        >>> pull("yunet").name
        'face_detection_yunet_2026may.onnx'
    """
    path = place_of(name)
    try:
        read_download(name)
    except ModelError:
        write_file(path, _fetched(name))
    return path


def _fetched(name: str) -> bytes:
    """Return a file's content from its address or the mirror, checked."""
    wanted, mirror = _known(name), os.environ.get(MIRROR, "")
    address = f"{mirror.rstrip('/')}/{wanted.file}" if mirror else wanted.address
    if not address.startswith(("https://", "http://")):
        message = f"{MIRROR}={mirror}: expected an address that begins with https:// or http://"
        raise DownloadError(message)
    try:
        with build_opener().open(address, timeout=_PATIENCE) as answer:
            data = answer.read(wanted.size + 1)
    except (OSError, HTTPException, ValueError) as error:  # ValueError: an address that is none
        if isinstance(error, HTTPError):
            error.close()
        message = f"{name}: {address} cannot be fetched ({error}); {_REPAIR.format(file=wanted.file)}"
        raise DownloadError(message) from error
    wrong = _wrong(bytes(data), wanted)
    if wrong:
        message = f"{name}: {address} sent {wrong}; {_REPAIR.format(file=wanted.file)}"
        raise DownloadError(message)
    return bytes(data)


def _wrong(data: bytes, wanted: Download) -> str:
    """Return what is wrong with what came, empty if nothing is."""
    if data.startswith(_LFS):
        return "a Git LFS pointer instead of the file"
    if len(data) != wanted.size:
        amount = f"{len(data):,} bytes" if len(data) < wanted.size else "more bytes"
        return f"{amount} instead of {wanted.size:,}"
    found = hashlib.sha256(data).hexdigest()
    return "" if found == wanted.sha256 else f"another file: SHA-256 {found[:12]}..., expected {wanted.sha256[:12]}..."


def _known(name: str) -> Download:
    if name not in DOWNLOADS:
        message = f"{name!r}: no such file to pull; expected one of {', '.join(DOWNLOADS)}"
        raise MienError(message)
    return DOWNLOADS[name]
