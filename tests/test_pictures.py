"""Every kind of picture becomes BGR uint8, or one clear line."""

import io
import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from mien.errors import PictureError
from mien.pictures import read_picture

RED_BGR = (0, 0, 255)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def red_over_blue(mode: str = "RGB") -> Image.Image:
    """60 wide, 40 high: the upper half red, the lower half blue."""
    image = Image.new("RGB", (60, 40), (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, 60, 20))
    return image.convert(mode)


def test_no_bytes_are_a_clear_error():
    with pytest.raises(PictureError, match="the given bytes: is empty; expected a picture"):
        read_picture(b"")


def test_an_empty_file_is_named(tmp_path: Path):
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(PictureError, match=r"empty\.jpg: is empty; expected a picture \(\.png, \.jpg"):
        read_picture(tmp_path / "empty.jpg")


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(PictureError, match=r"gone\.jpg: cannot be read \(No such file.*give the path of a picture"):
        read_picture(tmp_path / "gone.jpg")


def test_a_folder_is_no_picture(tmp_path: Path):
    with pytest.raises(PictureError, match="cannot be read"):
        read_picture(tmp_path)


def test_a_path_with_a_null_byte_is_a_clear_error():
    with pytest.raises(PictureError, match="cannot be read"):
        read_picture("a\0b.jpg")


def test_text_is_not_a_picture(tmp_path: Path):
    (tmp_path / "note.png").write_text("hello " * 50)
    with pytest.raises(PictureError, match=r"note\.png: not a picture that can be decoded, or cut off"):
        read_picture(tmp_path / "note.png")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_picture_that_is_cut_off_is_refused_without_chatter(
    kind: str, share: float, capfd: pytest.CaptureFixture[str]
):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (100, 100, 3), dtype=np.uint8))
    data = encoded(noise, kind)
    with pytest.raises(PictureError, match="not a picture that can be decoded, or cut off"):
        read_picture(data[: int(len(data) * share)])
    assert capfd.readouterr().err == ""


def test_opencv_speaks_again_after_many_threads_have_read():
    before = cv2.utils.logging.getLogLevel()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(read_picture, [encoded(red_over_blue(), "PNG")] * 200))
    assert cv2.utils.logging.getLogLevel() == before


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"])
def test_colours_come_out_as_bgr(kind: str):
    picture = read_picture(encoded(red_over_blue(), kind))
    assert picture.shape == (40, 60, 3)
    assert picture.dtype == np.uint8
    assert picture.flags.c_contiguous
    np.testing.assert_allclose(picture[5, 30], RED_BGR, atol=6)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_the_exif_note_turns_the_picture(kind: str):
    exif = Image.Exif()
    exif[0x0112] = 6  # hold it a quarter turn clockwise
    picture = read_picture(encoded(red_over_blue(), kind, exif=exif))
    assert picture.shape == (60, 40, 3)
    np.testing.assert_allclose(picture[30, 35], RED_BGR, atol=6)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_transparent_pictures_are_turned_as_opaque_ones_are(kind: str, orientation: int):
    exif, image = Image.Exif(), Image.fromarray(np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8))
    exif[0x0112] = orientation
    transparent = image.copy()
    transparent.putalpha(254)
    opaque = read_picture(encoded(image, kind, exif=exif, lossless=True))
    seen = read_picture(encoded(transparent, kind, exif=exif, lossless=True))
    np.testing.assert_allclose(seen, opaque, atol=2)


def test_transparent_pixels_show_white():
    image = red_over_blue("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    assert (read_picture(encoded(image, "PNG")) == 255).all()


def test_half_transparent_pixels_are_mixed_with_white():
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 51))
    assert (read_picture(encoded(image, "PNG")) == 204).all()


def test_opaque_pixels_of_a_picture_with_alpha_stay_as_they_are():
    assert tuple(read_picture(encoded(red_over_blue("RGBA"), "PNG"))[5, 5]) == RED_BGR


@pytest.mark.parametrize(("mode", "kind"), [("L", "PNG"), ("L", "JPEG"), ("LA", "PNG"), ("1", "PNG"), ("P", "PNG")])
def test_grey_and_palette_pictures_get_three_channels(mode: str, kind: str):
    assert read_picture(encoded(red_over_blue(mode), kind)).shape == (40, 60, 3)


def test_sixteen_bits_become_eight():
    values = np.array([[0, 257, 32896, 65535]] * 4, np.uint16)
    picture = read_picture(encoded(Image.fromarray(values), "PNG"))
    assert picture[0, :, 0].tolist() == [0, 1, 128, 255]
    assert picture.shape == (4, 4, 3)


def test_a_cmyk_jpeg_keeps_its_colours():
    picture = read_picture(encoded(red_over_blue("CMYK"), "JPEG"))
    np.testing.assert_allclose(picture[5, 30], RED_BGR, atol=30)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_an_animation_gives_its_first_frame(kind: str):
    green = Image.new("RGB", (60, 40), (0, 255, 0))
    data = encoded(red_over_blue(), kind, save_all=True, append_images=[green])
    np.testing.assert_allclose(read_picture(data)[5, 30], RED_BGR, atol=6)


@pytest.mark.parametrize("name", ["Zoë.png", "笑顔.png", "with space.png", "[1].png"])
def test_any_path_works(tmp_path: Path, name: str):
    (tmp_path / name).write_bytes(encoded(red_over_blue(), "PNG"))
    assert read_picture(str(tmp_path / name)).shape == (40, 60, 3)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_path_that_is_not_utf8_works(tmp_path: Path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png"))
    path.write_bytes(encoded(red_over_blue(), "PNG"))
    assert read_picture(path).shape == (40, 60, 3)


def test_a_picture_with_too_many_pixels_is_one_clear_line(capfd: pytest.CaptureFixture[str]):
    def chunk(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

    header = (40_000).to_bytes(4, "big") * 2 + bytes((8, 0, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    with pytest.raises(PictureError, match=r"has 40,000 x 40,000 pixels, more than 268 million; make it smaller"):
        read_picture(data)
    with pytest.raises(PictureError, match=r"has more pixels than OpenCV reads \(2\^30\); make it smaller"):
        read_picture(b"P5 40000 40000 255\n" + bytes(100))
    assert capfd.readouterr().err == ""


def test_a_picture_of_one_pixel_is_a_picture():
    assert read_picture(encoded(Image.new("RGB", (1, 1)), "PNG")).shape == (1, 1, 3)


def test_the_real_picture_with_alpha_is_read(real_data: Path):
    assert read_picture(real_data / "samples" / "Image_with_alpha.png").shape == (1036, 1524, 3)
