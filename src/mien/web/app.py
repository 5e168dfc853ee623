"""The application: routes, their place in the OpenAPI document, what happens to errors, and the guard around it all."""

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from mien import __version__
from mien.web import document
from mien.web.answers import ClassifyAnswer, DetectAnswer, FollowedAnswer, JobAnswer
from mien.web.api import Api
from mien.web.assets import add_assets
from mien.web.engine import Engine
from mien.web.guard import BROKEN, Guard
from mien.web.jobs import Jobs
from mien.web.refusals import Refusal
from mien.web.settings import Settings

_READS = (400, 408, 413, 415, 422, 429)


def make_app(engine: Engine, jobs: Jobs, settings: Settings) -> ASGIApp:
    """Return the ASGI application: page, API and live socket.

    Example:
        >>> with Engine() as engine, Jobs(engine, Scratch(settings), settings.limits) as jobs:
        ...     app = make_app(engine, jobs, settings)
    """
    app = FastAPI(
        title="mien",
        version=__version__,
        summary=document.SUMMARY,
        description=document.DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        license_info={"name": "MIT"},
    )
    api = Api(engine, jobs, settings.limits)
    _add_pictures(app, api)
    _add_videos(app, api)
    _add_about(app, api)
    app.add_api_websocket_route("/v1/live", api.live)
    add_assets(app)
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)
    return Guard(app, settings, api.metrics)


def _add_pictures(app: FastAPI, api: Api) -> None:
    app.post(
        "/v1/detect",
        tags=["pictures"],
        summary="Faces and expressions in pictures",
        response_model=DetectAnswer,
        responses={
            200: document.answer(
                document.DETECTED, "One result for each picture, in order.", image_png=document.binary()
            ),
            **document.errors(*_READS),
        },
        openapi_extra=document.pictures_body(),
    )(api.detect)
    app.post(
        "/v1/classify",
        tags=["pictures"],
        summary="Expressions of face crops",
        response_model=ClassifyAnswer,
        responses={
            200: document.answer(document.CLASSIFIED, "One result for each crop, in order."),
            **document.errors(*_READS),
        },
        openapi_extra=document.pictures_body(),
    )(api.classify)


def _add_videos(app: FastAPI, api: Api) -> None:
    app.post(
        "/v1/videos",
        tags=["videos"],
        status_code=202,
        summary="Send a video",
        response_model=JobAnswer,
        responses={202: document.answer(document.ACCEPTED, "It is queued."), **document.errors(*_READS, 507)},
        openapi_extra=document.video_body(),
    )(api.add_video)
    app.get(
        "/v1/videos/{video}",
        tags=["videos"],
        summary="Progress and rows of a video",
        response_model=FollowedAnswer,
        responses={
            200: document.answer(document.FOLLOWED, "Its state, and the rows from the cursor on."),
            **document.errors(400, 404, 422),
        },
    )(api.follow_video)
    for file, kind, serve in (
        ("annotated.mp4", "video/mp4", api.annotated_video),
        ("faces.csv", "text/csv", api.video_table),
    ):
        found = {"description": "The file.", "content": {kind: {"schema": document.binary()}}}
        app.get(
            f"/v1/videos/{{video}}/{file}",
            tags=["videos"],
            summary=f"{file} of a video that is done",
            response_class=Response,
            responses={200: found, **document.errors(404, 422)},
        )(serve)
    app.delete(
        "/v1/videos/{video}",
        tags=["videos"],
        status_code=204,
        summary="Cancel a video or remove its results",
        response_class=Response,
        responses={204: {"description": "It is gone."}, **document.errors(404, 422)},
    )(api.drop_video)


def _add_about(app: FastAPI, api: Api) -> None:
    routes: dict[str, tuple[str, Any]] = {
        "/v1/model": ("The model", api.model),
        "/v1/limits": ("The limits", api.limits),
        "/health": ("Whether the server is there", api.health),
    }
    for path, (summary, serve) in routes.items():
        app.get(path, tags=["about"], summary=summary, response_model=dict[str, Any], responses=document.errors())(
            serve
        )
    found = {"description": "Prometheus' text format.", "content": {"text/plain": {}}}
    app.get(
        "/metrics",
        tags=["about"],
        summary="Counts and durations",
        response_class=Response,
        responses={200: found, **document.errors()},
    )(api.numbers)


async def _refused(connection: HTTPConnection, error: Refusal) -> Response | None:
    if isinstance(connection, WebSocket):
        await connection.send_denial_response(error.answer())
        return None
    return error.answer()


async def _not_served(_: Request, error: HTTPException) -> Response:
    """Answer what the router refuses: no such path, no such method."""
    what = "there is nothing at this path" if error.status_code == 404 else error.detail.lower()
    return Refusal(error.status_code, what, "GET /docs tells what there is", error.headers).answer()


async def _senseless(_: Request, error: RequestValidationError) -> Response:
    """Answer a value that makes no sense, in one sentence."""
    first = error.errors()[0]
    what = f"{first['loc'][-1]}: {first['msg'].lower()}"
    return Refusal(422, what, "GET /docs tells what is expected").answer()


async def _broken(_: Request, error: Exception) -> Response:
    """Answer a fault of the server's own; the guard logs where it is."""
    return JSONResponse(BROKEN, 500)


_HANDLERS: dict[type[Exception], Any] = {
    Refusal: _refused,
    HTTPException: _not_served,
    RequestValidationError: _senseless,
    Exception: _broken,
}
