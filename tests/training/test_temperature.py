"""A temperature makes probabilities mean what they say, and a wrong label or few pictures do not rule it."""

import numpy as np
import pytest

from curate.training import temperature


def test_probabilities_that_say_too_much_are_brought_back_to_what_is_true() -> None:
    """900 of 1,000 pictures are right, and the model says 0.99 of each: log-odds of 4.6 in place of 2.2."""
    probabilities = np.tile([0.99, 0.01], (1000, 1))
    labels = (np.arange(1000) % 10 == 0).astype(int)
    fitted = temperature.fit(probabilities, labels)
    assert temperature.apply(probabilities, fitted)[0, 0] == pytest.approx(0.9, abs=0.02)
    assert fitted == pytest.approx(np.log(99) / np.log(9), rel=0.12)
    # The other way round: it says 0.7 and is right more often.
    shy = np.tile([0.7, 0.3], (1000, 1))
    assert temperature.apply(shy, temperature.fit(shy, labels))[0, 0] == pytest.approx(0.9, abs=0.02)


def test_one_wrong_label_of_two_hundred_does_not_make_a_sure_model_unsure() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1, (200, 3)) + 9 * np.eye(3)[np.arange(200) % 3]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.arange(200) % 3
    labels[7] = (labels[7] + 1) % 3
    assert temperature.fit(probabilities, labels) < 1.3


def test_a_few_pictures_move_it_little_and_none_not_at_all() -> None:
    right = np.tile([0.8, 0.2], (4, 1))
    assert 0.6 < temperature.fit(right, np.zeros(4, int)) < 1.0
    assert temperature.fit(np.zeros((0, 2)), np.zeros(0, int)) == 1.0


def test_the_order_of_labels_stays_and_impossible_ones_stay_so() -> None:
    given = np.array([[0.7, 0.3, 0.0], [0.2, 0.5, 0.3]], np.float32)
    for degree in (0.3, 1.0, 4.0):
        fitted = temperature.apply(given, degree)
        assert np.array_equal(np.argsort(fitted), np.argsort(given))
        np.testing.assert_allclose(fitted.sum(axis=1), 1, atol=1e-6)
        assert fitted[0, 2] < 1e-6
    assert np.array_equal(temperature.apply(given, 1.0), given)
