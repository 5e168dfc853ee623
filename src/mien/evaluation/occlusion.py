"""Where a model looks: the mean occlusion map of each expression, over pictures that it got right."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from mien import html
from mien.data.dataset import Dataset
from mien.evaluation.predict import Predictions
from mien.explain import Map, covered, patch_spots, region_of, spread
from mien.html import Html
from mien.model.classify import Classifier
from mien.model.preprocess import face_pixels
from mien.progress import Watch
from mien.vision.overlay import colored

_PICTURES = 40  # of an expression, at most
_PATCH, _STRIDE = 1 / 3, 1 / 6  # of the input's side
_TURNS = 5  # each picture tries every fifth patch, all of them together each patch as often: a fifth of the time
_BLUR = _STRIDE / 2  # standard deviation that levels the steps between patches, a share of the input's side
_DRAWN = 48  # pixels of a map in the page, which smooths it
# Frame, eyes, nose and mouth in percent of the square, read off the mean of FER2013's training pictures.
_OUTLINE = (
    '<g fill="none" stroke="var(--soft)" stroke-width="1.2" opacity=".75">'
    '<rect x=".6" y=".6" width="98.8" height="98.8" rx="4" stroke="var(--line)"/>'
    '<ellipse cx="30" cy="36" rx="10" ry="4.5"/><ellipse cx="69" cy="36" rx="10" ry="4.5"/>'
    '<path d="M46 58q4 4 8 0"/><path d="M31 74q19 5 38 0q-19 14 -38 0z"/></g>'
)


@dataclass(frozen=True, eq=False)
class MeanMap:
    """What speaks for one expression, on average.

    Attributes:
        label: the expression.
        pictures: how many the mean is over.
        map: float32 ``(size, size)``, -1 to 1: mean probability lost where a face is covered.
    """

    label: str
    pictures: int
    map: Map = field(repr=False)


def mean_maps(
    classifier: Classifier, dataset: Dataset, predictions: Predictions, *, watch: Watch | None = None
) -> tuple[MeanMap, ...]:
    """Return a map for each expression of which some pictures were answered correctly.

    Up to 40 of them, evenly spread over the data's order, so the choice is the same every time. See
    ``mien.explain.occlusion_map``; here patches have one size, and each picture tries only a part of them.

    Args:
        classifier: the model.
        dataset: pictures with their true labels.
        predictions: what the model says of them, in the same order.
        watch: called with (done, total) classes after each.

    Example:
        >>> [(one.label, one.pictures) for one in mean_maps(classifier, dataset, predictions)]
        [('angry', 40), ('happy', 40)]
    """
    guesses = np.array(predictions.classes)[predictions.probabilities.argmax(axis=1)]
    truths = np.array(dataset.classes)[dataset.labels]
    found = []
    for number, label in enumerate(dataset.classes, start=1):
        right = np.flatnonzero((guesses == label) & (truths == label))
        if len(right):
            rows = np.unique(np.linspace(0, len(right) - 1, min(len(right), _PICTURES)).round().astype(int))
            chosen = right[rows]
            whole = predictions.probabilities[chosen].max(axis=1)
            found.append(MeanMap(label, len(rows), _mean_map(classifier, dataset.images[chosen], whole, label)))
        if watch is not None:
            watch(number, len(dataset.classes))
    return tuple(found)


def _mean_map(classifier: Classifier, images: npt.NDArray[np.uint8], whole: npt.NDArray[np.float32], label: str) -> Map:
    """Return the mean map of pictures whose probability of the label, nothing covered, is ``whole``."""
    size, column = classifier.metadata.size, classifier.labels.index(label)
    spots = patch_spots(size, _PATCH, _STRIDE)
    turns = min(_TURNS, len(images))  # few pictures: each tries more, so that no patch is left out
    tried = [range(number % turns, len(spots), turns) for number in range(len(images))]
    pairs = zip(images, tried, strict=True)
    faces = [covered(face_pixels(image, size), [spots[spot] for spot in mine]) for image, mine in pairs]
    left = classifier(np.concatenate(faces))[:, column]
    lost = np.repeat(whole, [len(mine) for mine in tried]) - left
    places = np.concatenate(tried)
    means = np.bincount(places, lost) / np.bincount(places)
    blurred = cv2.GaussianBlur(spread(spots, means.astype(np.float32), size), (0, 0), max(_BLUR * size, 0.5))
    return np.asarray(blurred, np.float32)


def looks(maps: Sequence[MeanMap]) -> list[Html]:
    """Return the report's section: a small drawing a map, and how to read them; nothing where there are none."""
    if not maps:
        return []
    words = (
        "What the answer hangs on, on average over up to 40 pictures of each expression that were answered right. A "
        "grey patch slides over the face: where it costs the right expression probability, the map is orange, where "
        "it gains some, blue. Each map is as strong as its own strongest part; named below are the part and what a "
        "patch costs there, in points of probability. The lines show where eyes, nose and mouth usually are. Where "
        "the surroundings matter, something is amiss: look at the data."
    )
    return [html.paragraph(words, "note"), html.gallery([_drawing(one) for one in maps])]


def _drawing(one: MeanMap) -> Html:
    colors, strength = colored(np.asarray(cv2.resize(one.map, (_DRAWN, _DRAWN)), np.float32))
    alpha = np.rint(255 * strength).astype(np.uint8)
    _, png = cv2.imencode(".png", np.dstack([colors, alpha]))
    data = base64.b64encode(png.tobytes()).decode()
    region, cost = region_of(one.map), 100 * max(0.0, float(one.map.max()))
    description = html.text(f"what speaks for {one.label}, {one.pictures} pictures: {region}")
    svg = (
        f'<svg viewBox="0 0 100 100" role="img" aria-label="{description}">'
        f'<image width="100" height="100" href="data:image/png;base64,{data}"/>{_OUTLINE}</svg>'
    )
    below = f"<b>{html.text(one.label)}</b><br>{region}<br>{cost:.0f} points"
    return html.drawing(Html(svg), Html(below))
