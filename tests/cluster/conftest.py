"""A worker sets how many threads OpenCV has in its process, which here is the one of all tests."""

from collections.abc import Iterator

import cv2
import pytest


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    before = cv2.getNumThreads()
    yield
    cv2.setNumThreads(before)
