"""A Keras network as torch functions: channels last, in bfloat16 where the device has it, the same numbers."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from mien.errors import RecipeError

_HWIO_TO_OIHW, _OIHW_TO_HWIO = (3, 2, 0, 1), (2, 3, 1, 0)


class TorchNetwork:
    """The layers of a functional Keras model, run by torch, with weights of its own.

    Pictures go in as float32 ``(n, 1, size, size)``, channels last in memory; every output comes out float32
    ``(n, units)``. Weights go in and out as arrays in the order and the layout of Keras.

    Args:
        model: functional; of layers that ``mien.training.models`` uses.
        half: compute convolutions and dense layers in bfloat16; weights and sums stay float32.
        device: where it computes, ``cpu`` or ``cuda``.

    Raises:
        RecipeError: a layer that is not known here.

    Example:
        >>> network = TorchNetwork(build("tiny", size=48, classes=7, dropout=0.2), half=False)
        >>> [logits] = network(torch.zeros(2, 1, 48, 48), training=False)
    """

    def __init__(self, model: keras.Model, *, half: bool, device: str = "cpu") -> None:
        self._half, self._device = half, device
        self._outputs = [id(tensor) for tensor in model.outputs]
        self._order = [variable.path for variable in model.weights]
        self._tensors: dict[str, torch.Tensor] = {}
        self._steps: list[tuple[Callable[..., torch.Tensor], list[int], int]] = []
        self._inputs = [id(tensor) for tensor in model.inputs]
        for layer in keras.Function(model.inputs, model.outputs).operations:
            if isinstance(layer, keras.layers.InputLayer):
                continue
            self._adopt(layer)
            inputs = [id(tensor) for tensor in keras.tree.flatten(layer.input)]
            self._steps.append((self._function(layer), inputs, id(layer.output)))
        self.trained = [self._tensors[variable.path] for variable in model.trainable_variables]
        others = [variable.path for variable in model.non_trainable_variables]
        self._moving = [self._tensors[path] for path in others if path in self._tensors]
        self.all = [self._tensors[path] for path in self._order]
        self.kernels = [tensor for tensor in self.trained if tensor.ndim > 1]

    def __call__(self, faces: torch.Tensor, *, training: bool) -> list[torch.Tensor]:
        """Return the outputs; ``training`` as in Keras: batch norm by the batch, dropout on."""
        values = {self._inputs[0]: faces}
        with torch.autocast(self._device, torch.bfloat16, enabled=self._half, cache_enabled=self._device == "cpu"):
            for function, inputs, output in self._steps:
                values[output] = function(*(values[name] for name in inputs), training=training)
        return [values[name].float() for name in self._outputs]

    @contextmanager
    def statistics_kept(self) -> Iterator[None]:
        """Leave the running means of batch norm as they are, whatever passes through meanwhile."""
        kept = [tensor.clone() for tensor in self._moving]
        try:
            yield
        finally:
            torch._foreach_copy_(self._moving, kept)

    def weights(self) -> list[npt.NDArray[np.float32]]:
        """Return copies of all weights, as ``keras.Model.get_weights`` does."""
        return [to_keras(tensor) for tensor in self.all]

    def set_weights(self, weights: Sequence[npt.NDArray[np.float32]]) -> None:
        """Set all weights, as ``keras.Model.set_weights`` does."""
        with torch.no_grad():
            for tensor, array in zip(self.all, weights, strict=True):
                tensor.copy_(from_keras(array))

    def _adopt(self, layer: keras.Layer) -> None:
        trainable = {variable.path for variable in layer.trainable_variables}
        for variable in layer.weights:
            array = keras.ops.convert_to_numpy(variable.value)
            self._tensors[variable.path] = from_keras(array, self._device).requires_grad_(variable.path in trainable)

    def _weight(self, layer: keras.Layer, name: str) -> torch.Tensor | None:
        variable = getattr(layer, name)
        return None if variable is None else self._tensors[variable.path]

    def _function(self, layer: keras.Layer) -> Callable[..., torch.Tensor]:
        maker = _MAKERS.get(type(layer).__name__)
        if maker is None:
            kind = type(layer).__name__
            message = f"layer {layer.name} is a {kind}, which the torch engine lacks; --set engine=keras"
            raise RecipeError(message)
        function: Callable[..., torch.Tensor] = maker(layer, self._weight)
        return function


def from_keras(array: npt.NDArray[np.float32], device: str = "cpu") -> torch.Tensor:
    """Return a tensor of its own in torch's layout: kernels ``(out, in, height, width)``, channels last in memory."""
    tensor = torch.from_numpy(np.array(array, np.float32)).to(device)
    if tensor.ndim == 4:
        return tensor.permute(_HWIO_TO_OIHW).contiguous(memory_format=torch.channels_last)
    return tensor


def to_keras(tensor: torch.Tensor) -> npt.NDArray[np.float32]:
    """Return a copy in Keras' layout: kernels ``(height, width, in, out)``."""
    tensor = tensor.detach()
    tensor = tensor.permute(_OIHW_TO_HWIO) if tensor.ndim == 4 else tensor
    return np.array(tensor.contiguous().cpu())


