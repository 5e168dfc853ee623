"""Standard streams that are there, and take whatever mien prints, on every machine."""

import codecs
import io
import os
import sys
from pathlib import Path
from typing import Literal, TextIO


def fit_streams() -> None:
    """Let stdout and stderr print any file name, whatever the locale; all three streams are there, also if closed.

    Where the locale knows ASCII alone, they speak UTF-8. Python does the same by itself (PEP 540), unless it was told
    not to. A letter that another encoding lacks becomes ``?``; a name that is not UTF-8 keeps its bytes.

    Example:
        >>> fit_streams()
        >>> print("lächelnd.jpg")
        lächelnd.jpg
    """
    sys.stdout, sys.stderr = _fitted(sys.stdout), _fitted(sys.stderr)
    if sys.stdin is None:
        sys.stdin = _nowhere("r")


def _nowhere(mode: Literal["r", "w"]) -> TextIO:
    """Return what stands for a stream that was closed by whoever started mien."""
    return Path(os.devnull).open(mode, encoding="utf-8")


def _fitted(stream: TextIO | None) -> TextIO:
    if stream is None:
        return _nowhere("w")
    if isinstance(stream, io.TextIOWrapper):
        if codecs.lookup(stream.encoding).name == "ascii":
            stream.reconfigure(encoding="utf-8")
        stream.reconfigure(errors="surrogateescape" if codecs.lookup(stream.encoding).name == "utf-8" else "replace")
    return stream
