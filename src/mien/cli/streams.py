"""Standard streams that take whatever mien prints and reads, on every machine."""

import codecs
import io
import os
import sys
from pathlib import Path
from typing import Literal, TextIO


def fit_streams() -> None:
    """Let stdin take, stdout and stderr print any file name, whatever the locale; be there also where they were closed.

    Where the locale knows ASCII alone, they speak UTF-8. Python does the same by itself (PEP 540), unless it was told
    not to. A letter that another encoding lacks becomes ``?``; a name that is not UTF-8 keeps its bytes.

    Example:
        >>> fit_streams()
        >>> print("lächelnd.jpg")
        lächelnd.jpg
    """
    sys.stdin = _fitted(sys.stdin, "r")
    sys.stdout, sys.stderr = _fitted(sys.stdout, "w"), _fitted(sys.stderr, "w")


def _fitted(stream: TextIO | None, mode: Literal["r", "w"]) -> TextIO:
    if stream is None:  # closed by whoever started mien
        return Path(os.devnull).open(mode, encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        if codecs.lookup(stream.encoding).name == "ascii":
            stream.reconfigure(encoding="utf-8")
        stream.reconfigure(errors="surrogateescape" if codecs.lookup(stream.encoding).name == "utf-8" else "replace")
    return stream
