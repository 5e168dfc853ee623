"""Working ahead: order, pauses, errors, and the thread's end."""

import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from threading import Event, active_count
from time import monotonic, sleep

import pytest

from mien.vision.ahead import ahead
from tests.vision.filming import film


def counted(count: int, closed: list[bool] | None = None) -> Generator[int]:
    try:
        yield from range(count)
    finally:
        if closed is not None:
            closed.append(True)


def until(is_so: Event | None = None, seconds: float = 0.3) -> None:
    if is_so is None:
        sleep(seconds)
    else:
        assert is_so.wait(10)


def test_nothing_gives_nothing():
    assert list(ahead(counted(0), 1)) == []


@pytest.mark.parametrize("room", [1, 3, 100])
def test_every_item_comes_once_and_in_order(room: int):
    assert list(ahead(counted(50), room)) == list(range(50))


def test_none_is_an_item():
    assert list(ahead(iter([None, 1, None]), 1)) == [None, 1, None]


def test_the_thread_pauses_when_there_is_no_room():
    made: list[int] = []
    third = Event()

    def make() -> Generator[int]:
        for number in range(100):
            made.append(number)
            if number == 3:
                third.set()
            yield number

    items = ahead(make(), 2)
    assert next(items) == 0
    until(third)
    until(seconds=0.05)
    assert made == [0, 1, 2, 3]
    items.close()


def test_where_only_the_newest_counts_the_oldest_are_dropped():
    done = Event()

    def make() -> Generator[int]:
        yield 0
        yield from range(1, 100)
        done.set()
        yield 100

    items = ahead(make(), 2, newest=True)
    first = next(items)
    until(done)
    rest = list(items)
    assert first < rest[0]
    assert rest[-1] == 100
    assert len(rest) <= 3


def test_an_error_comes_after_the_items_before_it():
    def make() -> Generator[int]:
        yield 1
        raise ZeroDivisionError

    items = ahead(make(), 5)
    assert next(items) == 1
    with pytest.raises(ZeroDivisionError):
        next(items)


def test_an_early_break_closes_what_runs_ahead_and_ends_the_thread():
    closed: list[bool] = []
    before = active_count()
    for item in (items := ahead(counted(10**9, closed), 2)):
        if item == 3:
            break
    items.close()
    assert closed == [True]
    assert active_count() == before


def test_an_error_in_the_loop_ends_chained_threads():
    closed: list[bool] = []
    before = active_count()
    items = ahead(ahead(counted(10**9, closed), 2), 2)
    with pytest.raises(ZeroDivisionError):
        for item in items:
            item / 0
    items.close()
    assert closed == [True]
    assert active_count() == before


def test_never_asked_it_starts_nothing():
    closed: list[bool] = []
    before = active_count()
    items = ahead(counted(3, closed), 1)
    assert active_count() == before
    items.close()
    assert closed == []


def test_a_stage_that_hangs_does_not_hang_the_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mien.vision.ahead._LONGEST_CLOSING", 0.1)
    release = Event()

    def make() -> Generator[int]:
        yield 0
        release.wait(10)
        yield 1

    items = ahead(make(), 1)
    next(items)
    began = monotonic()
    items.close()
    assert monotonic() - began < 5
    release.set()


def test_a_program_that_ends_with_a_stream_half_read_ends_well(tmp_path: Path):
    code = """
import sys
from mien.vision.ahead import ahead
from mien.vision.media import read_video
streams = [ahead(read_video(sys.argv[1]), 10**6) for _ in range(4)]
for stream in streams:
    next(stream)  # the thread goes on decoding
"""
    clip = film(tmp_path / "clip.mp4", 200, 400, 400)
    done = subprocess.run([sys.executable, "-c", code, clip], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
