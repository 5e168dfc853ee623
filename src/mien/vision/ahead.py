"""Overlap: a generator that runs ahead of its reader in a thread of its own."""

import atexit
from collections import deque
from collections.abc import Generator, Iterable
from contextlib import suppress
from threading import Condition, Thread
from typing import Any, Generic, TypeVar
from weakref import WeakSet

Item = TypeVar("Item")
_LOOK_UP = 0.5  # seconds; a wait without an end cannot be interrupted everywhere
_LONGEST_CLOSING = 5.0  # seconds to wait for a driver that hangs; its thread ends with the program


def ahead(items: Iterable[Item], room: int, *, newest: bool = False) -> Generator[Item]:
    """Yield the items in their order, while a thread already makes the next ones.

    The thread begins with the first item that is asked for. It has ended, and has closed ``items``, when this generator
    ends: after the last item, after an error, which is raised here, and after an early break.

    Args:
        items: a generator; it runs in the thread wholly, its closing too.
        room: how many items may wait; then the thread pauses.
        newest: where the thread is too fast, drop the oldest item instead of pausing. For what cannot wait, a camera.

    Example:
        >>> for frame in ahead(read_video("clip.mp4"), room=8):
        ...     print(frame.index)
    """
    belt = _Belt(items, room, newest=newest)
    belt.start()
    try:
        while (item := belt.take()) is not None:
            yield item[0]
    finally:
        belt.stop()


class _Belt(Generic[Item]):
    def __init__(self, items: Iterable[Item], room: int, *, newest: bool) -> None:
        self._items, self._newest = items, newest
        self._waiting: deque[tuple[Item]] = deque(maxlen=room)
        self._changed = Condition()
        self._over = self._stopped = False
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="mien works ahead", daemon=True)

    def start(self) -> None:
        _BELTS.add(self)
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._waiting.clear()
            self._changed.notify_all()
        self._thread.join(_LONGEST_CLOSING)

    def take(self) -> tuple[Item] | None:
        with self._changed:
            while not self._changed.wait_for(lambda: self._waiting or self._over, _LOOK_UP):
                pass
            if not self._waiting:
                if self._error is not None:
                    raise self._error
                return None
            item = self._waiting.popleft()
            self._changed.notify_all()
            return item

    def _run(self) -> None:
        try:
            for item in self._items:
                if not self._put(item):
                    break
        except BaseException as error:  # noqa: BLE001 (raised again where the items are taken)
            self._error = error
        finally:
            self._close()
            with self._changed:
                self._over = True
                self._changed.notify_all()

    def _put(self, item: Item) -> bool:
        """Put an item on the belt, when there is room; return False where nobody wants it any more."""
        with self._changed:
            if not self._newest:
                self._changed.wait_for(lambda: self._stopped or len(self._waiting) < (self._waiting.maxlen or 1))
            self._waiting.append((item,))  # a full belt drops its oldest item
            self._changed.notify_all()
            return not self._stopped

    def _close(self) -> None:
        if isinstance(self._items, Generator):
            with suppress(RuntimeError, GeneratorExit):
                self._items.close()


_BELTS: WeakSet[_Belt[Any]] = WeakSet()


@atexit.register
def _stop_all() -> None:
    """Stop what still runs when the program ends: a thread that comes back from C++ after Python has gone aborts it."""
    for belt in list(_BELTS):
        belt.stop()
