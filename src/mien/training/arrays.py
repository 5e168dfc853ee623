"""Arrays with a table about them in one ``.npz`` without pickles: checkpoints, teachers, bundled weights."""

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

_ABOUT = "about"
_ZIP = b"PK"  # what an .npz begins with; NumPy takes anything else for a pickle and advises to load it unsafely


def pack_arrays(about: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]], *, compressed: bool = False) -> bytes:
    """Return the file that ``unpack_arrays`` reads.

    Args:
        about: values that JSON knows.
        arrays: by names of one's own, none of them ``about``.
        compressed: smaller, and slower to write.
    """
    told = np.frombuffer(json.dumps(about).encode(), np.uint8)
    buffer = io.BytesIO()
    write = np.savez_compressed if compressed else np.savez
    write(buffer, **{_ABOUT: told, **arrays})  # type: ignore[arg-type]
    return buffer.getvalue()


def unpack_arrays(data: bytes) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Return the table and the arrays. Nothing in the file is executed.

    Raises:
        ValueError: the file is damaged, or another one.

    Example:
        >>> unpack_arrays(pack_arrays({"classes": 7}, {"logits": np.zeros(3)}))
        ({'classes': 7}, {'logits': array([0., 0., 0.])})
    """
    if not data.startswith(_ZIP):
        message = "not an .npz file"
        raise ValueError(message)
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(arrays.pop(_ABOUT).tobytes())
    except Exception as error:  # of zipfile, zlib, struct, NumPy's own parser: what they raise is nowhere listed
        message = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(message) from error
    if not isinstance(about, dict):
        message = "no table in it"
        raise ValueError(message)
    return about, arrays
