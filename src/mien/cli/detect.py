"""``mien detect``: the faces in pictures and videos and what they express."""

import json
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from mien.cli.progress import progress
from mien.cli.reading import Reading, report_unreadable, tell
from mien.cli.sharing import ENGINES, Place, detect_with_ray
from mien.cli.tables import PictureTable, VideoTable
from mien.detect import Detector
from mien.results import Frame
from mien.vision.asked import Asked, Value, fingerprint
from mien.vision.blur import hide
from mien.vision.faces import FINDERS
from mien.vision.media import Section
from mien.vision.resume import Point, find_point
from mien.vision.showing import shown
from mien.vision.sinks import ROW_SINKS, SINKS, Job, Sink, VideoSink, sink_named
from mien.vision.sources import LIST, Source, expand, is_live
from mien.vision.timeline_sink import TimelineSink
from mien.vision.window import check_display

_Sources = Annotated[
    list[str],
    typer.Argument(
        help="Pictures, videos, folders, globs, cameras by number, addresses of streams, `-` for a list on stdin."
    ),
]
_Model = Annotated[
    Path | None, typer.Option(help="A model.onnx, a run folder, or bundled-int8. [default: the bundled model]")
]
_Faces = Annotated[str, typer.Option(help=f"How faces are found: {', '.join(FINDERS)} (each picture is one face).")]
_Save = Annotated[
    str, typer.Option(help=f"What to write, comma-separated: {', '.join(SINKS)}.", show_default="nothing")
]
_OUT = Path("mien-out")
_Out = Annotated[Path, typer.Option(help="The folder that --save writes into.")]
_Stride = Annotated[int, typer.Option(min=1, help="Of a video, read every so many frames.")]
_MaxFaces = Annotated[int | None, typer.Option(min=1, help="Faces to follow at once, the largest. [default: all]")]
_Start = Annotated[float, typer.Option(min=0.0, help="Of a video, seconds to leave out.")]
_End = Annotated[float | None, typer.Option(min=0.0, help="Of a video, seconds after which to end. [default: its end]")]
_Blur = Annotated[bool, typer.Option("--blur", help="Make the faces in written pictures and videos unrecognisable.")]
_Show = Annotated[bool, typer.Option("--show", help="Show each picture or frame in a window; q quits.")]
_Resume = Annotated[bool, typer.Option("--resume", help="Go on with the rows of an interrupted run in --out.")]
_Engine = Annotated[
    str, typer.Option(help=f"Where: {', '.join(ENGINES)} (many pictures, shared out; writes faces.parquet into --out).")
]
_Workers = Annotated[int | None, typer.Option(min=1, help="Of ray, processes of a core each. [default: all cores]")]
_Address = Annotated[
    str | None, typer.Option(help="Of ray, a cluster's host:port. [default: RAY_ADDRESS, else this machine]")
]
_AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a picture or frame instead of the table.")]


def detect(
    source: _Sources,
    model: _Model = None,
    faces: _Faces = "auto",
    save: _Save = "",
    out: _Out = _OUT,
    stride: _Stride = 1,
    max_faces: _MaxFaces = None,
    start: _Start = 0.0,
    end: _End = None,
    blur: _Blur = False,
    show: _Show = False,
    resume: _Resume = False,
    as_json: _AsJson = False,
    engine: _Engine = "local",
    workers: _Workers = None,
    address: _Address = None,
) -> None:
    """Find the faces in pictures and videos and tell their expressions.

    Folders are searched with everything below them. Results go to stdout; nothing is written unless --save names it.
    A file that cannot be read is told by name on stderr and the others go on: the exit code is 1 only when not one
    could be read. An expression with a question mark is uncertain: under the model's own threshold.

    --save picture writes annotated pictures, video annotated videos with their sound; csv, jsonl and parquet rows, one
    a face a frame; crops the faces; timeline a picture and a table of what each face of a video showed over time.
    Ctrl-C or a kill leaves what is written by then, readable; --resume goes on from there. --show opens a window: a
    video plays at its own speed, a picture stays until a key is pressed.

    For example:

        mien detect photo.jpg

        mien detect holiday/ --save picture,csv --out faces

        mien detect clip.mp4 --save video,csv,timeline

        mien detect party.jpg clip.mp4 --show

        mien detect lecture.mp4 --stride 5 --start 60 --end 600 --save csv --resume

        mien detect rtsp://door.local/1 --max-faces 1 --json

        mien detect "shots/*.png" --json | jq .faces

        find . -name "*.jpg" | mien detect - --save jsonl

        mien detect photos.parquet holiday/ --engine ray --address head:6379 --out faces
    """
    _check_choices(faces, save)
    place = Place(engine, address, workers)
    local = {"--json": as_json, "--blur": blur, "--show": show, "--stride": stride > 1, "--max-faces": max_faces}
    place.check(_names(save), local | {"--start": start, "--end": end})
    if engine == "ray":
        detect_with_ray(source, model, faces, out, place, resume=resume)
        return
    _check_goes_together(save, start, end, blur=blur, resume=resume, show=show)
    sources = expand(source, listed=sys.stdin if LIST in source else (), leave_out=out if save else None)
    _check_has_an_end(sources, resume=resume)
    wanted = _Wanted(model, faces, save, out, Section(start, end, stride), max_faces, blur=blur, show=show)
    _detect(wanted, sources, resume=resume, as_json=as_json)


