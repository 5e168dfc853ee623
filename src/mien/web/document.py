"""What the OpenAPI document says beside the routes: how bodies look, how errors look, examples."""

from typing import Any

from mien.labels import LABELS
from mien.web.answers import ErrorAnswer

SUMMARY = "Which apparent expression do faces show? Pictures, videos and live frames in, boxes and probabilities out."
DESCRIPTION = """Frames go only to this server. Pictures and live frames are never written to disk; a video and its
results lie in a private temporary folder until they are deleted or expire. An expression is what a face shows, not what
a person feels. Not for use at workplaces or in schools.

Where the server has a token, send `Authorization: Bearer TOKEN`. A live socket, `/v1/live`, takes a picture's bytes as
a binary message and answers, for the newest that has come, `{"frame": N, "width", "height", "faces", ...}`; a browser
offers the subprotocols `mien` and `bearer.TOKEN`."""

_BINARY = {"type": "string", "format": "binary"}
_PICTURES = ("image/jpeg", "image/png", "image/webp", "image/bmp", "application/octet-stream")
_VIDEOS = (
    "video/mp4",
    "video/quicktime",
    "video/webm",
    "video/x-matroska",
    "video/x-msvideo",
    "application/octet-stream",
)
# status -> when, then an example: what is wrong, how to mend it
_WHY = {
    400: ("The request is not whole or not as described.", "the request has no file", "send it as multipart/form-data"),
    401: ("The token is missing or wrong.", "this server wants a token", "send the header Authorization: Bearer TOKEN"),
    403: (
        "A page of another origin, or a host name that is not this server's.",
        "a page from elsewhere may not call this server",
        "open the server's own page",
    ),
    404: ("There is none of that id.", "there is no such video: unknown, deleted or expired", "send it again"),
    408: ("The body came too slowly.", "the body did not come within 30 seconds", "send it again"),
    413: ("Over a limit.", "photo.jpg: larger than 10 MB", "shrink it, or save it as JPEG, and send it again"),
    415: ("Not a kind of file that is read.", "notes.txt: not a picture", "send JPEG, PNG, WebP or BMP"),
    422: (
        "Cut off or broken, or a value that makes no sense.",
        "photo.jpg: a picture that is cut off or broken",
        "save or copy it again and send that",
    ),
    429: ("The server has enough to do.", "64 pictures wait already", "wait a second and ask again"),
    507: (
        "The server's disk is full, or its folder cannot be written.",
        "the server has no room to store this video",
        "free room on the server's disk, then send it again",
    ),
}
_ROW = {
    "label": "happy",
    "confidence": 0.99,
    "uncertain": False,
    "probabilities": dict.fromkeys(LABELS, 0.0) | {"happy": 0.99, "neutral": 0.01},
}
_FACE = {"box": [177, 66, 95, 95], **_ROW, "track": None, "raw_probabilities": None}
_MODEL = {"name": "bundled (mien.onnx)", "labels": list(LABELS), "uncertain_below": 0.4}
DETECTED = {
    "results": [{"file": "astronaut.jpg", "width": 512, "height": 512, "faces": [_FACE], "faces_left_out": 0}],
    "model": _MODEL,
}
CLASSIFIED = {"results": [{"file": "crop.png", **_ROW}], "model": _MODEL}
ACCEPTED = {
    "id": "kq3X0b1vT9c7mJ2d5sYw8A",
    "file": "clip.mp4",
    "state": "waiting",
    "message": "",
    "frames_done": 0,
    "frames_total": 472,
}
ROW = {"source": "clip.mp4", "index": 0, "time": 0.0, "width": 640, "height": 360, "faces": [_FACE]}
FOLLOWED = {**ACCEPTED, "state": "running", "frames_done": 1, "rows": [ROW], "cursor": 512}


def pictures_body() -> dict[str, Any]:
    """Return how pictures are sent: several as multipart, or one as the whole body."""
    several = {"type": "object", "properties": {"file": {"type": "array", "items": _BINARY}}, "required": ["file"]}
    return _body(several, _PICTURES)


def video_body() -> dict[str, Any]:
    """Return how a video is sent: as multipart, or as the whole body."""
    return _body({"type": "object", "properties": {"file": _BINARY}, "required": ["file"]}, _VIDEOS)


def _body(multipart: dict[str, Any], kinds: tuple[str, ...]) -> dict[str, Any]:
    content = {"multipart/form-data": {"schema": multipart}} | {kind: {"schema": _BINARY} for kind in kinds}
    return {"requestBody": {"required": True, "content": content}}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return how errors of these statuses look, with an example each; 401 and 403 can always be."""
    found: dict[int | str, dict[str, Any]] = {}
    for status in sorted({401, 403, *statuses}):
        when, error, repair = _WHY[status]
        example = {"application/json": {"example": {"error": error, "repair": repair}}}
        found[status] = {"model": ErrorAnswer, "description": when, "content": example}
    return found


def answer(example: object, when: str, **others: object) -> dict[str, Any]:
    """Return how a good answer looks: as JSON, and as whatever else ``others`` name by kind (``image_png``)."""
    content: dict[str, Any] = {"application/json": {"example": example}}
    content |= {kind.replace("_", "/"): {"schema": schema} for kind, schema in others.items()}
    return {"description": when, "content": content}


def binary() -> dict[str, str]:
    """Return the schema of a file's bytes."""
    return dict(_BINARY)
