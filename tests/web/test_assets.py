"""The page's files come from the package, and nothing of them from elsewhere."""

import re

from starlette.testclient import TestClient

from mien.web.assets import assets


def test_the_page_and_all_that_it_names_are_served(client: TestClient):
    paths = {asset.path for asset in assets()}
    assert {"/", "/docs"} <= paths
    for asset in assets():
        answer = client.get(asset.path)
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, asset.data, asset.kind)
        named = re.findall(r'(?:src|href)="(/[^"#]*)"|from "\./([\w.-]+)"', answer.text)
        assert {one or f"/page/{other}" for one, other in named} <= paths | {"/openapi.json"}


def test_nothing_is_from_another_host_and_nothing_inline():
    for asset in assets():
        text = asset.data.decode()
        assert set(re.findall(r"https?://[^\s\"'`)]+", text)) <= {"http://www.w3.org/2000/svg"}, asset.path
        if asset.path in ("/", "/docs"):
            assert not re.search(r"<style|style=|<script(?![^>]*src=)|\son\w+=", text), asset.path


def test_a_browser_that_has_a_file_is_told_so(client: TestClient):
    tag = client.get("/").headers["etag"]
    answer = client.get("/", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_there_is_no_way_out_of_the_folder(client: TestClient):
    for path in ("/page/../app.py", "/page/%2e%2e/app.py", "/page/..%2fapp.py", "/page//etc/passwd", "/page/"):
        assert client.get(path).status_code == 404
