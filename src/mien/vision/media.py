"""Reading: sources in, frames out, one at a time."""

from collections.abc import Callable, Iterable, Iterator

from mien.errors import PictureError
from mien.pictures import read_picture
from mien.results import Frame
from mien.vision.sources import Source

OnBad = Callable[[Source, PictureError], None]


def read_frames(sources: Iterable[Source], on_bad: OnBad | None = None) -> Iterator[Frame]:
    """Yield one frame a picture, without faces; only one picture is in memory at a time.

    Args:
        sources: the pictures, see ``sources.expand``.
        on_bad: called with a picture that cannot be read and the reason, then the next one is read; not given, the
            reason is raised.

    Yields:
        Frames with a BGR uint8 image, index 0 and time 0.0.

    Raises:
        PictureError: a picture cannot be read and ``on_bad`` is not given.

    Example:
        >>> [frame.image.shape for frame in read_frames(expand(["photos"]))]
        [(480, 640, 3), (512, 512, 3)]
    """
    for source in sources:
        try:
            image = read_picture(source.path)
        except PictureError as error:
            if on_bad is None:
                raise
            on_bad(source, error)
            continue
        yield Frame(source=str(source.path), index=0, time=0.0, image=image)
