"""The application in this process, and what is sent to it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from mien.web.app import make_app
from mien.web.engine import Engine
from mien.web.jobs import Jobs
from mien.web.scratch import Scratch
from mien.web.settings import Limits, Settings
from tests.conftest import make_model

ADDRESS = "http://localhost:8000"
LIVE = "ws://localhost:8000/v1/live"
Open = Callable[..., AbstractContextManager[TestClient]]


@pytest.fixture(scope="session")
def web_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("model") / "model.onnx", uncertain_below=0.4)


@pytest.fixture(scope="session")
def engine(web_model: Path) -> Iterator[Engine]:
    with Engine(web_model) as engine:
        yield engine


@pytest.fixture
def open_app(engine: Engine, tmp_path: Path) -> Open:
    """Return what opens the application with settings of one's own: ``with open_app(token=...) as client``."""

    @contextmanager
    def opened(limits: Limits | None = None, **settings: object) -> Iterator[TestClient]:
        chosen = Settings(folder=tmp_path / "jobs", limits=limits or Limits(), **settings)  # type: ignore[arg-type]
        with (
            Jobs(engine, Scratch(chosen), chosen.limits) as jobs,
            TestClient(make_app(engine, jobs, chosen), base_url=ADDRESS) as client,
        ):
            yield client

    return opened


@pytest.fixture
def client(open_app: Open) -> Iterator[TestClient]:
    with open_app() as client:
        yield client


@pytest.fixture(scope="session")
def astronaut() -> bytes:
    return (files("mien.data") / "samples" / "astronaut.jpg").read_bytes()


def picture(suffix: str = ".png", width: int = 40, height: int = 30) -> bytes:
    """Return the bytes of a picture without a face."""
    return bytes(cv2.imencode(suffix, np.full((height, width, 3), 90, np.uint8))[1])
