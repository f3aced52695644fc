"""The share of the last suggestions that were accepted: by what was predicted before an image had its label."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from curate.catalog.tables.core import UNLABELLED
from curate.review.deciding.decisions import BULK_CLIENT, Op, decide
from curate.review.labelling import accepted, pictures, suggestions
from curate.review.labelling.accepted import Accepted
from curate.review.labelling.suggestions import Facts, Suggestions


@pytest.fixture
def project(make_project: Callable[..., Any], either_database: None) -> Any:
    return make_project([("cats", "train"), ("dogs", "train"), *[(UNLABELLED, "")] * 8])


def made_of(project: Any, labels: list[str]) -> Suggestions:
    """Suggestions of these labels for the eight images; "" = nothing is predicted."""
    ids = np.array(project.image_ids[2:])
    predicted = np.array([project.label_ids.get(label, 0) for label in labels])
    zeros = np.zeros(8)
    return Suggestions(
        Facts(1, 0, 12, "p", 0.1), ids, predicted, zeros + 0.9, zeros, np.arange(8), predicted * 0, zeros
    )


def relabel(project: Any, places: list[int], label: str, client: str) -> None:
    ids = tuple(project.image_ids[2 + place] for place in places)
    decide(project.id, "Ada", [Op(1, ids, "relabel", project.label_ids[label])], client)


def test_the_share_is_of_those_decided_with_a_suggestion_and_not_in_bulk(project: Any) -> None:
    suggestions.write(project.id, made_of(project, ["cats"] * 6 + ["", "cats"]))
    relabel(project, [0, 1, 2, 6], "cats", "client-1")  # the last of them had no suggestion
    relabel(project, [3], "dogs", "client-2")
    relabel(project, [4], "cats", f"{BULK_CLIENT}0123")
    assert accepted.last_hundred(project.id) == Accepted(4, 3)


def test_a_refit_that_knows_the_labels_does_not_change_it(project: Any) -> None:
    first = made_of(project, ["cats"] * 8)
    suggestions.write(project.id, first)
    relabel(project, [0, 1], "cats", "client-1")
    relabel(project, [2, 3], "dogs", "client-2")
    refit = made_of(project, ["cats"] * 2 + ["dogs"] * 6)  # right on all that it has learnt from
    noted = accepted.note_judged(refit, first, pictures.of_project(project.id))
    suggestions.write(project.id, noted)
    assert accepted.last_hundred(project.id) == Accepted(4, 2)
    relabel(project, [4], "dogs", "client-3")
    assert accepted.last_hundred(project.id) == Accepted(5, 3)


def test_images_labelled_before_there_were_predictions_do_not_count(project: Any) -> None:
    relabel(project, [0, 1], "cats", "client-1")
    refit = made_of(project, ["cats"] * 8)
    suggestions.write(project.id, accepted.note_judged(refit, None, pictures.of_project(project.id)))
    assert accepted.last_hundred(project.id) == Accepted(0, 0)
