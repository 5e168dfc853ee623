"""A door camera that speaks RTSP: one caller, H.264 over the same connection."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import av

from tests.vision.filming import RATE, pan

_SDP = "\r\n".join(
    (
        *("v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=door", "c=IN IP4 127.0.0.1", "t=0 0"),
        *("m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=fmtp:96 packetization-mode=1", "a=control:1", ""),
    )
)


@contextmanager
def rtsp_door(pictures: int) -> Iterator[str]:
    """Yield the address of a camera that sends so many pictures to each caller and then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=_answer_all, args=(listening, pictures), daemon=True).start()
        yield f"rtsp://127.0.0.1:{listening.getsockname()[1]}/1"
        listening.shutdown(socket.SHUT_RDWR)


def _answer_all(listening: socket.socket, pictures: int) -> None:
    with suppress(OSError):
        while True:
            caller, _ = listening.accept()
            with caller, suppress(OSError):
                _answer(caller, pictures)


def _answer(caller: socket.socket, pictures: int) -> None:
    asked = caller.makefile("rb")
    while line := asked.readline().decode():
        method, address, _ = line.split()
        headers = {}
        while header := asked.readline().decode().strip():
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        told = ["RTSP/1.0 200 OK", f"CSeq: {headers['cseq']}", "Session: 7"]
        body = ""
        if method == "DESCRIBE":
            body = _SDP
            told += ["Content-Type: application/sdp", f"Content-Base: {address}/", f"Content-Length: {len(body)}"]
        elif method == "SETUP":
            told.append("Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        elif method == "OPTIONS":
            told.append("Public: DESCRIBE, SETUP, PLAY")
        caller.sendall("\r\n".join([*told, "", body]).encode())
        if method == "PLAY":
            _play(caller, pictures)
            return


def _play(caller: socket.socket, pictures: int) -> None:
    """Have FFmpeg cut a film into RTP packets; pass them on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
        packets.bind(("127.0.0.1", 0))
        packets.settimeout(1)
        address = f"rtp://127.0.0.1:{packets.getsockname()[1]}"
        with av.open(address, "w", format="rtp") as file:
            video = file.add_stream(
                "libx264", rate=RATE, options={"preset": "ultrafast", "tune": "zerolatency", "g": "10"}
            )
            video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
            for picture in pan(pictures):
                for packet in video.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")):
                    file.mux(packet)
                packets.settimeout(0.02)
                with suppress(TimeoutError):
                    while True:
                        data = packets.recv(2000)
                        caller.sendall(b"$\0" + len(data).to_bytes(2, "big") + data)
