"""mien: train, judge and run facial-expression recognition on imbalanced data.

Example:
    >>> import mien
    >>> detector = mien.Detector()            # bundled model, offline
    >>> faces = detector("photo.jpg")         # list[Face], largest first, empty if none
    >>> [(face.box, face.label, face.confidence) for face in faces]
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mien.detect import Detector as Detector
    from mien.errors import MienError as MienError
    from mien.model.classify import Classifier as Classifier
    from mien.results import Explanation as Explanation
    from mien.results import Face as Face
    from mien.results import Frame as Frame
    from mien.vision.table import to_pandas as to_pandas

__version__ = "0.1.0"

_HOME = {
    "Classifier": "mien.model.classify",
    "Detector": "mien.detect",
    "Explanation": "mien.results",
    "Face": "mien.results",
    "Frame": "mien.results",
    "MienError": "mien.errors",
    "to_pandas": "mien.vision.table",
}
__all__ = ["Classifier", "Detector", "Explanation", "Face", "Frame", "MienError", "__version__", "to_pandas"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that ``import mien`` costs nothing."""
    if name not in _HOME:
        message = f"module 'mien' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
