"""Commands as processes of their own."""

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from click.testing import Result


def interruptible(command: Sequence[str], cwd: Path | None = None) -> "subprocess.Popen[str]":
    """Start a command that Ctrl-C reaches, also where the tests run in the background and ignore it."""
    return subprocess.Popen(
        command,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def wrong_usage(result: Result) -> str:
    """Return what is said of wrong usage, out of its box; fails where a command ended otherwise."""
    assert result.exit_code == 2, result.output
    return " ".join(result.stderr.replace("│", " ").split())
