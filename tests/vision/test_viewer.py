"""The loop behind the window: what is shown, what the keys do, how it ends."""

from dataclasses import replace

import numpy as np
import pytest

from mien.errors import PictureError
from mien.pictures import Picture
from mien.results import Face, Frame
from mien.vision.viewer import Actions, Viewer, mirrored, scaled

FACE = Face((10, 20, 30, 40), {"happy": 0.75, "sad": 0.25}, uncertain=False)


def frame(index: int = 0) -> Frame:
    image = np.zeros((120, 160, 3), np.uint8)
    image[:, :80] = 50 + index  # the left half is brighter
    return Frame("camera 0", index, index / 25, image)


class ScriptedLive:
    """Gives some frames, then is over."""

    def __init__(self, *frames: Frame | None) -> None:
        self.frames, self.paused, self.asked = list(frames), False, 0

    @property
    def over(self) -> bool:
        return not self.frames

    def newest(self, wait: float) -> Frame | None:
        self.asked += 1
        return self.frames.pop(0)


class ScriptedWindow:
    """Presses keys turn by turn, keeps what is shown."""

    def __init__(self, *turns: str) -> None:
        self.turns, self.shown = list(turns), list[Picture]()

    def pressed(self) -> list[str]:
        return self.turns.pop(0).split() if self.turns else []

    def fitting(self, width: int, height: int) -> tuple[int, int]:
        return width * 2, height * 2

    def show(self, image: Picture) -> None:
        self.shown.append(image)


def view(live: ScriptedLive, window: ScriptedWindow, *, mirror: bool = False) -> list[Picture]:
    saved: list[Picture] = []
    Viewer(live, window, Actions(lambda frame: replace(frame, faces=(FACE,)), saved.append), mirror=mirror).run()  # type: ignore[arg-type]
    return saved


def test_without_a_frame_nothing_is_shown():
    live, window = ScriptedLive(None, None), ScriptedWindow()
    assert view(live, window) == []
    assert window.shown == []


def test_each_frame_is_shown_with_its_faces_in_the_windows_size():
    window = ScriptedWindow()
    view(ScriptedLive(frame(0), frame(1)), window)
    assert [image.shape for image in window.shown] == [(240, 320, 3)] * 2
    assert (window.shown[0] != scaled(frame(0), 320, 240).image).any()


@pytest.mark.parametrize("key", ["q", "escape", "quit"])
def test_quitting(key: str):
    live = ScriptedLive(*map(frame, range(9)))
    view(live, ScriptedWindow("", "", key))
    assert live.asked == 3


def test_space_holds_the_picture_and_lets_it_go():
    live, window = ScriptedLive(*map(frame, range(4))), ScriptedWindow("", "space", "", "m", "space")
    view(live, window)
    assert live.asked == 4
    assert len(window.shown) == 7
    assert not live.paused


def test_a_held_picture_can_be_mirrored_and_saved():
    live, window = ScriptedLive(frame(0), frame(1)), ScriptedWindow("", "space", "m s", "q")
    (saved,) = view(live, window)
    assert saved.shape == (120, 160, 3)
    assert saved[5, 5].tolist() == [0, 0, 0]
    assert saved[5, 155].tolist() == [51, 51, 51]
    assert (saved != mirrored(frame(1)).image).any()


def test_saving_before_the_first_picture_saves_nothing():
    assert view(ScriptedLive(None, frame(0)), ScriptedWindow("s")) == []


def test_a_camera_that_stops_ends_it_with_its_error():
    class Stopped(ScriptedLive):
        def newest(self, wait: float) -> Frame | None:
            raise PictureError("camera 0: stopped giving pictures")

    with pytest.raises(PictureError, match="stopped"):
        view(Stopped(frame()), ScriptedWindow())


def test_a_mirror_takes_the_faces_with_it():
    turned = mirrored(replace(frame(), faces=(FACE,)))
    assert turned.faces[0].box == (120, 20, 30, 40)
    assert turned.image[0, -1].tolist() == [50, 50, 50]
    assert mirrored(turned).faces == (FACE,)


def test_another_size_takes_the_faces_with_it():
    larger = scaled(replace(frame(), faces=(FACE,)), 320, 240)
    assert larger.image.shape == (240, 320, 3)
    assert larger.faces[0].box == (20, 40, 60, 80)
    same = frame()
    assert scaled(same, 160, 120) is same
