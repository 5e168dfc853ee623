"""Ctrl-C as a question that the training loop asks after each step."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stop_on_interrupt(tell: Callable[[str], None]) -> Iterator[Callable[[], bool]]:
    """Yield ``stop()``, which is True once Ctrl-C was pressed; a second Ctrl-C interrupts at once.

    Outside the main thread, where Python lets nobody handle signals, ``stop()`` stays False.

    Args:
        tell: is given a line to show when Ctrl-C is pressed.
    """
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return

    def note(_signal: int, _frame: FrameType | None) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()
        tell("Stopping after this step; the best weights are kept. Ctrl-C again to stop at once.")

    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)