@dataclass(frozen=True)
class _Wanted:
    """The options of a run on this machine, as they were given."""

    model: Path | None
    faces: str
    save: str
    out: Path
    section: Section
    max_faces: int | None
    blur: bool
    show: bool

    def asked(self, sources: Sequence[Source]) -> Asked:
        """Return what the rows depend on."""
        section = self.section
        settings: dict[str, Value] = {
            "--model": str(self.model or "bundled"),
            "--faces": self.faces,
            "--max-faces": self.max_faces,
        }
        settings |= {"--stride": section.stride, "--start": section.start}
        extent: dict[str, Value] = {"--end": section.end, "--save": self.save, "--blur": self.blur}
        return Asked(settings, extent | {"sources": fingerprint([source.text for source in sources])})


def _detect(wanted: _Wanted, sources: list[Source], *, resume: bool, as_json: bool) -> None:
    out, asked = wanted.out, wanted.asked(sources)
    detector = Detector(wanted.model, faces=wanted.faces)
    sinks = _sinks(wanted.save, Job(out, sources, detector.classify.labels, detector.crop, tell))
    rows = [sink.target for sink in sinks if isinstance(sink, ROW_SINKS)]
    if resume and asked.is_done(rows):
        tell(f"nothing left to do: {out} is finished; without --resume it is done again")
        return
    _tell_unused(wanted, sources)
    reading = Reading(detector, sources, wanted.section, wanted.max_faces, _point(sinks, sources, resume=resume))
    frames = _frames(_seen(reading, blur=wanted.blur, show=wanted.show), reading, sinks, with_bar=not as_json)
    with _noted(asked, rows, sinks, reading):
        _print_json(frames) if as_json else _print_tables(frames, sources)
    if len(reading.bad) < len(sources):
        _tell_written(sinks)
    report_unreadable(reading.bad, len(sources))


@contextmanager
def _noted(asked: Asked, rows: list[Path], sinks: list[Sink], reading: Reading) -> Iterator[None]:
    """Note beside rows what was asked for, and that it was done once it was; tell what Ctrl-C leaves."""
    asked.note(rows, finished=False)
    try:
        yield
    except KeyboardInterrupt:  # what there is by then is whole
        _tell_written(sinks)
        tell("interrupted")
        raise
    asked.note(rows, finished=reading.complete and all(source.live is None for source in reading.sources))


def _check_choices(faces: str, save: str) -> None:
    """Refuse an unknown name as wrong usage: exit 2."""
    if faces not in FINDERS:
        raise typer.BadParameter(f"{faces!r} is not one of {', '.join(FINDERS)}", param_hint="--faces")
    unknown = [name for name in _names(save) if name not in SINKS]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is not one of {', '.join(SINKS)}", param_hint="--save")


