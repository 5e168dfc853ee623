"""The detector in threads of its own: pictures of all requests wait in one line."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Self, TypeVar

from mien.detect import Detector
from mien.results import Frame
from mien.vision.faces import finder_named, whole_picture
from mien.web.between import Between
from mien.web.refusals import busy
from mien.web.together import TogetherClassifier
from mien.web.upload import Upload

Result = TypeVar("Result")


class Engine:
    """Works on pictures off the event loop, several at a time. A ``with`` object; its threads end with the block.

    Args:
        model: a ``model.onnx`` or a run folder; the bundled model if not given.
        faces: how faces are found, see ``Detector``.
        threads: how many pictures are worked on at the same time.
        most: how many pictures may wait or be worked on.

    Attributes:
        classify: the classifier, one for all threads.
        waiting: how many pictures wait or are worked on now.

    Raises:
        ModelError: the file is not a model made by mien.

    Example:
        >>> with Engine() as engine:
        ...     faces = await engine.run(lambda detector, upload: detector(upload.data), uploads)
    """

    def __init__(
        self, model: str | Path | None = None, *, faces: str = "auto", threads: int = 2, most: int = 64
    ) -> None:
        self.classify, self.waiting, self._most = TogetherClassifier(model), 0, most
        self._faces = faces
        self._idle: SimpleQueue[Detector] = SimpleQueue()  # one a thread: finding faces does not share
        for _ in range(threads):
            self._idle.put(self.detector())
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="mien detects")
        self._aside = ThreadPoolExecutor(threads, thread_name_prefix="mien looks aside")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for pool in (self._pool, self._aside):
            pool.shutdown(cancel_futures=True)

    def detector(self) -> Detector:
        """Return a new detector whose faces go through the network together with everybody's."""
        return Detector(self.classify, faces=self._faces)

    def watch(self) -> Callable[[Frame], Frame]:
        """Return what fills the frames of one camera, in order, with faces that have tracks."""
        find = finder_named(self._faces)
        return Detector(self.classify, faces=find if find is whole_picture else Between(find, self._aside)).watch()

    async def run(self, work: Callable[[Detector, Upload], Result], uploads: Sequence[Upload]) -> list[Result]:
        """Return what ``work`` returns for each upload, in order; it is called in one of the threads.

        Raises:
            Refusal: 429 too many pictures wait.
        """
        if self.waiting + len(uploads) > self._most:
            raise busy(f"{self.waiting} pictures wait already")
        self.waiting += len(uploads)
        loop = asyncio.get_running_loop()
        jobs = [loop.run_in_executor(self._pool, self._lent, work, upload) for upload in uploads]
        try:
            return list(await asyncio.gather(*jobs))
        finally:
            for job in jobs:  # those that have not begun, where the caller has gone or one is broken
                job.cancel()
            self.waiting -= len(uploads)

    def _lent(self, work: Callable[[Detector, Upload], Result], upload: Upload) -> Result:
        detector = self._idle.get()
        try:
            return work(detector, upload)
        finally:
            self._idle.put(detector)
