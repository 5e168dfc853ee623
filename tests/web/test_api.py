"""What the routes answer."""

import pytest
from starlette.testclient import TestClient

from mien import __version__
from mien.labels import LABELS
from mien.pictures import read_picture
from mien.results import Face
from mien.web.api import wants_png
from mien.web.engine import Engine
from mien.web.settings import Limits
from tests.web.conftest import Open, picture


def test_several_pictures_have_a_result_each_in_order(client: TestClient, engine: Engine, astronaut: bytes):
    sent = [("file", ("wall.png", picture())), ("other", ("a.jpg", astronaut))]
    told = client.post("/v1/detect", files=sent).json()
    wall, found = told["results"]
    assert (wall["file"], wall["width"], wall["height"], wall["faces"]) == ("wall.png", 40, 30, [])
    assert [Face.from_dict(face) for face in found["faces"]] == engine.detector()(astronaut)
    assert told["model"] == {"name": told["model"]["name"], "labels": list(LABELS), "uncertain_below": 0.4}


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
def test_a_picture_may_be_the_whole_body_whatever_its_header_says(client: TestClient, suffix: str):
    answer = client.post("/v1/detect", content=picture(suffix), headers={"Content-Type": "text/plain"})
    assert answer.json()["results"][0]["width"] == 40


def test_png_is_the_picture_with_its_faces_drawn_in(client: TestClient, astronaut: bytes):
    answer = client.post("/v1/detect", content=astronaut, headers={"Accept": "image/png"})
    assert answer.headers["content-type"] == "image/png"
    assert read_picture(answer.content).shape == (512, 512, 3)


def test_png_of_several_pictures_is_refused(client: TestClient):
    sent = [("file", ("a.png", picture()))] * 2
    assert client.post("/v1/detect", files=sent, headers={"Accept": "image/png"}).status_code == 400


@pytest.mark.parametrize("path", ["/v1/detect", "/v1/classify"])
@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"no picture", 415),
        (picture()[:20], 422),
        (picture()[:-20], 422),
        (picture(width=60), 413),
        (b"\xff\xd8\xff" * 2000, 413),
    ],
    ids=["nothing", "text", "header cut", "cut", "pixels", "bytes"],
)
def test_bad_pictures_are_refused_with_a_reason(open_app: Open, path: str, content: bytes, status: int):
    with open_app(Limits(picture_bytes=5000, picture_pixels=1500)) as client:
        answer = client.post(path, content=content)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert answer.json()["repair"]


def test_too_many_files_are_refused(open_app: Open):
    with open_app(Limits(files=2)) as client:
        sent = [("file", ("a.png", picture()))] * 3
        assert client.post("/v1/detect", files=sent).status_code == 413


def test_the_fault_names_the_file(client: TestClient):
    sent = [("file", ("a.png", picture())), ("file", ("notes.txt", b"hello"))]
    assert client.post("/v1/detect", files=sent).json()["error"] == "notes.txt: not a picture"


def test_crops_have_an_expression_each(client: TestClient, astronaut: bytes):
    (told,) = client.post("/v1/classify", files={"file": ("a.jpg", astronaut)}).json()["results"]
    assert set(told) == {"file", "label", "confidence", "uncertain", "probabilities"}
    assert sum(told["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_the_server_tells_of_itself(client: TestClient):
    assert client.get("/health").json() == {"status": "ok", "version": __version__}
    model = client.get("/v1/model").json()
    assert (model["labels"], model["size"]) == (list(LABELS), 48)
    assert model["colors"]["happy"] == "#e69f00"
    assert client.get("/v1/limits").json()["picture_bytes"] == 10_000_000


def test_counts_are_told_without_names(client: TestClient, astronaut: bytes):
    client.post("/v1/detect", files={"file": ("secret.jpg", astronaut)})
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'mien_requests_total{method="POST",route="/v1/detect",status="200"} 1' in answer.text
    assert "mien_faces_total 1" in answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("accept", "png"),
    [
        ("", False),
        ("*/*", False),
        ("image/png", True),
        ("image/*", True),
        ("application/json, image/png", False),
        ("application/json;q=0.5, image/png", True),
        ("image/png;q=0, */*", False),
        ("image/png;q=x", False),
    ],
)
def test_the_accept_header_decides(accept: str, png: bool):
    assert wants_png(accept) is png
