import numpy as np

from mien.evaluation.mistakes import confident_mistakes, mistake_section
from tests.evaluation.samples import sample


def test_surest_mistakes_come_first():
    dataset, _ = sample(6)
    probabilities = np.eye(3)[dataset.labels]
    probabilities[1] = [0.6, 0.3, 0.1]  # is happy
    probabilities[2] = [0.1, 0.8, 0.1]  # is sad
    found = confident_mistakes(probabilities, dataset)
    assert [(one.name, one.truth, one.guess, one.confidence) for one in found] == [
        ("test/sad/0002.png", "sad", "happy", 0.8),
        ("test/happy/0001.png", "happy", "angry", 0.6),
    ]
    assert np.array_equal(found[0].image, dataset.images[2])


def test_at_most_two_dozen_are_kept():
    dataset, _ = sample(60)
    assert len(confident_mistakes(np.eye(3)[(dataset.labels + 1) % 3], dataset)) == 24


def test_names_are_escaped_and_pictures_described():
    dataset, _ = sample(3)
    dataset = type(dataset)(dataset.images, dataset.labels, dataset.classes, ("<a>", "b", "c"))
    found = confident_mistakes(np.eye(3)[[1, 1, 2]], dataset)
    names = "".join(mistake_section(found, thumbnails=False))
    faces = "".join(mistake_section(found, thumbnails=True))
    assert "&lt;a&gt;" in names
    assert "<a>" not in names + faces
    assert 'alt="&lt;a&gt;, taken for happy, is angry"' in faces


def test_no_mistakes_no_section():
    assert mistake_section((), thumbnails=True) == []
