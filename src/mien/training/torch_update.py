"""Keras' optimisers over torch tensors: the same formulas, all tensors at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import torch

from mien.training.torch_network import from_keras, to_keras

_MOMENTUM = 0.9
_TINY = 1e-12
_FIRST, _SECOND, _EPSILON = 0.9, 0.999, 1e-7  # Keras' own values of Adam


class Update:
    """SGD with Nesterov momentum, or Adam (Kingma & Ba 2015, arXiv 1412.6980), with decoupled weight decay.

    Args:
        optimizer: ``sgd`` or ``adam``.
        tensors: what is trained; gradients are read from them.
        kernels: those of them that decay.
        decay: weight decay, multiplied by the learning rate (Loshchilov & Hutter 2019, arXiv 1711.05101).
    """

    def __init__(
        self, optimizer: str, tensors: Sequence[torch.Tensor], kernels: Sequence[torch.Tensor], decay: float
    ) -> None:
        self._tensors, self._kernels, self._decay = list(tensors), list(kernels), decay
        self._step = {"sgd": self._sgd, "adam": self._adam}[optimizer]
        self._done = 0
        self._moments = [[torch.zeros_like(t) for t in tensors] for _ in range(1 if optimizer == "sgd" else 2)]

    def __call__(self, rate: float) -> None:
        """Change the tensors by their gradients, then clear those."""
        with torch.no_grad():
            if self._decay:
                torch._foreach_mul_(self._kernels, 1 - rate * self._decay)
            self._done += 1
            self._step([tensor.grad for tensor in self._tensors], rate)
        for tensor in self._tensors:
            tensor.grad = None

    @contextmanager
    def at_the_worst(self, radius: float) -> Iterator[None]:
        """Move the tensors uphill by their gradients, so far as the radius, and clear those; move back at the end.

        What is computed meanwhile are the gradients of sharpness-aware minimisation (Foret et al. 2021, arXiv
        2010.01412).
        """
        with torch.no_grad():
            gradients = [tensor.grad for tensor in self._tensors]
            length = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
            moves = torch._foreach_mul(gradients, radius / (length + _TINY))
            torch._foreach_add_(self._tensors, moves)
        for tensor in self._tensors:
            tensor.grad = None
        try:
            yield
        finally:
            with torch.no_grad():
                torch._foreach_sub_(self._tensors, moves)

    def _sgd(self, gradients: list[torch.Tensor], rate: float) -> None:
        [velocities] = self._moments
        torch._foreach_mul_(velocities, _MOMENTUM)
        torch._foreach_add_(velocities, gradients, alpha=-rate)
        torch._foreach_add_(self._tensors, velocities, alpha=_MOMENTUM)
        torch._foreach_add_(self._tensors, gradients, alpha=-rate)

    def _adam(self, gradients: list[torch.Tensor], rate: float) -> None:
        means, squares = self._moments
        torch._foreach_lerp_(means, gradients, 1 - _FIRST)
        torch._foreach_mul_(squares, _SECOND)
        torch._foreach_addcmul_(squares, gradients, gradients, value=1 - _SECOND)
        scale = rate * (1 - _SECOND**self._done) ** 0.5 / (1 - _FIRST**self._done)
        spread = torch._foreach_sqrt(squares)
        torch._foreach_add_(spread, _EPSILON)
        torch._foreach_addcdiv_(self._tensors, means, spread, value=-scale)

    def state(self) -> list[npt.NDArray[np.float32]]:
        """Return what a later ``restore`` needs."""
        return [np.array(self._done, np.float32), *(to_keras(t) for moment in self._moments for t in moment)]

    def restore(self, state: Sequence[npt.NDArray[np.float32]]) -> None:
        """Go on from a ``state``."""
        done, *arrays = state
        self._done = int(done)
        for tensor, array in zip([t for moment in self._moments for t in moment], arrays, strict=True):
            tensor.copy_(from_keras(array))
