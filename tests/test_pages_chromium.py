"""The pages that mien writes, in Debian's Chromium: nothing hangs out at the side, on a desk or on a telephone."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mien.audit.audit import audit
from mien.audit.files import write_audit
from mien.evaluation.compare_files import compare_files
from mien.evaluation.compare_report import write_comparison
from mien.evaluation.evaluate import evaluate
from mien.evaluation.report import write
from tests.conftest import make_model
from tests.data.building import write_picture
from tests.evaluation.samples import TWO_CLASSES, history, two_class_data, two_class_run
from tests.web.browsing import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
PAGES = ("audit.html", "comparison.html", "report.html")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One page each, of data with long names."""
    place = tmp_path_factory.mktemp("pages")
    data = two_class_data(place / "data")
    for number in range(3):
        write_picture(data / "train" / "calm" / f"{'a-picture-with-a-very-long-name-' * 4}{number}.png", 7)
    write_picture(data / "train" / "cross" / "clash.png", 7)
    model = make_model(place / "a-model-with-a-long-name-of-its-own.onnx", labels=TWO_CLASSES, size=16, seed=1)
    models = [two_class_run(place / "a-run-with-a-long-name-of-its-own"), model]
    write_audit(audit(data), place)
    write_comparison(compare_files(models, data, "test"), place)
    write(evaluate(models[0], data), place, history=history(5))
    return place


@pytest.fixture(scope="module")
def browser(folder: Path) -> Iterator["Browser"]:
    with chromium(folder / "no-camera") as browser:
        yield browser


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_is_whole(browser: "Browser", folder: Path, name: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    faults, asked = [], []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((folder / name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert page.locator("h1").is_visible()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert faults == []
    page.close()
