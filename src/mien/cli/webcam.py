"""``mien webcam``: a window with the faces in front of a camera."""

from datetime import datetime
from pathlib import Path

import cv2
import typer

from mien.cli.progress import notes
from mien.detect import Detector
from mien.pictures import SUFFIXES, Picture
from mien.vision.capture import open_camera, open_video
from mien.vision.faces import FINDERS
from mien.vision.live import Live
from mien.vision.saving import write_picture
from mien.vision.viewer import Actions, Viewer
from mien.vision.window import Window, check_display

_KEYS = "q or Esc quits, space pauses, s saves the picture, m mirrors"


def webcam(
    camera: str = typer.Option("0", help="A camera's number, from 0, or a video file that stands for one."),
    model: Path | None = typer.Option(
        None, help="A model.onnx, a run folder, or bundled-int8. [default: the bundled model]"
    ),
    faces: str = typer.Option("auto", help=f"How faces are found: {', '.join(FINDERS)} (the whole picture is one)."),
    mirror: bool | None = typer.Option(
        None, "--mirror/--no-mirror", help="Show it as in a mirror. [default: a camera yes, a file no]"
    ),
    out: Path = typer.Option(Path("mien-out"), help="The folder that the key s saves into."),
) -> None:
    """Show the faces in front of a camera with their expressions, in a window.

    Keys: q, Esc or closing the window quits, space pauses, s saves the annotated picture, m mirrors. A video file plays
    at its own speed. Nothing leaves this machine, and nothing is kept but what s saves.

    For example:

        mien webcam

        mien webcam --camera 1 --no-mirror

        mien webcam --camera clip.mp4
    """
    if faces not in FINDERS:
        raise typer.BadParameter(f"{faces!r} is not one of {', '.join(FINDERS)}", param_hint="--faces")
    if out.exists() and not out.is_dir():
        raise typer.BadParameter(f"{out} is a file; expected a folder", param_hint="--out")
    if Path(camera).suffix.lower() in SUFFIXES:
        raise typer.BadParameter(f"{camera} is a picture; for pictures: mien detect {camera}", param_hint="--camera")
    check_display()
    detector = Detector(model, faces=faces)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # drivers complain on stderr while they are read
    is_camera = camera.isdecimal()
    capture = open_camera(int(camera)) if is_camera else open_video(camera)
    with Live(capture, plays=not is_camera) as live, Window("mien") as window:
        notes.print(_KEYS)
        actions = Actions(fill=detector.watch(), save=lambda picture: _save(picture, out))
        Viewer(live, window, actions, mirror=is_camera if mirror is None else mirror).run()


def _save(picture: Picture, folder: Path) -> None:
    file = folder / f"mien-{datetime.now():%Y-%m-%d-%H%M%S-%f}.png"
    write_picture(file, picture)
    notes.print(f"wrote {file}", markup=False, soft_wrap=True)
