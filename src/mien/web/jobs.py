"""The videos of all callers: queued, worked on one after the other, forgotten when they expire."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock, Timer
from time import time
from typing import Any, Self

from mien.errors import MienError, OutputError
from mien.vision.capture import open_video
from mien.web.engine import Engine
from mien.web.job import FAILED, LOST, WAITING, Job, work_on
from mien.web.refusals import Refusal, busy, storing, too_large
from mien.web.scratch import Scratch
from mien.web.settings import Limits

_LOST = "the server was stopped while it worked on this video; send it again"


class Jobs:
    """The videos of all callers, one worked on at a time. A ``with`` object; its block's end cancels what runs.

    Args:
        engine: gives the detector.
        scratch: where files lie.
        limits: ``jobs``, ``video_frames``, ``job_seconds``, ``picture_pixels``, ``kept_seconds``.

    Example:
        >>> with Jobs(engine, scratch, Limits()) as jobs:
        ...     job = jobs.add()
        ...     jobs.start(job, job.folder / "video.mp4", "clip.mp4")
    """

    def __init__(self, engine: Engine, scratch: Scratch, limits: Limits) -> None:
        self._engine, self._scratch, self._limits = engine, scratch, limits
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="mien works on videos")
        self._jobs: dict[str, Job] = {}
        self._ending = Lock()  # so that a job is either dropped or kept, never half of each
        for name, state in scratch.remembered():
            self._jobs[name] = self._found(name, state)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for job in list(self._jobs.values()):  # a list here and below: timers remove jobs meanwhile
            job.cancelled.set()
        self._pool.shutdown(cancel_futures=True)
        self._scratch.close()

    @property
    def open(self) -> int:
        """How many videos are received, wait or are worked on."""
        return sum(job.is_open for job in list(self._jobs.values()))

    def _found(self, name: str, state: dict[str, Any]) -> Job:
        """Return a job of the server before this one; one that it was working on is lost."""
        job = Job(name, self._scratch.place(name))
        job.file, job.state, job.told = state["file"], state["state"], state["message"]
        job.done, job.total, job.ended = state["frames_done"], state["frames_total"], state["ended"]
        if job.is_open:
            self._scratch.empty(name)
            job.state, job.told = LOST, _LOST
            self._close(job)
        else:
            self._expire_later(job)
        return job

    def add(self) -> Job:
        """Return a new job, whose video is to come.

        Raises:
            Refusal: 429 there are enough, 507 there is no room.
        """
        self.expire()
        if self.open >= self._limits.jobs:
            raise busy(f"{self.open} videos are worked on or wait already")
        name = secrets.token_urlsafe(16)
        with storing():
            self._jobs[name] = Job(name, self._scratch.add(name))
        return self._jobs[name]

    def start(self, job: Job, video: Path, file: str) -> None:
        """Queue a job whose video has come.

        Raises:
            Refusal: 413 it has more frames or pixels than allowed, 422 it cannot be decoded, 507 there is no room. Then
                it is not queued, and ``drop`` removes it.
        """
        job.file, job.total = file, _frames_of(video, file, self._limits)
        with storing():
            self._remember(job)
        job.state = WAITING
        job.queued = self._pool.submit(self._work, job, video)

    def _work(self, job: Job, video: Path) -> None:
        """Work on a video, in the thread; whatever happens, the job ends and the thread goes on to the next."""
        try:
            if not job.cancelled.is_set():
                work_on(job, video, self._engine.detector(), self._limits)
        except Exception:  # noqa: BLE001
            job.state, job.told = FAILED, "the server could not work on this video"
        self._close(job)

    def _close(self, job: Job) -> None:
        """Keep what a job has come to, or remove it if it was cancelled."""
        ended = time()
        with self._ending:
            if job.cancelled.is_set():
                self._scratch.drop(job.name)
            else:
                with suppress(OutputError):  # no room: it ends all the same, only a restarted server will call it lost
                    self._remember(job, ended)
            job.ended = ended  # from here on it counts as ended
        self._expire_later(job)

    def _expire_later(self, job: Job) -> None:
        """Have a job's results removed in time, whether or not anybody asks."""
        waits = Timer(max(0.0, job.ended + self._limits.kept_seconds - time()), self.expire)
        waits.daemon = True
        waits.start()

    def _remember(self, job: Job, ended: float = 0.0) -> None:
        self._scratch.remember(job.name, {**job.to_dict(), "ended": ended})

    def get(self, name: str) -> Job:
        """Return a job.

        Raises:
            Refusal: 404, there is none of that id.
        """
        self.expire()
        job = self._jobs.get(name)
        if job is None:
            what = "there is no such video: unknown, deleted or expired"
            raise Refusal(404, what, "send it again with POST /v1/videos")
        return job

    def drop(self, job: Job) -> None:
        """Cancel a job and remove everything of it."""
        with self._ending:
            job.cancelled.set()
            self._jobs.pop(job.name, None)
            if job.queued is None or job.ended or job.queued.cancel():  # else its thread does, when it leaves the files
                self._scratch.drop(job.name)

    def expire(self) -> None:
        """Remove the jobs that ended long ago."""
        for job in list(self._jobs.values()):
            if job.ended and time() - job.ended >= self._limits.kept_seconds:
                self.drop(job)


def _frames_of(video: Path, file: str, limits: Limits) -> int:
    """Return how many frames a video claims to have, 0 if it does not say."""
    try:
        with open_video(video) as capture:
            width, height = capture.size
            count = capture.count
    except MienError as error:
        what = f"{file}: a video that cannot be decoded, or cut off"
        raise Refusal(422, what, "save it as MP4 (H.264) and send it again") from error
    if count > limits.video_frames:
        raise too_large(f"{file}: has {count} frames, more than {limits.video_frames}", "cut it and send the parts")
    if width * height > limits.picture_pixels:
        raise too_large(f"{file}: has pictures of {width} x {height} pixels", "save it smaller and send it again")
    return count
