import os
import signal
import threading

import pytest

from mien.training.interrupt import stop_on_interrupt


def test_without_ctrl_c_nothing_stops() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stop_on_interrupt(print) as stop:
        assert not stop()
    assert signal.getsignal(signal.SIGINT) is before


def test_the_first_ctrl_c_asks_to_stop_and_the_second_interrupts() -> None:
    told: list[str] = []
    with stop_on_interrupt(told.append) as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop()
        assert "best weights are kept" in told[0]
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_outside_the_main_thread_it_does_nothing() -> None:
    seen: list[bool] = []

    def work() -> None:
        with stop_on_interrupt(print) as stop:
            seen.append(stop())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]
