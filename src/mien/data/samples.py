"""Pictures that come with mien; where they are from stands in ``samples/README.md``."""

from importlib.resources import files
from pathlib import Path


def astronaut() -> Path:
    """Return the path of a portrait of the astronaut Eileen Collins: JPEG, 512 x 512, colour, one smiling face.

    Example:
        >>> from mien.pictures import read_picture
        >>> read_picture(astronaut()).shape
        (512, 512, 3)
    """
    return Path(str(files("mien.data") / "samples" / "astronaut.jpg"))
