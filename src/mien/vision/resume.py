"""Going on with an interrupted run: how far its rows reach, with what comes after cut off."""

from collections.abc import Sequence
from dataclasses import dataclass

from mien.errors import OutputError
from mien.vision.rows import Key, RowSink
from mien.writing import printable


@dataclass(frozen=True)
class Point:
    """Where a run goes on: what lies before is kept, what comes from there on is read again.

    Attributes:
        source: what its rows call the source; empty for the very beginning.
        index: of the first frame that is read again.
        tracks: the highest number of a track of this source that is kept.
    """

    source: str = ""
    index: int = 0
    tracks: int = 0


def find_point(sinks: Sequence[RowSink], sources: Sequence[str]) -> Point:
    """Return the point that all row files of an earlier run reach; they are cut off there, and appended to when opened.

    The last frame is read again: its rows may be half written. A file that is missing means the very beginning.

    Args:
        sinks: those of this run, not open yet.
        sources: what rows call the sources of this run, in its order.

    Raises:
        OutputError: the rows are of other sources, or cannot be read.

    Example:
        >>> find_point([CsvSink(Path("mien-out/faces.csv"), labels)], ["clip.mp4"])
        Point(source='clip.mp4', index=431, tracks=2)
    """
    numbered = list(enumerate(sources))
    places = {printable(source): number for number, source in numbered}  # as Parquet holds them
    places |= {source: number for number, source in numbered}

    def place(key: Key) -> tuple[int, int]:
        return places[key.source], key.index

    # a file with rows of all frames tells more than one with gaps, one that lags less
    leading = [sink for sink in sinks if not sink.gaps] or sinks
    ends = [_end(sink, places) for sink in sinks if sink in leading or sink.lags]
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        for sink in sinks:
            sink.keep(0)
        return Point()
    end = min(known, key=place)
    tracks = 0
    for sink in sinks:
        kept = [
            key.tracks if places[key.source] == places[end.source] else 0
            for key in sink.earlier()
            if place(key) < place(end)
        ]
        sink.keep(len(kept))
        tracks = max(tracks, *kept, 0)
    return Point(sources[places[end.source]], end.index, tracks)


def _end(sink: RowSink, places: dict[str, int]) -> Key | None:
    last = None
    for last in sink.earlier():
        if last.source not in places:
            message = (
                f"{sink.target}: has rows of {last.source}, which is no source here; name it, or leave out --resume"
            )
            raise OutputError(message)
    return last
