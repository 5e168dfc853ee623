from pathlib import Path

import numpy as np
import pytest

from mien.data.dataset import Dataset
from mien.data.fer_csv import OFFICIAL_ROWS
from mien.data.load import load
from mien.data.votes import agree, describe, join, read_votes
from mien.errors import DataError

HEADER = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"


def named(*names: str, classes: tuple[str, ...] = ("angry", "happy", "neutral")) -> Dataset:
    return Dataset(np.zeros((len(names), 2, 2), np.uint8), np.zeros(len(names), np.int64), classes, names)


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "votes.csv").write_text(text)
    return tmp_path / "votes.csv"


def test_empty_file_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="its columns are none; expected a table like FER"):
        read_votes(written(tmp_path, ""))


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_votes(tmp_path / "votes.csv")


def test_table_without_rows_joins_to_nothing(tmp_path: Path) -> None:
    votes = read_votes(written(tmp_path, HEADER))
    assert len(votes) == 0
    assert np.isnan(join(votes, named("a.png"))).all()


def test_columns_are_named_in_miens_words(tmp_path: Path) -> None:
    votes = read_votes(written(tmp_path, HEADER + "Training,a.png,1,2,3,0,0,0,0,0,0,4\n"))
    assert votes.columns == (
        *("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt", "unknown", "nf"),
    )
    assert votes.counts.dtype == np.float32
    assert votes.counts.tolist() == [[1, 2, 3, 0, 0, 0, 0, 0, 0, 4]]


def test_rows_without_a_name_are_skipped(tmp_path: Path) -> None:
    text = HEADER + "Training,,0,0,0,0,0,0,0,0,0,10\nTraining,a.png,10,0,0,0,0,0,0,0,0,0\n"
    assert read_votes(written(tmp_path, text)).names == ("a",)


def test_pictures_are_joined_by_name_without_folders_and_extension(tmp_path: Path) -> None:
    text = HEADER + "Training,x/b.png,1,3,0,0,4,0,0,2,0,0\nTraining,a,0,0,0,0,0,0,0,0,0,0\n"
    shares = join(read_votes(written(tmp_path, text)), named("train/happy/b.webp", "a.png", "c.png"))
    assert shares.dtype == np.float32
    assert np.allclose(shares[0], [0.4, 0.3, 0.1])
    assert np.isnan(shares[1:]).all()


def test_a_label_that_shares_the_most_votes_agrees_and_one_without_any_does_not(tmp_path: Path) -> None:
    rows = "Training,a,0,5,0,0,5,0,0,0,0,0\nTraining,b,0,0,0,0,0,0,0,9,0,0\nTraining,c,0,5,0,0,4,0,0,0,0,0\n"
    pictures = named("a.png", "b.png", "c.png")  # "angry", all of them
    assert agree(join(read_votes(written(tmp_path, HEADER + rows)), pictures), pictures).tolist() == [
        True,
        False,
        False,
    ]


def test_how_many_have_votes_and_agree_is_told(tmp_path: Path) -> None:
    rows = "Training,a,0,0,0,0,9,0,0,0,0,0\nTraining,b,0,9,0,0,1,0,0,0,0,0\nTraining,c,0,9,0,0,0,0,0,0,0,0\n"
    votes = read_votes(written(tmp_path, HEADER + rows))
    two, all_of_them = named("a.png", "b.png", "x.png"), named("a.png", "b.png", "c.png")
    assert describe(join(votes, two), two) == "Votes on 2 of 3 pictures; they lead to the same label in 50%"
    assert describe(join(votes, all_of_them), all_of_them).endswith("same label in 33%; are they of other pictures?")
    with pytest.raises(
        DataError, match=r"no picture has votes: they are joined by file name, such as other\.png; give"
    ):
        describe(join(votes, named("other.png")), named("other.png"))


def test_class_without_votes_is_an_error(tmp_path: Path) -> None:
    votes = read_votes(written(tmp_path, HEADER))
    with pytest.raises(DataError, match="no votes on class 'calm': the columns are neutral, happy"):
        join(votes, named("a.png", classes=("calm", "happy")))


def test_own_classes_are_found_without_case(tmp_path: Path) -> None:
    votes = read_votes(written(tmp_path, "IMAGE,Calm,Agitated\na.png,1,3\n"))
    assert join(votes, named("a.png", classes=("Agitated", "Calm"))).tolist() == [[0.75, 0.25]]


def test_two_pictures_of_one_name_are_an_error(tmp_path: Path) -> None:
    votes = read_votes(written(tmp_path, HEADER + "Training,1.png,1,0,0,0,0,0,0,0,0,0\n"))
    with pytest.raises(DataError, match="two pictures are named '1'"):
        join(votes, named("angry/1.png", "happy/1.png"))


def test_two_rows_of_one_name_are_an_error(tmp_path: Path) -> None:
    line = "Training,1.png,1,0,0,0,0,0,0,0,0,0\n"
    with pytest.raises(DataError, match="has 2 rows for '1'"):
        read_votes(written(tmp_path, HEADER + line + line))


@pytest.mark.parametrize("cell", ["x", "-1", "", "nan", "inf"])
def test_cell_that_is_no_number_of_votes_is_an_error(tmp_path: Path, cell: str) -> None:
    with pytest.raises(DataError, match=r"row 2 has .* expected 10 numbers of votes, 0 or more"):
        read_votes(written(tmp_path, HEADER + f"Training,1.png,{cell},0,0,0,0,0,0,0,0,0\n"))


def test_official_rows_are_joined_by_their_number_not_by_fer_plus_number(tmp_path: Path) -> None:
    lines = ["Training,,0,10", *(f"Training,fer{row:07d}.png,{row % 2},1" for row in range(OFFICIAL_ROWS - 1))]
    votes = read_votes(written(tmp_path, "Usage,Image name,angry,happy\n" + "\n".join(lines)))
    dataset = named("fer2013-00000", "fer2013-00002", "fer0000002", classes=("angry", "happy"))
    shares = join(votes, dataset)
    assert np.isnan(shares[0]).all()
    assert shares[1:].tolist() == [[0.5, 0.5], [0.0, 1.0]]


def test_real_votes_join_to_every_picture(real_data: Path, fer2013: Path) -> None:
    votes = read_votes(real_data / "ferplus-votes.csv")
    test = load(fer2013, "test")
    shares = join(votes, test)
    assert len(votes) == 28558 + 3579
    assert not np.isnan(shares).any()
    assert 0.6 < (shares.argmax(axis=1) == test.labels).mean() < 0.7
