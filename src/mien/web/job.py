"""One video: its state, the rows that there are so far, and the work on it."""

import json
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

from mien.detect import Detector
from mien.errors import MienError
from mien.results import Frame
from mien.vision.media import read_video
from mien.vision.rows import CsvSink, JsonlSink
from mien.vision.sinks import Sink, VideoSink
from mien.vision.sources import Source
from mien.web.refusals import Refusal, storing
from mien.web.settings import Limits

RECEIVING, WAITING, RUNNING, DONE, FAILED, LOST = "receiving", "waiting", "running", "done", "failed", "lost"
ROWS, TABLE, ANNOTATED = "faces.jsonl", "faces.csv", "annotated.mp4"
_PAGE = 400_000  # bytes of rows in one answer


class Job:
    """One video.

    Attributes:
        name: the job's id, which cannot be guessed.
        file: what the caller calls the video.
        state: receiving, waiting, running, done, failed or lost.
        told: a line for people: why it failed, or what to know about the result.
        done, total: frames worked on, and frames that the video claims to have (0 if it does not say).
        ended: when it ended, in seconds since 1970; 0.0 until then.
        queued: its turn in the queue; None until its video has come.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.file, self.state, self.told = "", RECEIVING, ""
        self.done, self.total, self.ended = 0, 0, 0.0
        self.cancelled = Event()
        self.queued: Future[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is received, waits or is worked on."""
        return self.state in (RECEIVING, WAITING, RUNNING)

    def to_dict(self) -> dict[str, Any]:
        """Return the job without its rows, ready for JSON."""
        return {
            "id": self.name,
            "file": self.file,
            "state": self.state,
            "message": self.told,
            "frames_done": self.done,
            "frames_total": self.total,
        }

    def rows(self, start: int) -> tuple[list[dict[str, Any]], int]:
        """Return the rows from a place on, not all at once where they are many, and the place after them.

        Args:
            start: 0, or a place that was returned before.

        Raises:
            Refusal: 400, there is no row that begins there.
        """
        try:
            file = (self.folder / ROWS).open("rb")
        except FileNotFoundError:
            return [], 0
        with file:
            if start:
                file.seek(start - 1)
                if file.read(1) != b"\n":
                    raise Refusal(400, f"cursor {start}: no row begins there", "give 0, or the cursor of an answer")
            lines = file.read(_PAGE)
            if b"\n" not in lines:
                lines += file.readline()
        whole = lines[: lines.rfind(b"\n") + 1]
        return [json.loads(line) for line in whole.splitlines()], start + len(whole)


def work_on(job: Job, video: Path, detector: Detector, limits: Limits) -> None:
    """Write a job's rows and annotated video, until the video ends, a limit is reached or the job is cancelled.

    Ends with the job's state and message set; the video that was sent is removed.
    """
    notes: list[str] = []
    job.state = RUNNING

    def tell(line: str) -> None:
        notes.append(line.replace(str(video), job.file))

    try:
        with storing(), closing(_frames(job, video, detector, limits, tell)) as frames, ExitStack() as stack:
            annotated = stack.enter_context(VideoSink(job.folder, [Source(video, Path(ANNOTATED))], tell))
            rows: list[Sink] = [JsonlSink(job.folder / ROWS), CsvSink(job.folder / TABLE, detector.classify.labels)]
            for sink in rows:
                stack.enter_context(sink)
            for frame in frames:
                annotated.write(frame)
                for sink in rows:
                    sink.write(replace(frame, source=job.file))
                job.done += 1
        job.state = DONE
    except MienError as error:
        tell(str(error))
        job.state = FAILED
    finally:
        job.told = "; ".join(notes)
        video.unlink(missing_ok=True)


def _frames(job: Job, video: Path, detector: Detector, limits: Limits, tell: Callable[[str], None]) -> Generator[Frame]:
    """Yield the video's frames with their faces as far as the limits go."""
    began = monotonic()
    with closing(detector.follow(read_video(video, tell), max_faces=limits.faces)) as frames:
        for frame in frames:
            if job.cancelled.is_set():
                return
            if frame.index >= limits.video_frames:
                tell(f"stopped after {limits.video_frames} frames, the server's limit")
                return
            if monotonic() - began > limits.job_seconds:
                tell(f"stopped after {limits.job_seconds / 60:g} minutes, the server's limit")
                return
            yield frame
