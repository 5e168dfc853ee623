"""Finding faces in still pictures, where one may look longer: small faces, tight crops, crops that are all face."""

import numpy as np

from mien.pictures import Picture
from mien.results import Box
from mien.vision.boxes import largest_first, scaled
from mien.vision.faces import Finder, whole_picture
from mien.vision.haar import STILLS, Cascades, HaarFinder, resized, to_grey
from mien.vision.yunet import YuNetFinder

_SIDE = 192  # pixels: the longer side of a picture that is looked at again
_BORDER = 48  # pixels of grey around it: cascades and networks want to see where a face ends
_GREY = 128
_TIGHT = 0.4  # of the picture's shorter side, at least, is a face that only shows with a border

# How a face crop is told: looked at closely, windows of the cascades that cover a good part of it agree.
_CROP_SIDE, _CROP_BORDER = 96, 48  # pixels
_CROP_SMALLEST = 38  # pixels: 0.4 of the side
_CROP_STEP = 1.05
_CROP_VOTES = 18
_CROP_SHAPE = 0.4, 1.3  # width by height, from and to: taller or wider pictures are no face crops


def for_stills(find: Finder) -> Finder:
    """Return a finder of mien's as it searches still pictures: longer. A finder of the user's own stays as it is.

    Example:
        >>> for_stills(finder_named("auto"))(read_picture("astronaut.jpg"))
        [(173, 64, 100, 100)]
    """
    if isinstance(find, HaarFinder):
        return StillFinder(HaarFinder(find.cascades, STILLS), find.cascades)
    return StillFinder(find, Cascades()) if isinstance(find, YuNetFinder) else find


class StillFinder:
    """Finds faces in a still picture; where none is found, looks again. Safe to share between threads.

    The picture is searched as it is, then with a border around it, and where the whole picture looks like a face crop
    it is the face. Not for frames of a video, of which most without a face have none.

    Args:
        find: how faces are found.
        cascades: what tells a face crop.

    Example:
        >>> StillFinder(HaarFinder(), Cascades())(tight_crop)
        [(0, 0, 180, 200)]
    """

    def __init__(self, find: Finder, cascades: Cascades) -> None:
        self._find, self._cascades = find, cascades

    def __call__(self, image: Picture) -> list[Box]:
        """Return the boxes of the faces in a BGR uint8 ``(height, width, 3)`` picture, largest first."""
        found = self._find(image) or self._find_bordered(image)
        return found or (whole_picture(image) if looks_like_crop(image, self._cascades) else [])

    def _find_bordered(self, image: Picture) -> list[Box]:
        height, width = image.shape[:2]
        scale = _SIDE / max(height, width)
        small = resized(image, scale)
        around = (_BORDER, _BORDER)
        bordered = np.pad(small, (around, around, (0, 0)), constant_values=_GREY).astype(np.uint8, copy=False)
        tight = _TIGHT * min(small.shape[:2])
        boxes = [(x - _BORDER, y - _BORDER, w, h) for x, y, w, h in self._find(bordered) if h >= tight]
        return largest_first([scaled(box, 1 / scale) for box in boxes], width, height)


def looks_like_crop(image: Picture, cascades: Cascades) -> bool:
    """Return whether a BGR uint8 ``(height, width, 3)`` picture as a whole looks like a crop of one face.

    Example:
        >>> looks_like_crop(read_picture("astronaut.jpg"), Cascades())
        False
    """
    height, width = image.shape[:2]
    narrowest, widest = _CROP_SHAPE
    if not narrowest <= width / height <= widest:
        return False
    grey = resized(to_grey(image), _CROP_SIDE / max(height, width))
    bordered = np.pad(grey, _CROP_BORDER, constant_values=_GREY)
    return bool(cascades.vote(bordered, _CROP_SMALLEST, (_CROP_STEP, _CROP_STEP), _CROP_VOTES))
