"""The routes below ``/v1``: each reads what was sent, lets the engine work, and answers."""

import asyncio
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.websockets import WebSocket

from mien import __version__
from mien.labels import color_of
from mien.web.answers import drawn_faces, told_expression, told_faces, told_model, told_whole_model
from mien.web.engine import Engine
from mien.web.job import ANNOTATED, DONE, TABLE
from mien.web.jobs import Jobs
from mien.web.live import Live
from mien.web.metrics import Metrics
from mien.web.refusals import Refusal
from mien.web.screening import check_picture
from mien.web.settings import Limits
from mien.web.upload import Held, Upload, save_video

Cursor = Annotated[int, Query(ge=0, le=2**53, description="where the rows begin: 0, or the cursor of an answer")]


class Api:
    """What the routes do.

    Args:
        engine: where pictures are looked at.
        jobs: the videos.
        limits: what is too much.

    Attributes:
        metrics: the counts that ``/metrics`` tells.
    """

    def __init__(self, engine: Engine, jobs: Jobs, limits: Limits) -> None:
        self._engine, self._jobs, self._limits = engine, jobs, limits
        self._held = Held(limits)
        self.metrics = Metrics(
            {
                "pictures_waiting": ("Pictures that wait or are looked at.", lambda: engine.waiting),
                "held_bytes": ("Bytes of request bodies in memory.", lambda: self._held.bytes),
                "live_sockets": ("Open live sockets.", lambda: self._live.open),
                "videos_open": ("Videos that are received, wait or are worked on.", lambda: jobs.open),
            }
        )
        self._live = Live(engine, limits, self.metrics.count)

    async def detect(self, request: Request) -> Response:
        """Find the faces in pictures and tell their expressions.

        Several pictures as multipart, or one as the whole body. `Accept: image/png` answers one picture with its faces
        drawn in.
        """
        async with self._held.reading(request) as uploads:
            self._check(uploads)
            if wants_png(request.headers.get("accept", "")):
                if len(uploads) > 1:
                    raise Refusal(400, "Accept: image/png with several files", "send one file, or accept JSON")
                (drawn,) = await self._engine.run(partial(drawn_faces, most=self._limits.faces), uploads)
                self.metrics.count("pictures")
                return Response(drawn, media_type="image/png")
            results = await self._engine.run(partial(told_faces, most=self._limits.faces), uploads)
        self.metrics.count("pictures", len(results))
        self.metrics.count("faces", sum(len(result["faces"]) for result in results))
        return self._answer(results)

    async def classify(self, request: Request) -> Response:
        """Tell the expressions of face crops: each picture is one face."""
        async with self._held.reading(request) as uploads:
            self._check(uploads)
            results = await self._engine.run(told_expression, uploads)
        self.metrics.count("crops", len(results))
        return self._answer(results)

    def _check(self, uploads: list[Upload]) -> None:
        for upload in uploads:
            check_picture(upload.data, upload.name, self._limits)

    def _answer(self, results: list[dict[str, Any]]) -> Response:
        return JSONResponse({"results": results, "model": told_model(self._engine.classify)})

    async def add_video(self, request: Request) -> Response:
        """Send a video; its job's id comes back at once."""
        job = self._jobs.add()
        try:
            video, file = await save_video(request, job.folder, self._limits)
            await asyncio.to_thread(self._jobs.start, job, video, file)
        except BaseException:
            self._jobs.drop(job)
            raise
        self.metrics.count("videos")
        return JSONResponse(job.to_dict(), 202, {"Location": f"/v1/videos/{job.name}"})

    async def follow_video(self, video: str, cursor: Cursor = 0) -> Response:
        """Tell how far a video is, and the rows from a cursor on, one a frame."""
        job = self._jobs.get(video)
        told = job.to_dict()  # before the rows: a job that is done has all of them
        rows, after = await asyncio.to_thread(job.rows, cursor)
        self._jobs.get(video)  # it may have gone meanwhile
        return JSONResponse({**told, "rows": rows, "cursor": after})

    async def annotated_video(self, video: str) -> Response:
        """Return the video with boxes and labels drawn in, once it is done."""
        return self._file(video, ANNOTATED, "video/mp4")

    async def video_table(self, video: str) -> Response:
        """Return the rows as CSV, one a face, once the video is done."""
        return self._file(video, TABLE, "text/csv; charset=utf-8")

    def _file(self, video: str, name: str, kind: str) -> Response:
        job = self._jobs.get(video)
        path, found = job.folder / name, None
        with suppress(FileNotFoundError):
            found = path.stat()
        if job.state != DONE or found is None:
            raise Refusal(
                404, f"the video is {job.state}: {job.told or 'this comes when it is done'}", "ask for its state"
            )
        return FileResponse(path, media_type=kind, filename=name, stat_result=found)

    async def drop_video(self, video: str) -> Response:
        """Cancel a video, or remove its results."""
        self._jobs.drop(self._jobs.get(video))
        return Response(status_code=204)

    async def live(self, socket: WebSocket) -> None:
        """Serve a live socket."""
        await self._live.serve(socket)

    async def model(self) -> Response:
        """Tell everything that the model file says of itself, and the colour of each label."""
        told = told_whole_model(self._engine.classify)
        colors = {name: f"#{bytes(color_of(name, place)).hex()}" for place, name in enumerate(told["labels"])}
        return JSONResponse({**told, "colors": colors})

    async def limits(self) -> Response:
        """Tell what is too much."""
        return JSONResponse(asdict(self._limits))

    async def health(self) -> Response:
        """Tell that the server is there and its model is loaded."""
        return JSONResponse({"status": "ok", "version": __version__})

    async def numbers(self) -> Response:
        """Tell counts and durations as Prometheus reads them."""
        return PlainTextResponse(self.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def wants_png(accept: str) -> bool:
    """Return whether an ``Accept`` header prefers an annotated picture to JSON.

    Example:
        >>> wants_png("image/png"), wants_png("*/*"), wants_png("application/json, image/png;q=0.5")
        (True, False, False)
    """
    best = ("", 0.0)
    for entry in accept.lower().split(","):
        kind, _, rest = entry.strip().partition(";")
        _, _, told = rest.replace(" ", "").partition("q=")
        try:
            weight = float(told or 1)
        except ValueError:
            weight = 0.0
        if weight > best[1]:
            best = (kind.strip(), weight)
    return best[0] in ("image/png", "image/*")
