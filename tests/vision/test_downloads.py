"""Pulling files: from a server on this machine, whole and broken ones."""

import errno
import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mien.errors import DownloadError, MienError, ModelError, OutputError
from mien.vision import downloads
from mien.vision.downloads import DOWNLOADS, Download, cache_folder, is_pulled, place_of, pull, read_download

CONTENT = bytes(range(256)) * 40
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:ebafce\nsize 229738\n"


@dataclass
class Server:
    """Answers every request with what it is told to."""

    address: str
    asked: list[str] = field(default_factory=list)
    body: bytes = CONTENT
    claims: int | None = None  # Content-Length, if not the body's
    status: int = 200


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            self.send_response(told.status)
            self.send_header("Content-Length", str(len(told.body) if told.claims is None else told.claims))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        told = Server(f"http://127.0.0.1:{http.server_address[1]}")
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield told
        http.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache and a way past any proxy."""
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("MIEN_MIRROR", raising=False)
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def face(server: Server, monkeypatch: pytest.MonkeyPatch) -> Download:
    """A file ``face`` that the server publishes."""
    published = Download("for tests", "none", f"{server.address}/zoo/face.onnx", len(CONTENT), sha(CONTENT))
    monkeypatch.setitem(DOWNLOADS, "face", published)
    return published


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def left(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.rglob("*")) if cache.exists() else []


def test_nothing_is_pulled_at_first():
    assert not is_pulled("face")
    with pytest.raises(ModelError, match=r"face\.onnx was never pulled; .*: mien models pull face"):
        read_download("face")


def test_a_pulled_file_is_there_and_read_without_a_network(server: Server, cache: Path):
    assert pull("face") == cache / "face.onnx"
    assert is_pulled("face")
    server.status = 500
    assert read_download("face") == CONTENT
    assert left(cache) == ["face.onnx"]


def test_a_second_pull_asks_nobody(server: Server):
    assert pull("face") == pull("face")
    assert server.asked == ["/zoo/face.onnx"]


def test_a_changed_file_is_refused_and_pulled_again(cache: Path):
    pull("face").write_bytes(b"changed")
    with pytest.raises(ModelError, match=r"its SHA-256 differs\); again: mien models pull face"):
        read_download("face")
    pull("face")
    assert read_download("face") == CONTENT


@pytest.mark.parametrize("tail", ["", "/"])
def test_a_mirror_is_asked_instead(server: Server, monkeypatch: pytest.MonkeyPatch, tail: str):
    monkeypatch.setenv("MIEN_MIRROR", f"{server.address}/copies{tail}")
    pull("face")
    assert server.asked == ["/copies/face.onnx"]


def test_a_proxy_of_the_environment_is_used(server: Server, monkeypatch: pytest.MonkeyPatch, face: Download):
    monkeypatch.setenv("http_proxy", server.address)
    monkeypatch.delenv("no_proxy")
    monkeypatch.setitem(DOWNLOADS, "face", Download("", "", "http://zoo.invalid/face.onnx", len(CONTENT), sha(CONTENT)))
    pull("face")
    assert server.asked == ["http://zoo.invalid/face.onnx"]


def pointer(server: Server) -> None:
    server.body = POINTER


def other(server: Server) -> None:
    server.body = CONTENT[::-1]


def longer(server: Server) -> None:
    server.body = CONTENT * 2


def cut(server: Server) -> None:
    server.body, server.claims = CONTENT[:100], len(CONTENT)


def missing(server: Server) -> None:
    server.status = 404


@pytest.mark.parametrize(
    ("breaks", "told"),
    [
        (pointer, "sent a Git LFS pointer instead of the file"),
        (other, "sent another file: SHA-256 "),
        (longer, "sent more bytes instead of 10,240"),
        (cut, "sent 100 bytes instead of 10,240|cannot be fetched"),
        (missing, "cannot be fetched .*404"),
    ],
)
def test_what_is_not_the_file_is_told_and_not_kept(
    server: Server, cache: Path, breaks: Callable[[Server], None], told: str
):
    breaks(server)
    with pytest.raises(DownloadError, match=told) as caught:
        pull("face")
    assert "face.onnx" in str(caught.value)
    assert "set MIEN_MIRROR to a place that has face.onnx" in str(caught.value)
    assert left(cache) == []


def test_a_broken_pull_leaves_the_old_file(server: Server, cache: Path):
    pull("face").write_bytes(b"changed")
    server.body = POINTER
    with pytest.raises(DownloadError):
        pull("face")
    assert (cache / "face.onnx").read_bytes() == b"changed"


def test_nobody_at_the_address_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MIEN_MIRROR", "http://127.0.0.1:9")
    with pytest.raises(DownloadError, match=r"http://127\.0\.0\.1:9/face\.onnx cannot be fetched"):
        pull("face")


@pytest.mark.parametrize("mirror", ["file:///etc", "copies", "ftp://copies"])
def test_a_mirror_that_is_no_web_address_is_refused(monkeypatch: pytest.MonkeyPatch, mirror: str):
    monkeypatch.setenv("MIEN_MIRROR", mirror)
    with pytest.raises(DownloadError, match=r"MIEN_MIRROR=.*expected an address that begins with https://"):
        pull("face")


def test_a_full_disk_is_told_and_leaves_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch):
    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("mien.writing.os.fsync", full)
    with pytest.raises(OutputError, match=r"face\.onnx: cannot be written \(No space left on device\)"):
        pull("face")
    assert left(cache) == []


def test_a_name_that_is_none_is_a_clear_error():
    for ask in (pull, read_download, place_of, is_pulled):
        with pytest.raises(MienError, match="'retina': no such file to pull; expected one of yunet"):
            ask("retina")


def test_the_cache_lies_where_the_platform_has_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("MIEN_CACHE")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    expected = {"linux": ".cache/mien", "darwin": "Library/Caches/mien", "win32": "AppData/Local/mien"}
    for platform, place in expected.items():
        monkeypatch.setattr(downloads.sys, "platform", platform)
        assert cache_folder() == tmp_path / place
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_folder() == tmp_path / "local" / "mien"
    monkeypatch.setattr(downloads.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "mien"


def test_without_a_home_nothing_is_pulled_and_a_pull_says_where_it_could_go(monkeypatch: pytest.MonkeyPatch):
    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("MIEN_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", unknown)
    monkeypatch.setattr(downloads.sys, "platform", "linux")
    assert not is_pulled("face")
    for ask in (pull, read_download, place_of):
        with pytest.raises(ModelError, match=r"no home folder is known here.*set MIEN_CACHE to a folder"):
            ask("face")


def test_in_the_home_of_another_user_nothing_is_pulled(monkeypatch: pytest.MonkeyPatch):
    def forbidden(self: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "is_file", forbidden)
    assert not is_pulled("face")


def test_what_can_be_pulled_is_well_described():
    yunet = DOWNLOADS["yunet"]
    assert yunet.file == "face_detection_yunet_2026may.onnx"
    assert len(yunet.sha256) == 64
    assert yunet.address.startswith("https://")
