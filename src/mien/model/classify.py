"""Classifier: face crops to probabilities, with any model file."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from mien.errors import ModelError, first_line
from mien.model.file import INPUT, OUTPUT, Metadata, ModelFile, read_model
from mien.model.preprocess import Pixels, network_input

_BATCH = 256  # crops a call of the network, so that memory does not grow with the input
_LARGEST = 4 * 2**30  # bytes that all networks of a process may hold; a bundled one takes 0.1 GB for a whole batch
_CODE, _REASON = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : "), 200  # what says nothing; last letters, which do
_QUIET = 4  # its own lines on stderr only before it ends the process; errors reach the caller as exceptions


class Classifier:
    """Gives each face crop a probability for every class. Safe to share between threads.

    Args:
        model: a ``model.onnx``, a run folder, or what ``read_model`` gave; the bundled model if not given.
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

    def __init__(self, model: str | Path | ModelFile | None = None, *, threads: int = 0) -> None:
        file = read_model(model)
        self.name = file.name
        self.metadata: Metadata = file.metadata
        self.labels: tuple[str, ...] = file.metadata.labels
        try:
            self._session = onnxruntime.InferenceSession(
                file.data, _options(threads), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's errors share no public base class
            message = f"{file.name}: onnxruntime cannot load it ({_reason(error)}); export it again with mien export"
            raise ModelError(message) from error
        self._check_shapes()

    def __call__(self, crops: Pixels | Sequence[Pixels]) -> npt.NDArray[np.float32]:
        """Return probabilities of face crops.

        Args:
            crops: uint8 ``(n, h, w)`` grey or BGR ``(n, h, w, 3)``, or a sequence of crops of different sizes.

        Returns:
            float32 ``(n, classes)``, rows sum to 1, columns as ``labels``; ``(0, classes)`` for no crops.

        Raises:
            PictureError: crops of another type or shape, or without pixels.
            ModelError: the network cannot be computed, as when it wants more memory than 4 GiB.
        """
        parts = [self._run(crops[start : start + _BATCH]) for start in range(0, len(crops), _BATCH)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.labels)), np.float32)

    def _run(self, crops: Pixels | Sequence[Pixels]) -> npt.NDArray[np.float32]:
        faces = network_input(crops, self.metadata.size)
        try:
            found: npt.NDArray[np.float32] = self._session.run([OUTPUT], {INPUT: faces})[0]
        except Exception as error:
            message = f"{self.name}: cannot be computed ({_reason(error)}); export it again with mien export"
            raise ModelError(message) from error
        self._check(found, len(faces))
        return found

    def _check(self, found: npt.NDArray[np.float32], faces: int) -> None:
        if found.shape != (faces, len(self.labels)):
            message = (
                f"{self.name}: gives no probabilities of {len(self.labels)} classes; export it again with mien export"
            )
            raise ModelError(message)
        if not np.isfinite(found).all():
            message = (
                f"{self.name}: answers with NaN or infinity; if mien trained it, its training has diverged: train it "
                "again with a lower learning rate"
            )
            raise ModelError(message)

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


def _options(threads: int) -> onnxruntime.SessionOptions:
    _bound_memory()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _QUIET
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting threads leave the cores free
    options.add_session_config_entry("session.use_env_allocators", "1")
    return options


@cache
def _bound_memory() -> None:
    """Have networks take their memory from one place, which ends: a hostile file can ask for any amount."""
    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    left_open = dict.fromkeys(("arena_extend_strategy", "initial_chunk_size_bytes", "max_dead_bytes_per_chunk"), -1)
    onnxruntime.create_and_register_allocator(memory, onnxruntime.OrtArenaCfg({"max_mem": _LARGEST, **left_open}))


def _reason(error: Exception) -> str:
    return _CODE.sub("", first_line(error))[-_REASON:]
