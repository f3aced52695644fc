"""Given labels against those that the evidence supports, on six images."""

import numpy as np
import pytest

from curate import store
from curate.doubts import stored
from curate.review.reports.label_noise import find_noise
from tests.factories import add_doubted_run

PROBABILITIES = [(0.9, 0.1), (0.2, 0.8), (0.4, 0.6), (0.3, 0.7), (0.95, 0.05), (0.1, 0.9)]


@pytest.fixture
def noise(scored_project):
    """c2 and c3 are rather dogs, d2 is rather a cat, d1 is nothing of the kind."""
    project_id, _ = scored_project
    run_id = add_doubted_run(project_id, PROBABILITIES, [0.5] * 6, {1: 1, 2: 1, 4: 0}, suggests_delete=[3])
    return find_noise(run_id)


def test_every_picture_is_in_the_row_of_its_label_and_the_column_of_what_it_probably_is(noise):
    assert [label.name for label in noise.labels] == ["cat", "dog"]
    assert noise.counts.tolist() == [[1, 2], [1, 2]]
    assert (noise.n_wrong, noise.n_far) == (3, 1)


def test_directions_are_ranked_with_their_share_of_the_label(noise):
    result = [(one.given.name, one.true.name, one.n, round(one.share, 3)) for one in noise.directions()]
    assert result == [("cat", "dog", 2, 0.667), ("dog", "cat", 1, 0.333)]


def test_labels_mixed_up_both_ways_are_perhaps_one(noise):
    (pair,) = noise.mixtures()
    assert (pair.first, pair.second, pair.share) == (0, 1, 0.5)
    assert "67 % of those filed as *cat* like *dog*, 33 % the other way round" in pair.words


def test_a_run_without_suggestions_has_no_noise(scored_project):
    project_id, run_id = scored_project
    assert find_noise(run_id).counts.tolist() == [[3, 0], [0, 3]]
    assert find_noise(run_id).directions() == []


def test_the_estimate_is_in_pictures_and_in_the_order_of_the_labels(scored_project):
    project_id, _ = scored_project
    run_id = add_doubted_run(project_id, PROBABILITIES, [0.5] * 6, {1: 1})
    folder = store.run_folder(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / stored.JOINT_FILE, np.array([[0.3, 0.2], [0.0, 0.5]]))
    result = find_noise(run_id).estimated
    assert result is not None
    assert result.round(6).tolist() == [[1.8, 1.2], [0.0, 3.0]]
