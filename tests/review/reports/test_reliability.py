"""A run's probabilities beside how often it is right, by hand; on Evaluate in a plot and a sentence."""

import math
from typing import Any

import numpy as np
import pytest

from curate.catalog import runs
from curate.review.reports import reliability
from curate.ui.evaluate.reliability import describe
from tests.factories import add_run, open_page


def test_pictures_are_put_together_by_how_sure_the_run_was() -> None:
    """Two of four right at 0.8, one of one at 0.9: (4 · 0.3 + 1 · 0.1) / 5 = 0.26 apart."""
    found = reliability.binned(np.array([0.8, 0.81, 0.79, 0.82, 0.9]), np.array([True, False, True, False, True]))
    assert [(each.n, each.right.value) for each in found.bins] == [(1, 1.0), (3, 1 / 3), (1, 1.0)]
    found = reliability.binned(np.array([0.8, 0.8, 0.8, 0.8, 0.9]), np.array([True, False, True, False, True]))
    assert [(each.mean_probability, each.n) for each in found.bins] == [(pytest.approx(0.8), 4), (0.9, 1)]
    assert found.error == pytest.approx(0.26)
    assert reliability.binned(np.array([1.0]), np.array([True])).bins[0].n == 1
    assert math.isnan(reliability.binned(np.zeros(0), np.zeros(0, bool)).error)


def test_only_what_was_held_out_counts(small_project: Any) -> None:
    """cats: three to train on and one held out, dogs alike; the held-out cat is right at 0.9, the dog wrong at 0.6."""
    probabilities = [(0.5, 0.5)] * 3 + [(0.9, 0.1)] + [(0.5, 0.5)] * 3 + [(0.6, 0.4)]
    found = reliability.find_reliability(add_run(small_project.id, probabilities))
    assert [(round(each.mean_probability, 3), each.right.value) for each in found.bins] == [(0.6, 0.0), (0.9, 1.0)]
    assert found.n == 2


def test_evaluate_says_it_in_words(small_project: Any) -> None:
    probabilities = [(0.5, 0.5)] * 3 + [(0.9, 0.1)] + [(0.5, 0.5)] * 3 + [(0.6, 0.4)]
    run_id = add_run(small_project.id, probabilities)
    app = open_page("evaluate", project=small_project.id, run=run_id)
    said = describe(reliability.find_reliability(run_id))
    assert said == "Probabilities and results are 35.0 points apart on average; the model is too sure."
    assert any(element.value == said for element in app.markdown)
    assert runs.find_run(run_id).n_valid == 2
