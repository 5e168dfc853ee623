"""The mistakes a model is surest of: the first pictures to look at, and often the first labels to doubt."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from mien import html
from mien.data.dataset import Dataset
from mien.html import Html

_SHOWN = 24


@dataclass(frozen=True, eq=False)
class Mistake:
    """One picture that was taken for what it is not.

    Attributes:
        name: of the picture.
        truth: its label.
        guess: what the model says.
        confidence: how sure it is, 0-1.
        image: grey uint8 ``(h, w)``.
    """

    name: str
    truth: str
    guess: str
    confidence: float
    image: npt.NDArray[np.uint8] = field(repr=False)


def confident_mistakes(probabilities: npt.NDArray[np.floating], dataset: Dataset) -> tuple[Mistake, ...]:
    """Return the mistakes with the highest confidence, surest first, at most 24.

    Args:
        probabilities: float ``(n, classes)`` of the pictures in ``dataset``, in its order.
        dataset: pictures with their true labels.

    Example:
        >>> confident_mistakes(predictions.probabilities, dataset)[0]
        Mistake(name='test/sad/a.png', truth='sad', guess='happy', confidence=0.98)
    """
    guesses, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(guesses != dataset.labels)
    return tuple(
        Mistake(
            dataset.names[row],
            dataset.classes[dataset.labels[row]],
            dataset.classes[guesses[row]],
            float(confidence[row]),
            dataset.images[row],
        )
        for row in wrong[np.argsort(-confidence[wrong], kind="stable")][:_SHOWN]
    )


def mistake_section(found: Sequence[Mistake], *, thumbnails: bool) -> list[Html]:
    """Return the report's section: the pictures, or only their names; nothing where there are no mistakes."""
    if not found:
        return []
    if not thumbnails:
        rows = [[one.name, one.guess, f"{one.confidence:.0%}", one.truth] for one in found]
        return [html.table(["file", "taken for", "confidence", "label"], rows)]
    return [html.gallery([_face(one) for one in found])]


def _face(one: Mistake) -> Html:
    _, png = cv2.imencode(".png", one.image)
    below = Html(f"{html.text(f'{one.guess} {one.confidence:.0%}')}<br>is {html.text(one.truth)}")
    return html.picture(png.tobytes(), f"{one.name}, taken for {one.guess}, is {one.truth}", below)
