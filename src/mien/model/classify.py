"""Classifier: face crops to probabilities, with any model file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from mien.errors import ModelError
from mien.model.file import INPUT, OUTPUT, Metadata, read_model
from mien.model.preprocess import Pixels, network_input

_BATCH = 256  # crops a call of the network, so that memory does not grow with the input
_ERRORS_ONLY = 3


class Classifier:
    """Gives each face crop a probability for every class. Safe to share between threads.

    Args:
        model: a ``model.onnx`` or a run folder; the bundled model if not given.
        threads: cores that a call may use; all if not given. Results do not depend on it beyond rounding.

    Attributes:
        labels: class names, the order of the columns.
        metadata: everything that the model file says of itself.
        name: the file, for messages.

    Raises:
        ModelError: the file is not a model made by mien.

    Example:
        >>> classify = Classifier()
        >>> classify(crops).shape            # crops: uint8 (5, 48, 48)
        (5, 7)
    """

    def __init__(self, model: str | Path | None = None, *, threads: int = 0) -> None:
        file = read_model(model)
        self.name = file.name
        self.metadata: Metadata = file.metadata
        self.labels: tuple[str, ...] = file.metadata.labels
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _ERRORS_ONLY
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting threads leave the cores free
        try:
            self._session = onnxruntime.InferenceSession(file.data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no public base class
            message = (
                f"{file.name}: onnxruntime cannot load it ({_first_line(error)}); export it again with mien export"
            )
            raise ModelError(message) from error
        self._check_shapes()

    def __call__(self, crops: Pixels | Sequence[Pixels]) -> npt.NDArray[np.float32]:
        """Return probabilities of face crops.

        Args:
            crops: uint8 ``(n, h, w)`` grey or BGR ``(n, h, w, 3)``, or a sequence of crops of different sizes.

        Returns:
            float32 ``(n, classes)``, rows sum to 1, columns as ``labels``; ``(0, classes)`` for no crops.
        """
        parts = [
            self._session.run([OUTPUT], {INPUT: network_input(crops[start : start + _BATCH], self.metadata.size)})[0]
            for start in range(0, len(crops), _BATCH)
        ]
        return np.concatenate(parts) if parts else np.empty((0, len(self.labels)), np.float32)

    def _check_shapes(self) -> None:
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        size, classes = self.metadata.size, len(self.labels)
        fits = (
            [item.name for item in inputs] == [INPUT]
            and [item.name for item in outputs] == [OUTPUT]
            and inputs[0].shape[1:] == [size, size, 1]
            and outputs[0].shape[1:] == [classes]
        )
        if not fits:
            message = (
                f"{self.name}: expected input {INPUT} (n, {size}, {size}, 1) and output {OUTPUT} (n, {classes}); "
                "export it again with mien export"
            )
            raise ModelError(message)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
