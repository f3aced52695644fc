"""Why a label is doubted, in the words that stand on its card."""

import numpy as np
import pytest

from curate import store
from curate.catalog import projects, runs
from curate.doubts import stored
from curate.review.deciding import apply
from curate.review.deciding.decisions import Op, decide
from curate.review.listing import explanations
from curate.review.listing.pages import View, find_page
from tests.factories import add_doubted_run

PROBABILITIES = [(0.9, 0.1), (0.2, 0.8), (0.4, 0.6), (0.3, 0.7), (0.95, 0.05), (0.1, 0.9)]
DOUBT = [0.1, 0.9, 0.6, 0.2, 0.95, 0.05]  # of c1, c2, c3, d1, d2, d3


def add_evidence(run_id: int) -> None:
    """4 of 5 models and, by place, 0, 1, 2 … of 10 neighbours are for what is suggested."""
    records = np.zeros(6, [(name, "<i2") for name in stored.COUNTS])
    records["votes"], records["n_models"] = 4, 5
    records["neighbours"], records["n_neighbours"] = np.arange(6), 10
    np.save(store.run_folder(run_id) / stored.FILE, records)


def explanations_of(project_id: int, run_id: int) -> dict[str, str]:
    items = find_page(View(run_id, "doubt")).items
    sentences = explanations.explain_items(
        run_id, items, {label.id: label.name for label in projects.labels(project_id)}
    )
    return {item.file_name: sentences[item.image_id] for item in items if item.image_id in sentences}


def test_every_card_names_the_models_and_neighbours_of_its_own_row(scored_project):
    project_id, _ = scored_project
    run_id = add_doubted_run(project_id, PROBABILITIES, DOUBT, {1: 1}, suggests_delete=[4])
    add_evidence(run_id)
    words = explanations_of(project_id, run_id)
    assert words["c2.png"] == "4 of 5 held-out models say *dog*; 1 of 10 neighbours are *dog*."
    assert words["d3.png"] == "4 of 5 held-out models agree with *dog*; 5 of 10 neighbours are *dog*."
    assert words["d2.png"].startswith("Far from everything else")


def test_what_is_asked_again_says_how_the_doubt_has_grown_since_it_was_confirmed(scored_project):
    project_id, _ = scored_project
    first = add_doubted_run(project_id, PROBABILITIES, DOUBT)
    d1 = runs.training_set(project_id).image_ids.tolist()[3]
    decide(project_id, "ann", [Op(1, (d1,), "keep")], "client-1", first)
    apply.apply(project_id, "ann")
    later = add_doubted_run(project_id, PROBABILITIES, [0.97] * 6, {3: 0}, asks_again=[3, 4])
    add_evidence(later)
    words = explanations_of(project_id, later)
    assert words["d1.png"].startswith("Its doubt has grown from 0.20 to 0.97 since it was confirmed. 4 of 5")
    assert words["d2.png"].startswith(explanations.AGAIN)  # nobody knows any more what was shown


@pytest.mark.parametrize("has_doubts", [True, False])
def test_without_the_evidence_nothing_is_said(scored_project, has_doubts):
    project_id, plain = scored_project
    run_id = add_doubted_run(project_id, PROBABILITIES, DOUBT) if has_doubts else plain
    items = find_page(View(run_id)).items
    assert explanations.explain_items(run_id, items, {}) == {}
