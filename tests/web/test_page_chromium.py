"""The page as a person uses it: Debian's Chromium without a window, a pan over two portraits as its camera."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import pytest

from tests.vision.filming import film_with_sound
from tests.web.browsing import astronaut, camera_file, chromium, hopper
from tests.web.serving import Served, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served(None) as server:
        yield server


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Browser]":
    with chromium(camera_file(tmp_path_factory.mktemp("camera") / "camera.mjpeg")) as browser:
        yield browser


@pytest.fixture
def page(server: Served, browser: "Browser") -> "Iterator[Page]":
    """The page; fails if anything left this host, or the console told of an error other than an expected refusal."""
    context = browser.new_context(permissions=["camera"], reduced_motion="reduce")
    page = context.new_page()
    asked, told = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url.replace("ws:", "http:")))
    page.on("console", lambda line: told.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(server.address)
    yield page
    context.close()
    assert {url for url in asked if not url.startswith((server.address, "blob:"))} == set()
    assert [line for line in told if "status of 4" not in line] == []


def rows_of(page: "Page", button: str) -> list[dict[str, str]]:
    """Press a button that saves CSV; return its rows."""
    with page.expect_download() as download:
        page.click(button)
    return list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))


def test_the_camera_shows_faces_bars_that_move_and_rows(page: "Page"):
    page.click("#camera-on")
    page.wait_for_selector("#camera-faces .face", timeout=30_000)
    bars = {page.inner_text("#camera-faces .face >> nth=0")}
    for _ in range(100):
        page.wait_for_timeout(100)
        if page.locator("#camera-faces .face").count():
            bars.add(page.locator("#camera-faces .face").first.text_content() or "")
        if len(bars) > 5:
            break
    assert len(bars) > 5
    assert page.locator("#camera-timeline canvas").count() == 1
    assert "frames/s" in page.inner_text("#camera-meter")
    page.click("#camera-pause")
    assert page.get_attribute("#camera-pause", "aria-pressed") == "true"
    page.wait_for_timeout(500)
    still = page.locator("#camera-view").screenshot()
    page.wait_for_timeout(700)
    assert page.locator("#camera-view").screenshot() == still
    page.click("#camera-mirror")
    assert page.locator("#camera-view").screenshot() != still
    rows = rows_of(page, "#camera-csv")
    assert len(rows) >= 5
    assert {"time", "track", "label", "confidence", "happy"} <= set(rows[0])
    with page.expect_download() as snapshot:
        page.click("#camera-snap")
    assert Path(snapshot.value.path()).read_bytes().startswith(b"\x89PNG")
    page.click("#camera-pause")
    page.wait_for_timeout(1500)
    assert page.locator("#camera-view").screenshot() != still
    page.click("#camera-off")
    assert page.locator("#camera-start").is_visible()


def test_clicks_while_the_camera_is_asked_for_open_it_once(page: "Page"):
    page.evaluate(
        """() => { window.opened = 0; const media = navigator.mediaDevices, plain = media.getUserMedia.bind(media);
        media.getUserMedia = (wanted) => { window.opened += 1; return plain(wanted); };
        for (let i = 0; i < 3; i += 1) document.getElementById("camera-on").click(); }"""
    )
    page.wait_for_selector("#camera-faces .face", timeout=30_000)
    assert page.evaluate("window.opened") == 1
    page.click("#camera-off")
    assert page.locator("#camera-on").is_enabled()


def test_pictures_give_results_and_bad_files_a_readable_message(page: "Page", tmp_path: Path):
    cv2.imwrite(str(tmp_path / "eileen.png"), astronaut())
    cv2.imwrite(str(tmp_path / "grace, navy.jpg"), hopper())
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "cut.png").write_bytes((tmp_path / "eileen.png").read_bytes()[:5000])
    page.click("#tab-pictures")
    page.set_input_files("#pictures-files", sorted(tmp_path.iterdir()))
    page.locator(".wait").first.wait_for(state="detached", timeout=30_000)
    page.wait_for_selector("#pictures-count:has-text('2 pictures, 2 faces')", timeout=30_000)
    cards = [" ".join(text.split()) for text in page.locator(".shot").all_inner_texts()]
    assert cards[0] == "cut.png: a picture that is cut off or broken Save or copy it again and send that."
    assert cards[1].startswith("eileen.png happy 9")
    assert cards[3] == "notes.txt: not a picture Send JPEG, PNG, WebP or BMP."
    rows = rows_of(page, "#pictures-csv")
    assert [row["source"] for row in rows] == ["eileen.png", "grace, navy.jpg"]
    with page.expect_download() as download:
        page.click("#pictures-json")
    results = json.loads(Path(download.value.path()).read_text("utf-8"))["results"]
    assert [len(result["faces"]) for result in results] == [1, 1]
    page.click("#pictures-clear")
    assert page.locator(".shot").count() == 0


def test_pictures_may_be_dropped(page: "Page"):
    page.click("#tab-pictures")
    data = bytes(cv2.imencode(".jpg", astronaut())[1])
    transfer = page.evaluate_handle(
        """bytes => { const all = new DataTransfer();
        all.items.add(new File([new Uint8Array(bytes)], "dropped.jpg", {type: "image/jpeg"})); return all; }""",
        list(data),
    )
    page.dispatch_event("#pictures-drop", "drop", {"dataTransfer": transfer})
    page.wait_for_selector(".shot .face", timeout=30_000)
    assert "dropped.jpg" in page.inner_text(".shot")


def test_a_video_shows_its_progress_timeline_table_and_annotated_copy(page: "Page", tmp_path: Path):
    film_with_sound(tmp_path / "clip.mp4", count=25)
    page.click("#tab-video")
    page.set_input_files("#video-file", tmp_path / "clip.mp4")
    page.wait_for_selector("#video-result:not([hidden])", timeout=60_000)
    assert page.inner_text("#video-state") == "Done: 25 of 25 frames."
    assert page.locator("#video-table tbody tr").count() >= 20
    page.wait_for_selector("#video-timeline canvas")
    assert len(rows_of(page, "#video-csv")) >= 20
    with page.expect_download() as download:
        page.click("#video-save")
    assert Path(download.value.path()).read_bytes()[4:8] == b"ftyp"
    assert page.evaluate("document.getElementById('video-player').error") is None
    page.click("#video-cancel")
    assert page.locator("#video-work").is_hidden()


def test_a_video_over_the_limit_leaves_the_results_of_the_one_before(server: Served, page: "Page", tmp_path: Path):
    clip = film_with_sound(tmp_path / "clip.mp4", count=10)
    (tmp_path / "large.mp4").write_bytes(clip.read_bytes() + b"x")
    limits = {**server.get("/v1/limits"), "video_bytes": clip.stat().st_size}
    page.route("**/v1/limits", lambda route: route.fulfill(json=limits))
    page.reload()
    page.wait_for_selector("#model:has-text('bundled')")
    page.click("#tab-video")
    page.set_input_files("#video-file", clip)
    page.wait_for_selector("#video-result:not([hidden])", timeout=60_000)
    page.set_input_files("#video-file", tmp_path / "large.mp4")
    page.wait_for_selector("#problem:has-text('large.mp4: larger than')")
    assert len(rows_of(page, "#video-csv")) >= 8


def test_what_is_no_video_has_a_readable_message(page: "Page", tmp_path: Path):
    (tmp_path / "clip.mp4").write_bytes(b"hello" * 100)
    page.click("#tab-video")
    page.set_input_files("#video-file", tmp_path / "clip.mp4")
    page.wait_for_selector("#problem:not([hidden])")
    assert page.inner_text("#problem").startswith("the file is not a video that can be read: send MP4")


def test_the_page_works_by_keyboard(page: "Page"):
    page.focus("#tab-camera")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-pictures"
    assert page.locator("#pictures").is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "pictures-files"
    unnamed = page.evaluate(
        """[...document.querySelectorAll("button, input, a, canvas, video, [role]")].filter(
        (e) => !(e.textContent.trim() || e.ariaLabel || e.labels?.length || e.getAttribute("aria-labelledby")
        || e.querySelector("img[alt]") || e.id === "video-player" || e.getAttribute("role") === "status"
        || e.getAttribute("role") === "alert")).map((e) => e.outerHTML)"""
    )
    assert unnamed == []


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_window(page: "Page", width: int):
    page.set_viewport_size({"width": width, "height": 800})
    for tab in ("camera", "pictures", "video"):
        page.click(f"#tab-{tab}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_legible_on_its_ground(page: "Page", scheme: str):
    """Contrast after WCAG 2.2: at least 4.5 for text."""
    page.emulate_media(color_scheme=scheme)
    pairs = [("--ink", "--page"), ("--ink", "--card"), ("--soft", "--page"), ("--soft", "--card"), ("--soft", "--rail")]
    pairs += [("--on-accent", "--accent"), ("--accent", "--page"), ("--accent", "--card"), ("--bad", "--card")]
    names = sorted({name for pair in pairs for name in pair})
    colors = page.evaluate(
        "names => names.map((name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim())", names
    )
    shades = dict(zip(names, map(_luminance, colors), strict=True))
    for one, other in pairs:
        light, dark = sorted((shades[one], shades[other]), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (one, other)


def _luminance(color: str) -> float:
    digits = color.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_token_is_asked_for_once(browser: "Browser"):
    token = "0123456789abcdef"
    with served(None, MIEN_TOKEN=token) as server:
        page = browser.new_page(permissions=["camera"])
        page.goto(server.address)
        page.fill("#token-text", token)
        page.keyboard.press("Enter")
        page.wait_for_selector("#model:has-text('bundled')")
        page.click("#camera-on")
        page.wait_for_selector("#camera-faces .face", timeout=30_000)
        page.close()


def test_a_token_that_is_not_given_is_asked_for_no_more(browser: "Browser"):
    with served(None, MIEN_TOKEN="0123456789abcdef") as server:
        page = browser.new_page()
        page.goto(server.address)
        page.wait_for_selector("#token[open]")
        page.keyboard.press("Escape")
        page.wait_for_selector("#problem:has-text('This server wants a token')")
        assert page.locator("#token").is_hidden()
        page.close()


def test_the_documents_page_shows_every_route(server: Served, browser: "Browser"):
    page = browser.new_page()
    page.goto(f"{server.address}/docs")
    page.wait_for_selector("details")
    assert page.locator("details").count() == len(
        [method for methods in server.get("/openapi.json")["paths"].values() for method in methods]
    )
    page.click("summary >> nth=0")
    assert "curl -F file=@photo.jpg" in page.inner_text("details >> nth=0")
    page.close()


def test_a_foreign_page_gets_nothing(server: Served, browser: "Browser"):
    page = browser.new_page()
    page.goto("data:text/html,<title>foreign</title>")
    told = page.evaluate(
        """async address => { const tries = [];
        for (const path of ["/v1/model", "/health"])
          tries.push(await fetch(address + path, {mode: "no-cors"}).then((a) => a.type, () => "refused"));
        const live = address.replace("http", "ws") + "/v1/live";
        tries.push(await new Promise((done) => { const socket = new WebSocket(live);
          socket.onopen = () => done("open"); socket.onerror = () => done("refused"); }));
        return tries; }""",
        server.address,
    )
    assert told == ["refused", "refused", "refused"]
    page.close()
