"""Make the bundled models of a run that was judged on test: float16 and int8, figures and licence note inside.

Beside it goes weights.npz, the same weights as Keras has them, for mien train --from bundled.

Weights are stored as float16, which halves the file; onnxruntime turns them back into float32 when it loads them, so
speed stays and probabilities move by less than a thousandth (measured below). benchmarks/bundled.py judges the result.

Usage: uv run python benchmarks/bundle.py RUN_FOLDER
"""

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx

from mien.data.splits import load_split
from mien.evaluation.metrics import HEADLINE
from mien.model.classify import Classifier
from mien.model.file import KEY, SUMS, read_model
from mien.training.export import open_keras
from mien.training.quantize import quantize_run
from mien.training.recipe_file import read_recipe
from mien.training.run import commit_of
from mien.training.start import WEIGHTS, marks, pack
from mien.writing import write_file

BUNDLED = Path(__file__).parents[1] / "src" / "mien" / "model" / "bundled"
LICENCE = (
    "Weights trained from scratch on FER2013 (Goodfellow et al. 2013, arXiv 1307.0414) and released under MIT. The "
    "pictures were collected by web search and carry no clear licence: check before commercial use."
)

_SMALL = 1000  # numbers; what is smaller stays float32


def halve_weights(model: onnx.ModelProto) -> None:
    """Store each large initializer as float16 followed by a cast to float32."""
    casts = []
    for tensor in list(model.graph.initializer):
        weights = onnx.numpy_helper.to_array(tensor)
        if weights.dtype == np.float32 and weights.size > _SMALL:
            half = f"{tensor.name}:half"
            casts.append(onnx.helper.make_node("Cast", [half], [tensor.name], to=onnx.TensorProto.FLOAT))
            model.graph.initializer.remove(tensor)
            model.graph.initializer.append(onnx.numpy_helper.from_array(weights.astype(np.float16), half))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def difference(one: Path, other: Path) -> float:
    """Return by how much probabilities of the two files differ at most, on 256 pictures of noise."""
    crops = np.random.default_rng(0).integers(0, 256, (256, 48, 48), np.uint8)
    return float(np.abs(Classifier(one)(crops) - Classifier(other)(crops)).max())


if __name__ == "__main__":
    run = Path(sys.argv[1])
    file = read_model(run)
    figures = {}
    for split in ("val", "test"):
        path = run / "evaluation" / split / "metrics.json"
        if split == "test" or path.exists():  # a refit has nothing that validates
            metrics = json.loads(path.read_text("utf-8"))
            figures[split] = {key: metrics[key] for key in (*HEADLINE, "n")}
    metadata = replace(file.metadata, figures=figures, licence=LICENCE, commit=commit_of(run))
    model = onnx.load_from_string(file.data)
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, {KEY: metadata.to_json()})
    halve_weights(model)
    data = model.SerializeToString()
    write_file(BUNDLED / "mien.onnx", data)
    weights = open_keras(run / "model.keras").get_weights()
    recipe = read_recipe(run / "recipe.toml")
    learned = load_split(recipe.data, run / "split.csv", "train", size=recipe.size)
    write_file(BUNDLED / WEIGHTS, pack(recipe.network, metadata.labels, weights, marks(learned)))
    with TemporaryDirectory() as folder:
        small, agreement = quantize_run(run, Path(folder) / "small.onnx")
        proto = onnx.load(small)
    onnx.helper.set_model_props(proto, {KEY: replace(metadata, figures={}).to_json()})
    write_file(BUNDLED / "mien-int8.onnx", proto.SerializeToString())
    made = ("mien.onnx", "mien-int8.onnx", WEIGHTS)
    sums = [f"{hashlib.sha256((BUNDLED / name).read_bytes()).hexdigest()}  {name}\n" for name in made]
    write_file(BUNDLED / SUMS, "".join(sums))
    print(f"int8 calls {agreement:.1%} of training pictures the same")
    print(f"differs from the run's model by at most {difference(run / 'model.onnx', BUNDLED / 'mien.onnx'):.1e}")
    print(f"{BUNDLED / 'mien.onnx'}: {len(data) / 1e6:.1f} MB")
