"""Finding faces by name: a finder is called with a picture and returns boxes, largest first."""

import reprlib
from collections.abc import Callable
from typing import Any

from mien.errors import MienError
from mien.pictures import Picture
from mien.results import Box
from mien.vision.downloads import is_pulled
from mien.vision.haar import HaarFinder
from mien.vision.yunet import YuNetFinder

# BGR uint8 (height, width, 3) to boxes (x, y, width, height). The network is given the square around a box, plus the
# model's margin, so a box should be as Haar cascades give it and as FER2013 was cut: from mid-forehead to the chin.
Finder = Callable[[Picture], list[Box]]


def whole_picture(image: Picture) -> list[Box]:
    """Return one box, the picture itself: for pictures that are face crops already."""
    height, width = image.shape[:2]
    return [(0, 0, width, height)]


def best_finder() -> Finder:
    """Return the best finder there is: YuNet where it was pulled, else the Haar cascades."""
    return YuNetFinder() if is_pulled("yunet") else HaarFinder()


_FINDERS: dict[str, Callable[[], Finder]] = {
    "auto": best_finder,
    "haar": HaarFinder,
    "yunet": YuNetFinder,
    "none": lambda: whole_picture,
}
FINDERS = tuple(_FINDERS)


def finder_named(name: str) -> Finder:
    """Return the face finder of a name in ``FINDERS``.

    Raises:
        MienError: there is no finder of that name.
        ModelError: it needs a file that was never pulled, or this OpenCV lacks what it needs.

    Example:
        >>> finder_named("none")(np.zeros((4, 6, 3), np.uint8))
        [(0, 0, 6, 4)]
    """
    if name not in _FINDERS:
        message = f"faces={name!r}: no such face finder; expected one of {', '.join(FINDERS)}"
        raise MienError(message)
    return _FINDERS[name]()


def checked(find: Callable[[Picture], Any]) -> Finder:
    """Return a finder whose boxes are tuples of four ints, largest first, whatever sequences of numbers ``find`` gives.

    Args:
        find: a function of the user's own: BGR uint8 ``(height, width, 3)`` in, boxes ``(x, y, width, height)`` out, as
            lists, tuples or a NumPy array; nothing, an empty one or None for no face. A finder of mien's stays as it
            is.

    Raises:
        MienError: when it is called: a box is not four numbers, or has no width or height.

    Example:
        >>> checked(lambda image: np.array([[3, 4, 10.2, 20]]))(image)
        [(3, 4, 10, 20)]
    """
    if find is whole_picture or isinstance(find, HaarFinder | YuNetFinder):
        return find

    def found(image: Picture) -> list[Box]:
        given = find(image)
        boxes = [] if given is None else [_as_box(box) for box in given]
        return sorted(boxes, key=lambda box: -box[2] * box[3])

    return found


def _as_box(given: Any) -> Box:
    try:
        x, y, width, height = (round(float(value)) for value in given)
    except (TypeError, ValueError, OverflowError):
        width = height = 0
    if width < 1 or height < 1:
        shown = reprlib.repr(given).replace("\n", " ")
        message = f"your own face finder returned {shown} for a face; expected (x, y, width, height) in pixels"
        raise MienError(message)
    return x, y, width, height
