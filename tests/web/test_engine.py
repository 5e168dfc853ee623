"""Pictures wait in one line and are worked on off the event loop."""

import asyncio
from threading import Event, current_thread
from time import monotonic

import pytest

from mien.detect import Detector
from mien.web.engine import Engine
from mien.web.refusals import Refusal
from mien.web.upload import Upload

UPLOADS = [Upload(f"{number}", b"") for number in range(6)]


def test_nothing_to_do_is_done(engine: Engine):
    assert asyncio.run(engine.run(lambda detector, upload: 1, [])) == []


def test_answers_come_in_order_from_the_engines_threads(engine: Engine):
    def work(detector: Detector, upload: Upload) -> tuple[str, bool]:
        assert detector.classify is engine.classify
        return upload.name, current_thread().name.startswith("mien detects")

    assert asyncio.run(engine.run(work, UPLOADS)) == [(upload.name, True) for upload in UPLOADS]


def test_two_at_a_time_have_a_detector_each(engine: Engine):
    both, used = Event(), set()

    def work(detector: Detector, upload: Upload) -> None:
        used.add(id(detector))
        if len(used) == 2:
            both.set()
        assert both.wait(10)

    asyncio.run(engine.run(work, UPLOADS[:2]))
    assert len(used) == 2


def test_the_event_loop_stays_free_and_too_many_are_refused(web_model: object):
    go = Event()

    async def scene() -> float:
        with Engine(web_model, most=4) as engine:
            first = asyncio.create_task(engine.run(lambda *_: go.wait(10), UPLOADS[:4]))
            await asyncio.sleep(0.05)
            with pytest.raises(Refusal) as told:
                await engine.run(lambda *_: None, UPLOADS[:1])
            assert (told.value.status, told.value.headers) == (429, {"Retry-After": "1"})
            began = monotonic()
            await asyncio.sleep(0)
            late = monotonic() - began
            go.set()
            await first
            assert engine.waiting == 0
            return late

    assert asyncio.run(scene()) < 1


def test_what_a_caller_who_went_away_had_waiting_is_not_done(web_model: object):
    go, done = Event(), []

    def work(_: Detector, upload: Upload) -> None:
        go.wait(10)
        done.append(upload.name)

    async def scene() -> None:
        with Engine(web_model, threads=1) as engine:
            asked = asyncio.create_task(engine.run(work, UPLOADS))
            await asyncio.sleep(0.05)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
            go.set()

    asyncio.run(scene())
    assert done == ["0"]
