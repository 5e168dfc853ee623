import numpy as np

from mien.training.average import EVERY, Average


def test_the_average_follows_at_the_pace_of_its_decay() -> None:
    average = Average(0.99, [np.zeros(2, np.float32)], 10_000)
    for step in range(10_000 + EVERY, 10_000 + 11 * EVERY, EVERY):
        average.update(step, [np.ones(2, np.float32)])
    assert np.allclose(average.weights[0], 1 - 0.99 ** (10 * EVERY))
    assert average.weights[0].dtype == np.float32


def test_steps_between_two_looks_count_one_by_one() -> None:
    seldom, often = (Average(0.99, [np.zeros(1, np.float32)], 10_000) for _ in range(2))
    seldom.update(10_007, [np.ones(1, np.float32)])
    for step in (10_003, 10_004, 10_007):
        often.update(step, [np.ones(1, np.float32)])
    assert np.allclose(seldom.weights, often.weights)


def test_the_start_is_soon_forgotten() -> None:
    average = Average(0.999, [np.zeros(1, np.float32)])
    for step in range(EVERY, 100 * EVERY, EVERY):
        average.update(step, [np.ones(1, np.float32)])
    assert average.weights[0] > 0.9


def test_what_is_given_stays_as_it_is() -> None:
    given = np.zeros(1, np.float32)
    Average(0.5, [given]).update(8, [np.ones(1, np.float32)])
    assert given == 0
