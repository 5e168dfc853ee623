"""Finding faces by name: a finder is called with a picture and returns boxes, largest first."""

from collections.abc import Callable

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
