"""Detector: pictures in, faces out."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from threading import active_count

import cv2
import numpy as np
import pytest

import mien
from mien.errors import MienError, ModelError, PictureError
from mien.labels import LABELS
from mien.pictures import read_picture
from mien.results import Frame
from mien.vision.blur import hide
from mien.vision.looks import LONGEST
from tests.conftest import make_model
from tests.vision.door import door
from tests.vision.filming import FakeCamera, film

ASTRONAUT = files("mien.data") / "samples" / "astronaut.jpg"


@pytest.fixture
def detector(model: Path) -> mien.Detector:
    return mien.Detector(model)


def test_a_picture_without_a_face_gives_an_empty_list(detector: mien.Detector):
    assert detector(np.full((200, 300, 3), 90, np.uint8)) == []


def test_path_bytes_and_array_give_the_same_face(detector: mien.Detector):
    data = ASTRONAUT.read_bytes()
    (face,) = detector(data)
    assert detector(read_picture(data)) == [face]
    assert detector(str(ASTRONAUT)) == [face]
    assert detector(Path(str(ASTRONAUT))) == [face]


def test_a_face_has_a_box_and_a_probability_for_every_label(detector: mien.Detector):
    (face,) = detector(ASTRONAUT.read_bytes())
    x, y, width, height = face.box
    assert x < 224 < x + width
    assert y < 113 < y + height
    assert tuple(face.probabilities) == LABELS
    assert sum(face.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert (face.track, face.raw_probabilities) == (None, None)


def test_faces_come_largest_first_and_go_to_the_network_in_one_call(detector: mien.Detector):
    head = read_picture(ASTRONAUT.read_bytes())[20:210, 130:320]
    scene = np.full((420, 700, 3), 190, np.uint8)
    scene[210:400, 20:210] = head
    scene[20:400, 300:680] = cv2.resize(head, (380, 380))
    calls: list[int] = []
    classify = detector.classify
    detector.classify = type(  # type: ignore[assignment]
        "Counting",
        (),
        {
            "labels": classify.labels,
            "metadata": classify.metadata,
            "__call__": lambda self, crops: (calls.append(len(crops)), classify(crops))[1],
        },
    )()
    large, small = detector(scene)
    assert large.box[2] > small.box[2]
    assert calls == [2]


def test_a_finder_of_ones_own_may_give_rows_of_an_array(model: Path, tmp_path: Path):
    detector = mien.Detector(model, faces=lambda image: np.array([[10, 10, 50, 50], [60, 60, 90, 90]], np.int32))
    faces = detector(ASTRONAUT.read_bytes())
    assert [face.box for face in faces] == [(60, 60, 90, 90), (10, 10, 50, 50)]
    assert json.loads(json.dumps(faces[0].to_dict()))["box"] == [60, 60, 90, 90]
    frames = list(hide(detector.stream(film(tmp_path / "clip.mp4", count=3), max_faces=1)))
    assert [[face.box for face in frame.faces] for frame in frames] == [[(60, 60, 90, 90)]] * 3
    json.dumps([frame.to_dict() for frame in frames])


def test_the_crop_follows_the_models_margin(tmp_path: Path):
    tight = mien.Detector(make_model(tmp_path / "tight.onnx", margin=0.0))
    wide = mien.Detector(make_model(tmp_path / "wide.onnx", margin=0.5))
    (first,), (second,) = tight(ASTRONAUT.read_bytes()), wide(ASTRONAUT.read_bytes())
    assert first.box == second.box
    assert first.probabilities != second.probabilities


@pytest.mark.parametrize(("threshold", "uncertain"), [(0.0, False), (1.0, True)])
def test_a_face_under_the_models_threshold_is_uncertain(tmp_path: Path, threshold: float, uncertain: bool):
    detector = mien.Detector(make_model(tmp_path / "m.onnx", uncertain_below=threshold))
    (face,) = detector(ASTRONAUT.read_bytes())
    assert face.uncertain is uncertain


def test_without_a_finder_the_picture_is_the_face_as_in_training(tmp_path: Path):
    detector = mien.Detector(make_model(tmp_path / "m.onnx", margin=0.5), faces="none")
    crop = np.random.default_rng(0).integers(0, 256, (60, 40, 3), dtype=np.uint8)
    (face,) = detector(crop)
    assert face.box == (0, 0, 40, 60)
    np.testing.assert_allclose(list(face.probabilities.values()), detector.classify([crop])[0], atol=1e-6)


def test_the_picture_stays_as_it_is(detector: mien.Detector):
    picture = read_picture(ASTRONAUT.read_bytes())
    before = picture.copy()
    detector(picture)
    np.testing.assert_array_equal(picture, before)


def test_threads_may_share_a_detector(detector: mien.Detector):
    data = ASTRONAUT.read_bytes()
    expected = detector(data)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(detector, [data] * 8)) == [expected] * 8


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (None, "a picture is a path, bytes or a BGR uint8 array .* not NoneType"),
        (3, "not int"),
        (np.zeros((9, 9), np.uint8), r"not uint8 \(9, 9\); convert it with cv2\.cvtColor\(image, cv2\.COLOR_GRAY2BGR"),
        (np.zeros((9, 9, 4), np.uint8), "COLOR_BGRA2BGR"),
        (np.zeros((9, 9, 3)), r"not float64 \(9, 9, 3\); scale it to 0-255"),
        (np.zeros((2, 9, 9, 3), np.uint8), "give one picture at a time"),
        (np.zeros((0, 9, 3), np.uint8), "this one is empty"),
    ],
)
def test_what_is_no_picture_is_a_clear_error(detector: mien.Detector, image: object, message: str):
    with pytest.raises(PictureError, match=message):
        detector(image)  # type: ignore[arg-type]


def test_a_missing_picture_is_named(detector: mien.Detector):
    with pytest.raises(PictureError, match=r"gone\.jpg: cannot be read"):
        detector("gone.jpg")


def test_a_missing_model_is_named():
    with pytest.raises(ModelError, match=r"gone\.onnx: cannot be read"):
        mien.Detector("gone.onnx")


def test_an_unknown_finder_is_a_clear_error(model: Path):
    with pytest.raises(MienError, match="no such face finder; expected one of auto, haar, yunet, none"):
        mien.Detector(model, faces="best")


def test_frames_are_filled_one_by_one(detector: mien.Detector):
    astronaut, wall = read_picture(ASTRONAUT.read_bytes()), np.full((100, 100, 3), 90, np.uint8)
    filled = detector.fill([Frame("a", 0, 0.0, astronaut), Frame("b", 3, 0.1, wall)])
    first, second = filled
    assert (first.source, len(first.faces), second.index, second.faces) == ("a", 1, 3, ())


def test_a_watched_camera_has_tracks_at_once(detector: mien.Detector):
    fill = detector.watch()
    astronaut = read_picture(ASTRONAUT.read_bytes())
    frames = [fill(Frame("camera 0", n, n / 25, picture)) for n, picture in enumerate((astronaut, astronaut[:, 8:]))]
    (first,), (second,) = (frame.faces for frame in frames)
    assert (first.track, second.track) == (1, 1)
    assert first.probabilities == first.raw_probabilities
    assert second.probabilities != second.raw_probabilities


def test_a_streams_faces_have_tracks_and_smoothed_probabilities(detector: mien.Detector, tmp_path: Path):
    frames = list(detector.stream(film(tmp_path / "clip.mp4", count=40)))
    faces = [face for frame in frames for face in frame.faces]
    assert {face.track for face in faces} == {1}
    assert faces[0].probabilities == faces[0].raw_probabilities
    assert faces[9].probabilities != faces[9].raw_probabilities
    assert len(faces) == 40


def test_crops_of_a_stream_go_through_the_network_in_batches(detector: mien.Detector, tmp_path: Path):
    calls: list[int] = []
    classify = detector.classify
    detector.classify = type(
        "Counting",
        (),
        {
            "labels": classify.labels,
            "metadata": classify.metadata,
            "__call__": lambda self, crops: (calls.append(len(crops)), classify(crops))[1],
        },
    )()
    assert len(list(detector.stream(film(tmp_path / "clip.mp4", count=40)))) == 40
    assert sum(calls) == 40
    assert len(calls) <= 7


def test_a_stream_reads_the_frames_that_are_asked_for(detector: mien.Detector, tmp_path: Path):
    path = film(tmp_path / "clip.mp4", count=30)
    frames = detector.stream(path, stride=4, start=0.2, end=0.9, max_faces=1)
    assert [frame.index for frame in frames] == [8, 12, 16, 20]


def test_a_loop_over_a_stream_from_a_server(detector: mien.Detector):
    with door(pictures=30) as address, pytest.warns(UserWarning, match="broke off; trying again"):
        for frame in detector.stream(f"{address}/mjpeg", end=2.0):
            if frame.faces and frame.index > 40:
                break
    assert frame.faces[0].track is not None


def test_a_loop_over_a_stream_that_is_left_leaves_no_thread(detector: mien.Detector, tmp_path: Path):
    path = film(tmp_path / "clip.mp4", count=200)
    assert len(list(detector.stream(path))) == 200  # the finder's own threads, which stay, are there now
    before = active_count()
    frames = detector.stream(path)
    for frame in frames:
        if frame.index == 3:
            break
    frames.close()
    assert active_count() == before


def test_an_error_while_a_video_is_read_comes_after_the_frames_before_it(
    detector: mien.Detector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    find, seen = detector._find, []

    def fail(picture: np.ndarray) -> list[tuple[int, int, int, int]]:
        seen.append(picture)
        if len(seen) == 4:
            raise PictureError("broken")
        return find(picture)

    monkeypatch.setattr(detector, "_find", fail)
    told = []
    with pytest.raises(PictureError, match="broken"):
        told.extend(frame.index for frame in detector.stream(film(tmp_path / "clip.mp4", count=60)))
    assert told == list(range(len(told)))
    assert len(told) >= LONGEST


def test_a_stream_gives_every_frame_with_its_faces(detector: mien.Detector, tmp_path: Path):
    frames = list(detector.stream(film(tmp_path / "clip.mp4", count=5)))
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]
    assert [len(frame.faces) for frame in frames] == [1] * 5
    assert frames[3].time == pytest.approx(0.12)


def test_a_stream_of_a_camera_is_released_after_an_early_break(
    detector: mien.Detector, monkeypatch: pytest.MonkeyPatch
):
    camera = FakeCamera().plug(monkeypatch)
    for frame in detector.stream(0):
        if frame.index >= 2:  # a camera's frames may be left out
            break
    del frame
    assert camera.released == 1


def test_a_stream_is_released_after_an_error_in_the_loop(detector: mien.Detector, monkeypatch: pytest.MonkeyPatch):
    camera = FakeCamera().plug(monkeypatch)
    frames = detector.stream(0)
    with pytest.raises(ZeroDivisionError), closing(frames):
        for _ in frames:
            1 / 0  # noqa: B018
    assert camera.released == 1


def test_a_stream_that_is_never_asked_opens_nothing(detector: mien.Detector, monkeypatch: pytest.MonkeyPatch):
    camera = FakeCamera().plug(monkeypatch)
    detector.stream(0).close()
    assert (camera.released, camera.left) == (0, 10**6)


def test_a_stream_of_nothing_is_a_clear_error(detector: mien.Detector):
    with pytest.raises(PictureError, match=r"gone\.mp4: cannot be read"):
        next(detector.stream("gone.mp4"))


@pytest.fixture(scope="session")
def seen(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Frame]]:
    """The frames of both sample videos, with small pictures in place of their own."""
    detector = mien.Detector(make_model(tmp_path_factory.mktemp("seen") / "m.onnx"))
    names = ("WolfgangLanger_Pexels.mp4", "no_face.mp4")
    return {
        name: [
            replace(frame, image=frame.image[:1, :1].copy()) for frame in detector.stream(real_data / "samples" / name)
        ]
        for name in names
    }


@pytest.mark.slow
def test_the_sample_video_has_a_face_nearly_everywhere(seen: dict[str, list[Frame]]):
    frames = seen["WolfgangLanger_Pexels.mp4"]
    filled = sum(1 for frame in frames if frame.faces)
    print(f"{filled} of {len(frames)} frames with a face")
    assert len(frames) == 472
    assert filled >= 460


@pytest.mark.slow
def test_the_video_without_faces_has_nearly_none(seen: dict[str, list[Frame]]):
    frames = seen["no_face.mp4"]
    filled = sum(1 for frame in frames if frame.faces)
    print(f"{filled} of {len(frames)} frames with a face")
    assert filled <= len(frames) / 50


def test_a_picture_with_transparency_works(detector: mien.Detector, real_data: Path):
    assert isinstance(detector(real_data / "samples" / "Image_with_alpha.png"), list)


def test_a_video_given_as_a_picture_is_told(model: Path):
    with pytest.raises(PictureError, match=r"clip\.MP4: a video; give it to detector\.stream"):
        mien.Detector(model)("clip.MP4")
