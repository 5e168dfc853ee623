"""What a training tells while it runs. The command line shows it; tests and notebooks may ignore it."""

from collections.abc import Mapping
from typing import Protocol


class Watcher(Protocol):
    """Is told of every step and epoch."""

    def read(self, done: int, total: int) -> None:
        """So many of the pictures are read."""

    def started(self, folder: str, parameters: int, train: int, val: int) -> None:
        """The run folder is made and the network built."""

    def stepped(self, epoch: int, step: int, steps: int, loss: float) -> None:
        """A step is done; epoch and step are counted from 1, loss is the epoch's mean, on a GPU some steps old."""

    def finished_epoch(self, row: Mapping[str, float], epochs: int) -> None:
        """An epoch is done; row as in ``history.csv``."""

    def said(self, note: str) -> None:
        """Something else that a person wants to know, in a line."""


class Silent:
    """Watches and says nothing."""

    def read(self, done: int, total: int) -> None:
        """Ignore it."""

    def started(self, folder: str, parameters: int, train: int, val: int) -> None:
        """Ignore it."""

    def stepped(self, epoch: int, step: int, steps: int, loss: float) -> None:
        """Ignore it."""

    def finished_epoch(self, row: Mapping[str, float], epochs: int) -> None:
        """Ignore it."""

    def said(self, note: str) -> None:
        """Ignore it."""
