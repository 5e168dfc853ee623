"""Finding faces with YuNet, a small network that ``mien models pull yunet`` fetches."""

from threading import Lock

import cv2
import numpy as np
import numpy.typing as npt

from mien.errors import ModelError
from mien.pictures import Picture
from mien.results import Box
from mien.vision.boxes import largest_first
from mien.vision.downloads import read_download
from mien.vision.haar import resized

# Wu, Peng and Yu 2023, "YuNet: a tiny millisecond-level face detector", doi 10.1007/s11633-023-1423-y, as OpenCV's zoo
# publishes it.
_SCORE = 0.6  # of a face, 0-1, at least
_SAME = 0.3  # intersection over union from which two boxes are one face
_MOST = 500  # faces a picture
_WORKING_SIDE = 640  # pixels; larger pictures are searched at this size. YuNet sees faces of 10 to 300 pixels
_LEAST = 10  # pixels of a side; less holds no face that it sees, and a strip of one pixel gives it false ones
# YuNet's box is narrower than a face crop of FER2013 and reaches from the hairline to below the chin. The square of
# FER2013 around the same face is about as high and lies this much lower (median of 1,395 training pictures); a little
# less of it is as good for the classifier and leaves the picture less often (docs/experiments.md).
_SIDE = 0.9  # of the box's height
_LOWER = 0.022  # of the box's height


class YuNetFinder:
    """Finds faces with YuNet. Safe to share between threads.

    Args:
        data: what the file holds; that of the pulled file if not given.

    Raises:
        ModelError: the file was never pulled, or this OpenCV cannot load it.

    Example:
        >>> YuNetFinder()(read_picture("astronaut.jpg"))
        [(172, 71, 103, 103)]
    """

    def __init__(self, data: bytes | None = None) -> None:
        content = np.frombuffer(read_download("yunet") if data is None else data, np.uint8)
        try:
            self._network = cv2.FaceDetectorYN.create(
                "onnx", content, np.empty(0, np.uint8), (320, 320), _SCORE, _SAME, _MOST
            )
        except (cv2.error, AttributeError) as error:
            message = (
                f"OpenCV {cv2.__version__} cannot load YuNet; install one that can: "
                "pip install 'opencv-python-headless>=4.13,<5', or find faces without it: --faces haar"
            )
            raise ModelError(message) from error
        self._lock = Lock()  # the size of the picture is set on the network

    def __call__(self, image: Picture) -> list[Box]:
        """Return the boxes of the faces in a BGR uint8 ``(height, width, 3)`` picture, largest first."""
        height, width = image.shape[:2]
        scale = min(1.0, _WORKING_SIDE / max(height, width))
        small = resized(image, scale)
        if min(small.shape[:2]) < _LEAST:
            return []
        with self._lock:
            self._network.setInputSize(small.shape[1::-1])
            _, rows = self._network.detect(small)
        found = np.empty((0, 4), np.float32) if rows is None else rows[np.isfinite(rows[:, :4]).all(axis=1), :4]
        boxes = [_square(box / scale) for box in found]
        return largest_first(boxes, width, height)


def _square(box: npt.NDArray[np.float32]) -> Box:
    """Return the square that FER2013 would cut around the face of YuNet's box."""
    x, y, width, height = map(float, box)
    side = max(1, round(_SIDE * height))
    return round(x + (width - side) / 2), round(y + _LOWER * height + (height - side) / 2), side, side
