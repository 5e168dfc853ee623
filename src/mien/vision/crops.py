"""Writing crops: every face as a picture of its own."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from mien.pictures import Picture
from mien.results import Box, Frame
from mien.vision.saving import InFolder, spared, told, write_picture
from mien.vision.sources import Source, result_names

Crop = Callable[[Picture, Box], Picture]
_NAME = re.compile(r"(\d{6,})-\d+-.*\.jpg", re.DOTALL)  # of a crop; its first group is the frame


class CropSink(InFolder):
    """Writes each face as ``crops/NAME/FRAME-FACE-LABEL.jpg`` below a folder, in colour, as the network is given it.

    FACE is the number of the track in a video and of the face in a still picture. Crops of the same frame that an
    earlier run left are removed; a source is never replaced or removed.

    Args:
        target: the folder of crops.
        sources: the pictures and videos that will come.
        crop: cuts a face out, ``detector.crop``.

    Example:
        >>> with CropSink(Path("mien-out/crops"), sources, detector.crop) as sink:
        ...     for frame in detector.stream("clip.mp4", stride=25):
        ...         sink.write(frame)
    """

    def __init__(self, target: Path, sources: Sequence[Source], crop: Crop) -> None:
        super().__init__(target)
        self.target = target
        self._names = result_names(sources, ("",))
        self._kept = {source.path.resolve() for source in sources}
        self._crop = crop
        self._folder_before, self._before = Path(), dict[str, list[Path]]()  # crops of an earlier run, by their frame

    def write(self, frame: Frame) -> None:
        """Write the faces of one frame.

        Raises:
            OutputError: a file cannot be written.
        """
        folder = self.target / self._names[frame.source]
        if folder != self._folder_before:
            self._folder_before, self._before = folder, _by_frame(folder)
        for old in self._before.pop(f"{frame.index:06d}", ()):
            if old.resolve() not in self._kept:
                with told(old):
                    old.unlink(missing_ok=True)
        for number, face in enumerate(frame.faces):
            whose = number if face.track is None else face.track
            label = "".join(letter if letter.isalnum() else "-" for letter in face.label)
            file = spared(folder / f"{frame.index:06d}-{whose}-{label}.jpg", self._kept)
            write_picture(file, self._crop(frame.image, face.box))


def _by_frame(folder: Path) -> dict[str, list[Path]]:
    """Return the crops that lie in a folder by the numbers of their frames."""
    found: dict[str, list[Path]] = {}
    for path in folder.glob("*.jpg"):
        if match := _NAME.fullmatch(path.name):
            found.setdefault(match[1], []).append(path)
    return found
