"""Suggestions and orders on points in the plane, whose answers are known by hand."""

import numpy as np
import pytest

from curate.embeddings import suggestions
from curate.embeddings.suggestions import Groups, HeldOut, Predictions


def on_circle(*degrees: float) -> np.ndarray:
    radians = np.deg2rad(np.array(degrees))
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def test_novelty_is_half_the_cosine_distance_to_the_nearest_labelled_image():
    novelty = suggestions.find_novelty(on_circle(0, 90, 180), on_circle(0, 60))
    assert novelty == pytest.approx([0.0, (1 - np.cos(np.pi / 6)) / 2, 0.75], abs=1e-6)
    assert suggestions.find_novelty(on_circle(0, 90), on_circle()[:0]).tolist() == [1.0, 1.0]


def test_nothing_is_predicted_from_fewer_than_ten_images_or_from_one_label():
    points, given = on_circle(0, 180), on_circle(*range(12))
    assert suggestions.predict(points, given[:9], np.array([7, 8] * 4 + [7])).predicted.tolist() == [0, 0]
    assert suggestions.predict(points, given, np.full(12, 7)).predicted.tolist() == [0, 0]


def test_predictions_are_label_ids_and_surer_near_the_labelled_images():
    given = on_circle(*range(-5, 5), *range(175, 185))
    made = suggestions.predict(on_circle(0, 180, 89.5), given, np.array([7] * 10 + [3] * 10))
    assert made.predicted[:2].tolist() == [7, 3]
    assert made.p[0] > 0.8 and made.p[2] < 0.6
    assert made.margin[2] < 0.1 < made.margin[0]


def test_useful_images_are_uncertain_and_unlike_each_other():
    points = on_circle(90, 91, 270, 0)  # the first two alike; the last as good as labelled
    made = Predictions(np.array([7, 7, 3, 7]), np.zeros(4, np.float32), np.array([0.0, 0.1, 0.2, 0.9], np.float32))
    groups = Groups(np.zeros(4, np.int64), np.zeros(4, np.float32))
    ranks = suggestions.rank_useful(points, made, groups)
    assert ranks[0] == 0 and ranks[2] == 1 and sorted(ranks.tolist()) == [0, 1, 2, 3]


def test_before_there_are_labels_the_centre_of_each_group_comes_first():
    nothing = np.zeros(4, np.float32)
    groups = Groups(np.array([0, 0, 1, 0]), np.array([0.3, 0.1, 0.2, 0.2], np.float32))
    ranks = suggestions.rank_useful(on_circle(0, 1, 2, 3), Predictions(np.zeros(4, np.int64), nothing, nothing), groups)
    assert ranks.tolist() == [3, 0, 1, 2]


def test_groups_hold_alike_images_the_largest_first():
    points = on_circle(*np.linspace(0, 2, 40), *np.linspace(180, 182, 20))
    made = suggestions.make_groups(points)
    assert len(made.group) == 60 and set(made.group[:40]).isdisjoint(made.group[40:])
    sizes = np.bincount(made.group)
    assert sizes.tolist() == sorted(sizes.tolist(), reverse=True)
    assert (made.distance >= 0).all()


def test_how_often_it_is_right_is_measured_on_images_that_it_had_not_seen():
    few = suggestions.measure(on_circle(*range(20)), np.array([7, 8] * 10), np.ones(20, bool))
    assert few == HeldOut(0, 0, None, None)
    apart = on_circle(*np.linspace(0, 10, 100), *np.linspace(180, 190, 100))
    labels, is_confirmed = np.repeat([7, 8], 100), np.arange(200) < 50
    assert suggestions.measure(apart, labels, np.ones(200, bool)) == HeldOut(200, 200, 0, 0)
    assert suggestions.measure(apart, labels, is_confirmed) == HeldOut(50, 50, 0, 0)
    made = suggestions.measure(apart[:60], np.repeat([7, 8], 30), np.ones(60, bool))
    assert made.n == 60 and made.n_fixed is None
