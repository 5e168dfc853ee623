"""H.264 videos by PyAV, the sound of their origin copied; a killed run leaves one that plays."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mien.pictures import Picture
from mien.vision.fitting import even_size, fitted
from mien.vision.saving import unwritable

if TYPE_CHECKING:
    import av

_SOUNDS = ("aac", "mp3", "opus", "flac", "ac3", "eac3", "alac")  # codecs that fit into mp4 as they are
_QUALITY = {"preset": "veryfast", "crf": "20"}  # of libx264; lower crf is better and larger
# Fragments of a second, so that a killed run leaves a file that plays; finishing turns them into a plain mp4.
_KILL_SAFE = {
    "movflags": "+frag_keyframe+delay_moov+default_base_moof",
    "frag_duration": "1000000",
    "flush_packets": "1",
}
_BT601 = 6  # SMPTE 170M: what turning BGR into YUV uses
_STUDIO_RANGE = 1
_ROOM = 4  # pictures that wait to be encoded
_FINE = Fraction(1, 90_000)  # seconds; the clock of MPEG, where the source tells no other
_SLOWEST = Fraction(1, 1001)  # frames a second


class H264Movie:
    """H.264 by PyAV, the sound copied packet by packet as the pictures come, so that memory stays constant.

    It works in a thread of its own, beside what makes the pictures, where Ctrl-C cannot part a packet from its file.
    A ``Movie``; see ``open_movie`` for the arguments, of which ``rate`` is in frames a second.

    Example:
        >>> movie = H264Movie(Path("out.mp4"), Path("clip.mp4"), 25.0, print)
        >>> movie.write(picture, 0.0)
        >>> movie.finish()
    """

    def __init__(self, target: Path, origin: Path | None, rate: float, tell: Callable[[str], None]) -> None:
        import av

        self._target, self._broken = target, (OSError, av.FFmpegError)
        self._rate = Fraction(rate).limit_denominator(1001) or _SLOWEST
        self._video: Any = None
        self._size, self._clock, self._last, self._begins, self._end = (0, 0), _FINE, -1, 0.0, 0.0
        self._sound: _Sound | None = None
        self._is_closed = False
        self._worker, self._jobs = ThreadPoolExecutor(1, "mien writes"), deque[Future[None]]()
        try:
            self._file = av.open(str(target), "w", format="mp4", options=_KILL_SAFE)
        except self._broken as error:
            raise unwritable(target, error) from error
        if origin is not None:
            self._open_origin(origin, tell)

    def _open_origin(self, origin: Path, tell: Callable[[str], None]) -> None:
        import av

        try:
            source = av.open(str(origin.absolute()))
        except self._broken:  # OpenCV reads it, PyAV does not: pictures alone
            return
        if source.streams.video and source.streams.video[0].time_base:
            self._clock = source.streams.video[0].time_base
        if source.streams.video and source.streams.audio:
            codec = source.streams.audio[0].codec_context.name
            if codec in _SOUNDS:
                self._sound = _Sound(source)
                return
            tell(f"{origin}: its sound ({codec}) does not fit into mp4 and is left out")
        source.close()

    def write(self, image: Picture, time: float) -> None:
        """Append a picture, see ``Movie``."""
        if len(self._jobs) == _ROOM:
            self._jobs.popleft().result()
        self._jobs.append(self._worker.submit(self._encode, image, time))

    def _encode(self, image: Picture, time: float) -> None:
        import av

        if self._video is None:
            self._start(even_size(image), time)
        time -= self._begins
        frame = av.VideoFrame.from_ndarray(fitted(image, self._size), format="bgr24")
        self._end = time + 1 / float(self._rate)
        frame.pts = self._last = max(self._last + 1, round(Fraction(time) / self._clock))
        frame.time_base = self._clock
        frame.duration = round(1 / self._rate / self._clock)
        try:
            self._file.mux(self._video.encode(frame))
            if self._sound is not None:
                self._sound.copy_until(time, self._file)
        except self._broken as error:
            raise unwritable(self._target, error) from error

    def _start(self, size: tuple[int, int], time: float) -> None:
        self._size, self._begins = size, time
        self._video = self._file.add_stream("libx264", rate=self._rate, options=_QUALITY)
        self._video.width, self._video.height, self._video.pix_fmt = *size, "yuv420p"
        context = self._video.codec_context
        context.time_base, context.colorspace, context.color_range = self._clock, _BT601, _STUDIO_RANGE
        if self._sound is not None:
            self._sound.add_to(self._file, time)

    def finish(self) -> None:
        """Write what is held back, close the file, and put its index at the front where there is room for a copy."""
        if self._is_closed:
            return
        try:
            while self._jobs:
                self._jobs.popleft().result()
            self._worker.submit(self._complete).result()
        finally:
            self.close()

    def _complete(self) -> None:
        try:
            if self._video is not None:
                self._file.mux(self._video.encode(None))
                if self._sound is not None:
                    self._sound.copy_until(self._end, self._file)
            self._file.close()
        except self._broken as error:
            raise unwritable(self._target, error) from error
        if self._last >= 0:
            with suppress(*self._broken):  # no room for a copy: the fragments play too
                _make_plain(self._target)

    def close(self) -> None:
        """Close the file as it is; it plays, without what is held back."""
        self._is_closed = True
        self._worker.shutdown(cancel_futures=True)
        with suppress(*self._broken):  # its end does not fit either; what there is of it stays
            self._file.close()
        if self._sound is not None:
            self._sound.close()


def _make_plain(target: Path) -> None:
    """Turn a fragmented mp4 into one with its index at the front, packet by packet."""
    import av

    plain = target.with_suffix(".plain.mp4")
    try:
        with av.open(str(target)) as source, av.open(str(plain), "w", options={"movflags": "+faststart"}) as file:
            copies = {stream.index: file.add_stream_from_template(stream) for stream in source.streams}
            for packet in source.demux():
                if packet.dts is not None:
                    packet.stream = copies[packet.stream.index]
                    file.mux(packet)
        plain.replace(target)
    finally:
        plain.unlink(missing_ok=True)


class _Sound:
    """The first sound track of a video, copied without decoding."""

    def __init__(self, source: "av.container.InputContainer") -> None:
        self._source, track = source, source.streams.audio[0]
        self._packets = source.demux(track)
        self._track, self._copy = track, track
        self._waiting: Any = None
        video = source.streams.video[0]
        start = (video.start_time or 0) * (video.time_base or _FINE)  # times of frames count from here
        self._shift = round(start / (track.time_base or _FINE))
        self._begins = False  # whether sound before the first picture is left out

    def add_to(self, file: "av.container.OutputContainer", time: float) -> None:
        """Add the track to a file whose first picture is at a time of the origin, in seconds."""
        self._copy = file.add_stream_from_template(self._track)
        self._begins = time > 0
        self._shift += round(Fraction(time) / (self._track.time_base or _FINE))

    def copy_until(self, time: float, file: "av.container.OutputContainer") -> None:
        """Copy the packets up to a time in seconds; the next one waits for its turn."""
        while True:
            packet = self._waiting or next(self._packets, None)
            if packet is None or packet.dts is None:  # the end: a packet without a time says so
                return
            if packet.dts - self._shift > time / packet.time_base:
                self._waiting = packet
                return
            self._waiting = None
            if self._begins and packet.dts < self._shift:
                continue
            packet.dts -= self._shift
            packet.pts = packet.dts if packet.pts is None else packet.pts - self._shift
            packet.stream = self._copy
            file.mux(packet)

    def close(self) -> None:
        self._source.close()
