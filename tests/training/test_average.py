import numpy as np

from mien.training.average import EVERY, Average


class Weight:
    """One weight of 1, and its average, which began at 0."""

    def __init__(self) -> None:
        self.average = 0.0

    def follow(self, share: float) -> None:
        self.average += share * (1 - self.average)


def test_the_average_follows_at_the_pace_of_its_decay() -> None:
    weight = Weight()
    average = Average(0.99, weight, 10**6, 10_000)
    for step in range(10_000, 10_000 + 10 * EVERY + 1):
        average.stepped(step)
    assert np.isclose(weight.average, 1 - 0.99 ** (10 * EVERY))


def test_the_last_step_of_an_epoch_is_always_taken_in_and_steps_count_one_by_one() -> None:
    seldom, often = Weight(), Weight()
    for weight, steps in ((seldom, 7), (often, 1)):
        average = Average(0.99, weight, steps, 10_003)
        for step in range(10_004, 10_004 + 7):
            average.stepped(step)
    assert np.isclose(seldom.average, often.average)
    assert seldom.average > 0


def test_the_start_is_soon_forgotten() -> None:
    weight = Weight()
    average = Average(0.999, weight, 10**6)
    for step in range(1, 100 * EVERY):
        average.stepped(step)
    assert weight.average > 0.9