def _check_goes_together(save: str, start: float, end: float | None, *, blur: bool, resume: bool, show: bool) -> None:
    if show:
        check_display()
    if end is not None and end <= start:
        raise typer.BadParameter(f"{end:g} is not after --start {start:g}", param_hint="--end")
    if blur and "crops" in _names(save):
        raise typer.BadParameter("hides the faces that --save crops would write", param_hint="--blur")
    if blur and not show and not {"picture", "video"} & set(_names(save)):
        raise typer.BadParameter("hides faces in pictures: name picture or video in --save", param_hint="--blur")
    if resume and not {"csv", "jsonl", "parquet"} & set(_names(save)):
        raise typer.BadParameter("goes on with rows: name csv, jsonl or parquet in --save", param_hint="--resume")


def _check_has_an_end(sources: Sequence[Source], *, resume: bool) -> None:
    """Refuse to go on with a camera or a stream: what it showed is over, and its frames count from 0 again."""
    live = [source.text for source in sources if source.live is not None and is_live(source.live)]
    if resume and live:
        raise typer.BadParameter(
            f"{live[0]} cannot be gone on with; leave it out, or give another --out", param_hint="--resume"
        )


def _names(save: str) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in save.split(",") if name.strip()))


def _sinks(save: str, job: Job) -> list[Sink]:
    return [sink_named(name, job) for name in _useful(save, job.sources)]


def _useful(save: str, sources: Sequence[Source]) -> Iterator[str]:
    """Yield what --save names, without a kind of file that is not among the sources."""
    kinds = {"picture": "picture", "video": "video", "timeline": "video"}
    for name in _names(save):
        kind = kinds.get(name)
        if kind and all(source.is_video == (kind == "picture") for source in sources):
            tell(f"nothing for --save {name}: there is no {kind} among the files")
        else:
            yield name


def _tell_unused(wanted: _Wanted, sources: Sequence[Source]) -> None:
    """Tell which options do nothing for these sources."""
    section = wanted.section
    of_videos = {"--stride": section.stride > 1, "--start": section.start, "--end": section.end}
    if not any(source.is_video for source in sources):
        for name in (name for name, given in of_videos.items() if given):
            tell(f"nothing for {name}: there is no video among the files")
    if wanted.out != _OUT and not _names(wanted.save):
        tell("nothing for --out: --save does not say what to write")


def _point(sinks: list[Sink], sources: list[Source], *, resume: bool) -> Point:
    if not resume:
        return Point()
    point = find_point([sink for sink in sinks if isinstance(sink, ROW_SINKS)], [source.text for source in sources])
    for sink in sinks:
        if isinstance(sink, VideoSink):
            sink.goes_on = bool(point.source)
        if isinstance(sink, TimelineSink) and point.source:
            tell(f"the timeline of {point.source} begins where this run goes on")
    return point


def _seen(reading: Reading, *, blur: bool, show: bool) -> Generator[Frame]:
    """Return the frames as a person is to see them: faces hidden, in a window."""
    frames = hide(reading.frames()) if blur else reading.frames()
    return shown(frames, {source.text for source in reading.sources if source.is_video}) if show else frames


def _frames(frames: Generator[Frame], reading: Reading, sinks: list[Sink], *, with_bar: bool) -> Generator[Frame]:
    """Yield the frames, each written to all sinks."""
    with ExitStack() as stack:
        for sink in sinks:
            stack.enter_context(sink)
        total = reading.count()
        watch = stack.enter_context(progress("Detecting")) if with_bar and total > 1 else None
        stack.enter_context(closing(frames))
        for number, frame in enumerate(frames, start=1):
            for sink in sinks:
                sink.write(frame)
            if watch is not None:
                watch(number + len(reading.bad), max(total, number))
            yield frame


def _print_json(frames: Generator[Frame]) -> None:
    with closing(frames):
        for frame in frames:
            typer.echo(json.dumps(frame.to_dict()))


def _print_tables(frames: Generator[Frame], sources: list[Source]) -> None:
    """Print pictures with a row a face and videos with a row each; after Ctrl-C those that there are."""
    pictures, videos = PictureTable(), VideoTable()
    moving = {source.text for source in sources if source.is_video}
    try:
        for frame in frames:
            table = videos if frame.source in moving else pictures
            table.add(frame)
    finally:
        frames.close()
        pictures.print()
        videos.print()


def _tell_written(sinks: list[Sink]) -> None:
    for sink in sinks:
        tell(f"wrote {sink.target}")
