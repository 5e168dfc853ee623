"""Keep what native libraries write about themselves off the terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile

from mien.errors import MienError


@contextmanager
def native_notes_hidden() -> Iterator[None]:
    """Hide everything written to stderr while the block runs; show it after all if the block breaks unexpectedly.

    TensorFlow's libraries write notes on their own build to file descriptor 2, past any setting of Python's.

    Example:
        >>> with native_notes_hidden():
        ...     import tensorflow
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with TemporaryFile() as hidden:
        os.dup2(hidden.fileno(), 2)
        try:
            yield
        except (MienError, KeyboardInterrupt):
            raise
        except BaseException:
            hidden.seek(0)
            os.write(kept, hidden.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
