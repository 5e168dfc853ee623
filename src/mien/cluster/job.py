"""A job on Ray: parts are shared out to workers, on this machine or on those of a cluster."""

import logging
import os
import pickle
import socket
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mien.cluster.parts import Part
from mien.cluster.work import CORES, Done, Settings, Worker
from mien.errors import ClusterError, first_line, need

if TYPE_CHECKING:
    import pyarrow

ADDRESS = "RAY_ADDRESS"  # environment, Ray's own: the cluster to use
_PATIENCE = 10.0  # seconds for a cluster to answer
_TOKEN = "and where it wants a token, this command too: RAY_AUTH_MODE=token and RAY_AUTH_TOKEN"
_RETRIES = 3  # of a part whose worker died
SET = {  # of Ray, unless the user has set it otherwise
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is sent home
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # under `uv run`, workers are not to install an environment of their own
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # its future, and no warning of it
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_raylet_start_wait_time_s": "120",  # a busy machine takes longer than its 30
}


def check_installed() -> None:
    """Raise MissingExtra, with the install command, unless Ray Data can be imported."""
    need("ray", "ray", "pandas", "pyarrow", purpose="--engine ray")


@contextmanager
def joined(address: str | None, workers: int | None) -> Iterator[None]:
    """Connect with a Ray cluster while the block runs, or start one on this machine that ends with it.

    Args:
        address: of the cluster, ``host:port``; that of the variable ``RAY_ADDRESS`` if not given; else this machine.
        workers: how many there will be, which decides on the cores that a cluster of this machine has.

    Raises:
        MissingExtra: Ray is not installed.
        ClusterError: the cluster cannot be reached, or has another version of Ray or Python.

    Example:
        >>> with joined(None, 2):
        ...     for done in run(parts, settings, 2):
        ...         print(done.part.number, done.faces)
    """
    check_installed()
    address = address or os.environ.get(ADDRESS)
    own = {} if address else {"num_cpus": workers, "include_dashboard": False}
    if address:
        _knock(address)
    with _quiet():
        import ray
        import ray.data

        warnings.simplefilter("ignore")  # again: Ray has put a filter of its own before
        try:
            ray.init(address or "local", log_to_driver=False, logging_level=logging.ERROR, **own)
        except Exception as error:  # Ray's have no base class
            message = f"Ray cannot start on this machine ({first_line(error)}); its logs are in /tmp/ray"
            if address:
                message = f"{address}: {first_line(error)}; the cluster needs the same Ray and Python, {_TOKEN}"
            raise ClusterError(message) from error
        try:
            yield
        finally:
            ray.shutdown()


def run(parts: Sequence[Part], settings: Settings, workers: int | None) -> Generator[Done]:
    """Yield the parts as they get done, in any order; a part whose workers died again and again does not come.

    Each worker has one core. One that is killed is replaced, and what it was at is done again.

    Args:
        parts: what to do.
        settings: for the workers.
        workers: how many; as many as the cluster has cores if not given.

    Raises:
        ClusterError: a machine of the cluster cannot run mien.
    """
    if not parts:
        return
    import ray
    import ray.data

    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    context.max_errored_blocks = -1  # a part that fails does not take the others along
    most = max(1, int(ray.cluster_resources().get("CPU", 1)) // CORES)
    tasks = ray.data.from_items([{"task": pickle.dumps(part)} for part in parts], override_num_blocks=len(parts))
    answers = tasks.map_batches(
        _Actor,
        fn_constructor_args=[settings],
        # one at a time: a part that kills its worker takes none along that waits there
        compute=ray.data.ActorPoolStrategy(size=min(workers or most, len(parts)), max_tasks_in_flight_per_actor=1),
        batch_size=1,
        batch_format="pyarrow",
        num_cpus=CORES,
        ray_remote_args_fn=lambda: {"max_task_retries": _RETRIES},
    )
    try:
        for batch in answers.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
            yield from (pickle.loads(answer) for answer in batch.column("done").to_pylist())
    except ray.exceptions.RayError as error:
        message = f"a machine of the cluster cannot run mien ({_last_line(error)}); install the same mien[ray] on each"
        raise ClusterError(message) from error


class _Actor:
    """A worker as Ray Data wants it: a table of tasks in, a table of answers out."""

    def __init__(self, settings: Settings) -> None:
        self._worker = Worker(settings)

    def __call__(self, batch: "pyarrow.Table") -> "pyarrow.Table":
        import pyarrow

        done = [self._worker.work(pickle.loads(task)) for task in batch.column("task").to_pylist()]
        return pyarrow.table({"done": [pickle.dumps(one) for one in done]})


def _knock(address: str) -> None:
    """Ray itself takes minutes to say that nobody is there."""
    host, _, port = address.rpartition("//")[2].rpartition(":")
    if not port.isdecimal():
        return
    try:
        socket.create_connection((host, int(port)), _PATIENCE).close()
    except (OSError, OverflowError) as error:
        message = f"{address}: no Ray cluster answers there ({getattr(error, 'strerror', None) or error})"
        raise ClusterError(f"{message}; start one with: ray start --head, and give its address as host:port") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Set what Ray reads from the environment, and keep its warnings about itself to itself."""
    for name, value in SET.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _last_line(error: Exception) -> str:
    return ([line for line in str(error).splitlines() if line.strip()] or [type(error).__name__])[-1].strip()
