"""Eight-bit model files: the same network in whole numbers, smaller and faster where the processor multiplies those."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from mien.data.splits import load_split
from mien.errors import ModelError
from mien.model.classify import Classifier
from mien.model.file import INPUT, KEY
from mien.model.preprocess import network_input
from mien.training.recipe_file import read_recipe
from mien.training.run import check_finished
from mien.writing import write_file

_PICTURES, _BATCH, _SEED = 1024, 64, 2013
_LEAST_AGREEMENT = 0.9


def quantize_run(run: Path, out: Path | None = None) -> tuple[Path, float]:
    """Write the model of a finished run in int8 and return where, and how often both call a face the same.

    The ranges of the activations are those of 1024 of the run's training pictures.

    Args:
        run: run folder; its data must still be there.
        out: the file; ``model-int8.onnx`` in the run folder if not given.

    Raises:
        RunError: the run is not finished. DataError: its data is gone. ModelError: int8 cannot follow the network.
    """
    check_finished(run)
    recipe = read_recipe(run / "recipe.toml")
    train = load_split(recipe.data, run / "split.csv", "train", size=recipe.size)
    chosen = np.random.default_rng(_SEED).permutation(len(train))[:_PICTURES]
    out = out or run / "model-int8.onnx"
    return out, quantize(run / "model.onnx", train.images[np.sort(chosen)], out)


def quantize(model: Path, pictures: npt.NDArray[np.uint8], out: Path) -> float:
    """Write ``model`` in int8 and return the share of ``pictures`` that both call the same.

    Static, weights a channel at a time in 7 bits (older processors without VNNI add up two products in 16 bits and
    overflow with 8), activations in 8 (Jacob et al. 2018, arXiv 1712.05877). The metadata stays but for the measured
    figures, which are not those of this file.

    Args:
        model: mien's ONNX file.
        pictures: grey uint8 ``(n, size, size)``, what it usually sees.
        out: the file to write.

    Raises:
        ModelError: fewer than nine in ten are called the same.
    """
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

    original = Classifier(model)

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self._batches = _batches(pictures, original.metadata.size)

        def get_next(self) -> dict[str, npt.NDArray[np.float32]] | None:
            return next(self._batches, None)

    with TemporaryDirectory() as folder:
        made = Path(folder) / "model.onnx"
        quantize_static(
            model,
            made,
            Reader(),
            per_channel=True,
            reduce_range=True,
            nodes_to_exclude=_head(onnx.load(model)),
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        proto = onnx.load(made)
        proto.graph.name, proto.producer_name = "mien", "mien"
        onnx.helper.set_model_props(proto, {KEY: replace(original.metadata, figures={}).to_json()})
        made.write_bytes(proto.SerializeToString())
        same = original(pictures).argmax(axis=1) == Classifier(made)(pictures).argmax(axis=1)
        agreement = float(same.mean())
        if agreement < _LEAST_AGREEMENT:
            message = f"{model}: in int8 only {agreement:.0%} of faces are called the same; keep the file as it is"
            raise ModelError(message)
        write_file(out, made.read_bytes())
    return agreement


def _head(model: Any) -> list[str]:
    """Return the names of the nodes from the first dense layer on: probabilities in 8 bits would not sum to 1."""
    made: set[str] = set()
    names = []
    for node in model.graph.node:
        if node.op_type in ("MatMul", "Gemm") or made & set(node.input):
            made.update(node.output)
            names.append(node.name)
    return names


def _batches(pictures: npt.NDArray[np.uint8], size: int) -> Iterator[dict[str, npt.NDArray[np.float32]]]:
    for start in range(0, len(pictures), _BATCH):
        yield {INPUT: network_input(pictures[start : start + _BATCH], size)}
