"""The application as a whole: paths that are not there, and the document of those that are."""

import re

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("GET", "/v1/detect", 405), ("PUT", "/health", 405)]
)
def test_what_is_not_there_is_told_in_json(client: TestClient, method: str, path: str, status: int):
    answer = client.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "repair"}


def test_a_value_that_makes_no_sense_is_told_in_a_sentence(client: TestClient):
    answer = client.get("/v1/videos/x?cursor=-1")
    assert answer.status_code == 422
    assert answer.json()["error"] == "cursor: input should be greater than or equal to 0"


def test_the_document_describes_every_route_with_examples(client: TestClient):
    told = client.get("/openapi.json").json()
    paths = {
        "/v1/detect",
        "/v1/classify",
        "/v1/videos",
        "/v1/videos/{video}",
        "/v1/model",
        "/v1/limits",
        "/health",
        "/metrics",
    }
    assert paths <= set(told["paths"])
    for path, methods in told["paths"].items():
        for operation in methods.values():
            assert operation["summary"] and operation["description"], path
            for status, answer in operation["responses"].items():
                if status.startswith("4"):
                    example = answer["content"]["application/json"]["example"]
                    assert set(example) == {"error", "repair"}, (path, status)
    body = told["paths"]["/v1/detect"]["post"]["requestBody"]["content"]
    assert {"multipart/form-data", "image/jpeg"} <= set(body)
    assert "HTTPValidationError" not in str(told)


def test_the_documents_example_is_what_is_answered(client: TestClient, astronaut: bytes):
    told = client.get("/openapi.json").json()["paths"]["/v1/detect"]["post"]["responses"]["200"]["content"]
    example = told["application/json"]["example"]
    answer = client.post("/v1/detect", files={"file": ("astronaut.jpg", astronaut)}).json()
    assert _shape(example) == _shape(answer)


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items() if item is not None}  # the document drops nulls
    return (
        [_shape(item) for item in value[:1]]
        if isinstance(value, list)
        else re.sub("int|float", "number", type(value).__name__)
    )
