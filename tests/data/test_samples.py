from mien.data.samples import astronaut
from mien.pictures import read_picture


def test_astronaut_is_a_colour_picture() -> None:
    assert read_picture(astronaut()).shape == (512, 512, 3)


def test_provenance_lies_beside_it() -> None:
    assert "public domain" in (astronaut().parent / "README.md").read_text()
