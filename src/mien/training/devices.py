"""Several devices: each computes its part of every batch, all hold the same weights. Keras does it, on jax.

The loss, the gradients and batch normalisation are those of the whole batch, as on one device; only the order in which
floating-point numbers are added differs.
"""

from contextlib import AbstractContextManager, nullcontext

import keras

from mien.errors import RunError


def check_devices(devices: int, engine: str, batch: int) -> None:
    """Say what stands in the way of training on so many devices; nothing does for one.

    Args:
        devices: how many.
        engine: that trains, ``keras`` or ``torch``.
        batch: pictures a step.

    Raises:
        RunError: they are not there, cannot be used by this engine and backend, or cannot share a batch evenly.

    Example:
        >>> check_devices(1, "torch", batch=33)
    """
    if devices == 1:
        return
    backend = keras.backend.backend()
    if (engine, backend) != ("keras", "jax"):
        computes = "the torch engine" if engine == "torch" else f"Keras on {backend}"
        message = (
            f"--devices {devices}: {computes} trains on one device; begin the run with Keras on jax: pip install jax, "
            "then KERAS_BACKEND=jax mien train --set engine=keras"
        )
        raise RunError(message)
    there = keras.distribution.list_devices()
    if devices > len(there):
        message = f"--devices {devices}: jax finds {len(there)} here ({', '.join(there)}); ask for no more"
        raise RunError(message)
    if batch % devices:
        even = max(devices, batch - batch % devices)
        message = f"--devices {devices}: cannot share a batch of {batch} pictures evenly; such as --set batch={even}"
        raise RunError(message)


def spread(devices: int) -> AbstractContextManager[None]:
    """Return a ``with`` block: a network that is built and trained in it lies on the first so many devices.

    Example:
        >>> with spread(2):
        ...     model = build("tiny", size=48, classes=7, dropout=0.2)
    """
    if devices == 1:
        return nullcontext()
    first = keras.distribution.list_devices()[:devices]
    scope: AbstractContextManager[None] = keras.distribution.DataParallel(devices=first).scope()
    return scope


def spread_over() -> int:
    """Return the number of devices that share a batch where this is called: 1 outside a ``spread`` block."""
    distribution = keras.distribution.distribution()
    return 1 if distribution is None else int(distribution.device_mesh.devices.size)
