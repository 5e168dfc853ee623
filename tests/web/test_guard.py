"""Who may call: host names, pages of other origins, tokens; and what every answer carries."""

import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tests.web.conftest import ADDRESS, LIVE, Open, picture

TOKEN = "0123456789abcdef"
ROUTES = (
    "/",
    "/docs",
    "/page/style.css",
    "/openapi.json",
    "/health",
    "/metrics",
    "/v1/model",
    "/v1/limits",
    "/nothing",
)


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "http://localhost:3000"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    ],
    ids=str,
)
def test_a_foreign_page_or_name_is_refused_on_every_route(client: TestClient, path: str, headers: dict[str, str]):
    answer = client.get(path, headers=headers)
    assert answer.status_code == 403
    assert set(answer.json()) == {"error", "repair"}


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}], ids=str)
def test_a_foreign_page_does_not_get_the_socket(client: TestClient, headers: dict[str, str]):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(LIVE, headers=headers):
        pass


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["Host", "Origin", "Authorization"]), st.text(st.characters(codec="latin-1"), max_size=20))
def test_no_header_breaks_the_guard(client: TestClient, name: str, value: str):
    for text in (value, f"http://{value}", f"[{value}"):
        assert client.get("/health", headers={name: text.encode("latin-1")}).status_code in (200, 403)


def test_the_own_page_a_program_and_a_link_from_elsewhere_are_served(client: TestClient):
    assert client.get("/v1/model").status_code == 200
    assert client.get("/v1/model", headers={"Origin": ADDRESS, "Sec-Fetch-Site": "same-origin"}).status_code == 200
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert client.get("/", headers=link).status_code == 200


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer \xe4"])
def test_without_the_token_nothing_is_told(open_app: Open, authorization: str):
    with open_app(token=TOKEN) as client:
        for path in ("/v1/model", "/v1/limits", "/metrics", "/v1/nothing"):
            answer = client.get(path, headers={"Authorization": authorization.encode("latin-1")})
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(LIVE):
            pass
        for path in ("/", "/health", "/openapi.json"):
            assert client.get(path).status_code == 200


def test_with_the_token_everything_is(open_app: Open):
    with open_app(token=TOKEN) as client:
        assert client.get("/v1/model", headers={"Authorization": f"bearer {TOKEN}"}).status_code == 200
        with client.websocket_connect(LIVE, subprotocols=["mien", f"bearer.{TOKEN}"]) as socket:
            assert socket.accepted_subprotocol == "mien"


@pytest.mark.parametrize("path", ROUTES)
def test_every_answer_has_the_security_headers(client: TestClient, path: str):
    headers = client.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] in ("no-store", "no-cache")
    assert "access-control-allow-origin" not in headers


def test_the_log_tells_routes_and_times_only(client: TestClient, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO, "mien.web"):
        client.post("/v1/detect?who=secret-name", files={"file": ("secret-name.png", picture())})
        client.get("/v1/videos/secret-name")
        client.get("/secret-name")
        client.request("SECRET", "/")
    lines = [record.getMessage() for record in caplog.records if record.name == "mien.web"]
    assert [line.rsplit(" ", 2)[0] for line in lines] == [
        "POST /v1/detect 200",
        "GET /v1/videos/{video} 404",
        "GET other 404",
        "OTHER / 405",
    ]
    assert "secret" not in "".join(lines).lower()


def test_a_fault_of_the_server_tells_nothing_of_itself(client: TestClient, caplog: pytest.LogCaptureFixture):
    def broken(*_: object) -> None:
        raise RuntimeError("secret-name")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mien.web.api.told_model", broken)
        answer = client.post("/v1/detect", content=picture())
    assert answer.status_code == 500
    assert set(answer.json()) == {"error", "repair"}
    assert "secret" not in answer.text + caplog.text
    assert "RuntimeError at test_guard.py:" in caplog.text
