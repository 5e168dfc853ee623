"""Writing crops: every face as a picture of its own."""

from collections.abc import Callable, Sequence
from pathlib import Path

from mien.pictures import Picture
from mien.results import Box, Frame
from mien.vision.saving import InFolder, write_picture
from mien.vision.sources import Source, result_names

Crop = Callable[[Picture, Box], Picture]


class CropSink(InFolder):
    """Writes each face as ``crops/NAME/FRAME-FACE-LABEL.jpg`` below a folder, in colour, as the network is given it.

    FACE is the number of the track in a video and of the face in a still picture.

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
        self._crop = crop

    def write(self, frame: Frame) -> None:
        """Write the faces of one frame.

        Raises:
            OutputError: a file cannot be written.
        """
        folder = self.target / self._names[frame.source]
        for number, face in enumerate(frame.faces):
            whose = number if face.track is None else face.track
            label = "".join(letter if letter.isalnum() else "-" for letter in face.label)
            write_picture(folder / f"{frame.index:06d}-{whose}-{label}.jpg", self._crop(frame.image, face.box))
