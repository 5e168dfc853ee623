"""A classifier for many threads: crops that come while the network is busy go through it together."""

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt

from mien.model.classify import Classifier
from mien.model.preprocess import Pixels

Rows = npt.NDArray[np.float32]


class TogetherClassifier(Classifier):
    """Gives the same rows as ``Classifier``, with one call of the network for all callers that wait.

    Nobody waits for others to come: who finds the network idle starts it, who finds it busy joins the next call.

    Args:
        model: a ``model.onnx`` or a run folder; the bundled model if not given.

    Raises:
        ModelError: the file is not a model made by mien.

    Example:
        >>> TogetherClassifier()(crops).shape            # crops: uint8 (5, 48, 48)
        (5, 7)
    """

    def __init__(self, model: str | Path | None = None) -> None:
        super().__init__(model, threads=1)  # the engine has as many threads as there are cores already
        self._waiting: list[tuple[Sequence[Pixels], Future[Rows]]] = []
        self._waits, self._runs = Lock(), Lock()

    def __call__(self, crops: Pixels | Sequence[Pixels]) -> Rows:
        """Return probabilities of face crops, float32 ``(n, classes)``, see ``Classifier``."""
        answer: Future[Rows] = Future()
        with self._waits:
            self._waiting.append((list(crops), answer))
        with self._runs:
            if not answer.done():  # else who ran before took these crops along
                self._run_all()
        return answer.result()

    def _run_all(self) -> None:
        with self._waits:
            taken, self._waiting = self._waiting, []
        try:
            rows = super().__call__([crop for crops, _ in taken for crop in crops])
        except Exception as error:  # noqa: BLE001 (each caller raises it in its own thread)
            for _, answer in taken:
                answer.set_exception(error)
            return
        ends = np.cumsum([len(crops) for crops, _ in taken])
        for (_, answer), part in zip(taken, np.split(rows, ends[:-1]), strict=True):
            answer.set_result(part)
