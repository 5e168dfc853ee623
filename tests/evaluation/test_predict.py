import numpy as np

from mien.evaluation.predict import predict
from mien.labels import LABELS
from mien.model.classify import Classifier
from tests.evaluation.samples import sample


def test_no_pictures_give_no_rows(model):
    dataset = sample(1)[0].subset([])
    found = predict(Classifier(model), dataset)
    assert found.names == ()
    assert found.probabilities.shape == found.flipped.shape == (0, 7)


def test_names_and_columns_are_those_of_data_and_model(model):
    dataset, _ = sample(5)
    found = predict(Classifier(model), dataset)
    assert (found.names, found.classes) == (dataset.names, LABELS)
    assert found.probabilities.dtype == found.flipped.dtype == np.float32


def test_flipped_is_the_mirror_image(model):
    dataset, _ = sample(3)
    classifier = Classifier(model)
    found = predict(classifier, dataset)
    np.testing.assert_array_equal(found.probabilities, classifier(dataset.images))
    np.testing.assert_array_equal(found.flipped, classifier(np.flip(dataset.images, axis=2)))
    assert not np.allclose(found.probabilities, found.flipped)


def test_progress_counts_pictures(model):
    seen = []
    predict(Classifier(model), sample(300)[0], watch=lambda done, total: seen.append((done, total)))
    assert seen == [(256, 300), (300, 300)]
