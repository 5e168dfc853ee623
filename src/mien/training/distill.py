"""Teachers: what trained networks say of seeded views of the training pictures, for a smaller network to learn from.

Knowledge distillation (Hinton et al. 2015, arXiv 1503.02531) from a file: the teachers look once at some views of each
picture, the student later sees the very same views (Beyer et al. 2022, arXiv 2106.05237), so that it needs no teacher.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mien.data.dataset import Dataset
from mien.data.splits import load_whole, read_split
from mien.errors import DataError
from mien.evaluation.confidence import softmax
from mien.model.classify import Classifier
from mien.progress import Progress
from mien.training.arrays import pack_arrays, unpack_arrays
from mien.training.augment import draw_variations, vary
from mien.training.recipe import Augment
from mien.training.run import check_finished, check_same

VIEWS = 8
_AMOUNTS = Augment(rotation=12, shift=0.08, zoom=0.12, brightness=0.1, contrast=0.2, cutout=0.2)
_SEED = 2013
_PART = 4096  # pictures that are varied at a time, so that a view takes little more memory than the pictures
_LEAST = 1e-6  # probability; its logarithm stays finite in float16
_STEPS = 32  # of a logarithm in 1: 1.6 % of a probability at most; the file is 0.7 of what all of float16 makes


@dataclass(frozen=True, eq=False)
class Teachers:
    """What teachers say.

    Attributes:
        logits: float16 ``(views, n, classes)``: logarithms of their mean probabilities, in steps of 1/32.
        fingerprint: of the training pictures.
        runs: their names.
        apart: bool ``(n,)``, pictures that were shown in a round of their own, see ``joined``; empty if none were.
    """

    logits: npt.NDArray[np.float16]
    fingerprint: str
    runs: tuple[str, ...]
    apart: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))

    @property
    def views(self) -> int:
        """Number of views of each picture."""
        return len(self.logits)

    def targets(self, view: int, temperature: float) -> npt.NDArray[np.float32]:
        """Return probabilities float32 ``(n, classes)`` for a view, softened by the temperature."""
        return softmax(self.logits[view].astype(np.float32) / temperature).astype(np.float32)

    def shown(self, images: npt.NDArray[np.uint8], view: int) -> npt.NDArray[np.uint8]:
        """Return a view of the training pictures, uint8 ``(n, size, size)``, as the teachers saw it."""
        if not len(self.apart):
            return seeded_view(images, view)
        views = np.empty_like(images)
        for part in (~self.apart, self.apart):
            views[part] = seeded_view(images[part], view)
        return views

    def joined(self, others: "Teachers", chosen: npt.NDArray[np.bool_], fingerprint: str) -> "Teachers":
        """Return what these say of the pictures that are not chosen and the others, asked apart, of those that are.

        Args:
            others: with as many views.
            chosen: bool ``(n,)``, of all pictures.
            fingerprint: of all pictures.
        """
        logits = np.empty((self.views, len(chosen), self.logits.shape[2]), np.float16)
        logits[:, ~chosen], logits[:, chosen] = self.logits, others.logits
        return Teachers(logits, fingerprint, tuple(dict.fromkeys((*self.runs, *others.runs))), chosen)


class Teacher(Protocol):
    """A trained network, such as a ``Classifier``."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Its classes."""

    def __call__(self, crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return probabilities ``(n, classes)`` of grey pictures ``(n, size, size)``."""


def seeded_view(images: npt.NDArray[np.uint8], number: int) -> npt.NDArray[np.uint8]:
    """Return a view of every picture, uint8 ``(n, size, size)``: for the same pictures and number always the same."""
    drawn = draw_variations(images.shape, _AMOUNTS, images.shape[1], np.random.default_rng([_SEED, number]))
    view = np.empty_like(images)
    for start in range(0, len(images), _PART):
        part = slice(start, start + _PART)
        faces = vary(images[part], drawn.part(part))[..., 0]
        view[part] = np.rint(faces, out=faces)
    return view


def logarithms(probabilities: npt.NDArray[np.floating]) -> npt.NDArray[np.float16]:
    """Return logarithms as a file of teachers holds them."""
    logs = np.log(np.maximum(probabilities, _LEAST))
    return np.asarray(np.rint(logs * _STEPS) / _STEPS, np.float16)


def ask(
    classifiers: Sequence[Teacher], train: Dataset, watch: Callable[[int, int], None], views: int = VIEWS
) -> Teachers:
    """Return what the teachers say of the views of the training pictures.

    Args:
        classifiers: trained networks with the classes of the data, in its order.
        train: the pictures that a student will learn from.
        watch: called with the number of views done and of all.
        views: of each picture.

    Raises:
        DataError: a teacher has other classes.
    """
    for classifier in classifiers:
        if classifier.labels != train.classes:
            message = (
                f"{classifier.name}: its classes are {', '.join(classifier.labels)}, not {', '.join(train.classes)}; "
                "give runs that were trained on this data"
            )
            raise DataError(message)
    logits = np.empty((views, len(train), len(train.classes)), np.float16)
    for number in range(views):
        pictures = seeded_view(train.images, number)
        mean = np.mean([classifier(pictures) for classifier in classifiers], axis=0)
        logits[number] = logarithms(mean)
        watch(number + 1, views)
    return Teachers(logits, train.fingerprint(), tuple(classifier.name for classifier in classifiers))


def ask_runs(
    runs: Sequence[Path],
    data: str | Path,
    progress: Progress,
    *,
    whole: bool = False,
    views: int = VIEWS,
    said: Path | None = None,
) -> Teachers:
    """Return what finished runs say of their training pictures, read at the first one's side.

    Args:
        runs: run folders with the same split, so that none has seen what a student validates on.
        data: the data set that they were trained on.
        progress: called with a description; gives a context whose value is called with (done, total).
        whole: ask about their validation pictures too, for a student that is a refit.
        views: of each picture.
        said: file of what teachers, these or others, say of the training pictures. It is kept, and the runs are asked
            about as many views of the validation pictures alone.

    Raises:
        RunError: a run is not finished. DataError: the data is not that of the runs, their splits differ, or ``said``
            is of other pictures.

    Example:
        >>> ask_runs([Path("runs/1"), Path("runs/2")], "fer2013", silent).logits.shape
        (8, 25702, 7)
    """
    for run in runs:
        check_finished(run)
    first, *others = (read_split(run / "split.csv") for run in runs)
    for run, other in zip(runs[1:], others, strict=True):
        if other != first:
            message = (
                f"{run}: its split.csv is not that of {runs[0]}; give runs of the same data, split_seed and validation"
            )
            raise DataError(message)
    classifiers = [Classifier(run) for run in runs]
    with progress("Reading pictures") as watch:
        pictures, held_out = load_whole(data, runs[0] / "split.csv", size=classifiers[0].metadata.size, watch=watch)
    parts = pictures.parted(held_out)
    check_same(runs[0], parts)
    known = _kept(said, parts, runs[0]) if said else None
    asked = parts[1] if known else pictures if whole else parts[0]
    with progress("Asking teachers") as watch:
        answers = ask(classifiers, asked, watch, known.views if known else views)
    answers = replace(answers, runs=tuple(run.resolve().name for run in runs))
    return known.joined(answers, held_out, pictures.fingerprint()) if known else answers


def _kept(path: Path, parts: tuple[Dataset, Dataset], run: Path) -> Teachers:
    """Return what was said of the training pictures, where that leaves something to ask about."""
    if not len(parts[1]):
        message = f"{run}: held no picture out, so there is none to ask about; give a run with validation pictures"
        raise DataError(message)
    kept = read_teachers(path, parts[0])
    if len(kept.apart):
        message = f"{path}: speaks of validation pictures already; give the file that mien teach wrote without --said"
        raise DataError(message)
    return kept


def pack(teachers: Teachers) -> bytes:
    """Return the file that ``read_teachers`` reads."""
    about = {"fingerprint": teachers.fingerprint, "runs": teachers.runs}
    return pack_arrays(about, {"logits": teachers.logits, "apart": teachers.apart}, compressed=True)


def read_teachers(path: str | Path, train: Dataset) -> Teachers:
    """Read the file for these training pictures.

    Raises:
        DataError: no such file, or for other pictures.
    """
    try:
        about, arrays = unpack_arrays(Path(path).read_bytes())
        apart = arrays.get("apart", np.empty(0, np.bool_))
        teachers = Teachers(arrays["logits"], about["fingerprint"], tuple(about["runs"]), apart)
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{path}: cannot be read as teachers ({error}); make it with mien teach"
        raise DataError(message) from error
    if teachers.fingerprint != train.fingerprint() or teachers.logits.shape[1:] != (len(train), len(train.classes)):
        message = (
            f"{path}: made for other pictures, another split or size ({teachers.fingerprint[:12]}, the data is "
            f"{train.fingerprint()[:12]}); give size, validation and split_seed of the teachers' recipe with --set, or "
            "make it again with mien teach, for a refit with mien teach --whole"
        )
        raise DataError(message)
    return teachers