def _convolution(layer: Any, weight: Callable[..., Any]) -> Callable[..., torch.Tensor]:
    kernel, bias, activate = weight(layer, "kernel"), weight(layer, "bias"), _activation(layer)

    def convolve(x: torch.Tensor, *, training: bool) -> torch.Tensor:
        x, padding = _padded(x, layer.kernel_size, layer.strides) if layer.padding == "same" else (x, (0, 0))
        return activate(functional.conv2d(x, kernel, bias, layer.strides, padding, groups=layer.groups))

    return convolve


def _padded(x: torch.Tensor, kernel: tuple[int, int], strides: tuple[int, int]) -> tuple[torch.Tensor, tuple[int, int]]:
    """Keras' ``same``: as many outputs as strides fit; where the padding is odd, the greater part comes after."""
    totals = [
        max((math.ceil(side / stride) - 1) * stride + width - side, 0)
        for side, width, stride in zip(x.shape[2:], kernel, strides, strict=True)
    ]
    if all(total % 2 == 0 for total in totals):
        return x, (totals[0] // 2, totals[1] // 2)
    (top, left), (bottom, right) = ([total // 2 for total in totals], [total - total // 2 for total in totals])
    return functional.pad(x, (left, right, top, bottom)), (0, 0)


def _dense(layer: Any, weight: Callable[..., Any]) -> Callable[..., torch.Tensor]:
    kernel, bias, activate = weight(layer, "kernel"), weight(layer, "bias"), _activation(layer)
    return lambda x, *, training: activate(functional.linear(x, kernel.T, bias))


def _batch_norm(layer: Any, weight: Callable[..., Any]) -> Callable[..., torch.Tensor]:
    names = ("moving_mean", "moving_variance", "gamma", "beta")
    mean, variance, gamma, beta = (weight(layer, name) for name in names)

    def normalise(x: torch.Tensor, *, training: bool) -> torch.Tensor:
        if not training:
            return functional.batch_norm(x, mean, variance, gamma, beta, eps=layer.epsilon)
        count = x.numel() // x.shape[1]
        if count == 1:  # torch refuses it; Keras' mean is the value, its variance 0
            with torch.no_grad():
                mean.lerp_(x.detach().float().flatten(), 1 - layer.momentum)
                variance.mul_(layer.momentum)
            ones = [1] * (x.ndim - 2)
            return x * 0 * gamma.view(1, -1, *ones) + beta.view(1, -1, *ones)
        after = variance.clone()
        y = functional.batch_norm(x, mean, after, gamma, beta, True, 1 - layer.momentum, layer.epsilon)  # noqa: FBT003
        with torch.no_grad():  # torch takes in the variance over count - 1, Keras over count
            variance.copy_(after.lerp(variance * layer.momentum, 1 / count))
        return y

    return normalise


def _global_average(layer: Any, weight: Callable[..., Any]) -> Callable[..., torch.Tensor]:
    return lambda x, *, training: x.mean((2, 3), keepdim=layer.keepdims)


def _max_pool(layer: Any, weight: Callable[..., Any]) -> Callable[..., torch.Tensor]:
    return lambda x, *, training: functional.max_pool2d(x, layer.pool_size, layer.strides)


def _dropout(layer: Any, weight: Callable[..., Any]) -> Callable[..., torch.Tensor]:
    return lambda x, *, training: functional.dropout(x, layer.rate, training)


def _rescaling(layer: Any, weight: Callable[..., Any]) -> Callable[..., torch.Tensor]:
    return lambda x, *, training: x * layer.scale + layer.offset


def _flatten(layer: Any, weight: Callable[..., Any]) -> Callable[..., torch.Tensor]:
    return lambda x, *, training: x.permute(0, 2, 3, 1).flatten(1)  # in the order that Keras' dense layers know


def _plain(function: Callable[..., torch.Tensor]) -> Callable[..., Callable[..., torch.Tensor]]:
    return lambda layer, weight: lambda *tensors, training: function(*tensors)


def _activation(layer: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    name = layer.activation.__name__
    if name not in _ACTIVATIONS:
        message = f"layer {layer.name} has activation {name}, which the torch engine lacks; --set engine=keras"
        raise RecipeError(message)
    return _ACTIVATIONS[name]


def _relu(x: torch.Tensor) -> torch.Tensor:
    return functional.relu(x, inplace=True)  # what comes before it, batch norm or a sum, is read by nothing else


_ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "linear": lambda x: x,
    "relu": functional.relu,
    "sigmoid": torch.sigmoid,
    "silu": functional.silu,
}
_MAKERS: dict[str, Callable[..., Callable[..., torch.Tensor]]] = {
    "Conv2D": _convolution,
    "Dense": _dense,
    "BatchNormalization": _batch_norm,
    "ReLU": _plain(_relu),
    "Add": _plain(torch.add),
    "Multiply": _plain(torch.mul),
    "MaxPooling2D": _max_pool,
    "GlobalAveragePooling2D": _global_average,
    "Dropout": _dropout,
    "Rescaling": _rescaling,
    "Flatten": _flatten,
}
