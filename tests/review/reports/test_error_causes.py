import numpy as np
import pytest

from curate.catalog import quality, runs
from curate.catalog.database import writing
from curate.catalog.duplicates import add_pairs
from curate.catalog.tables.quality import Quality
from curate.evaluation.causes import RIGHT
from curate.quality.issues import ISSUES
from curate.review.deciding import apply as applying
from curate.review.deciding.decisions import Op, decide
from curate.review.reports.error_causes import UNEXPLAINED, find_causes
from curate.review.reports.evaluated import find_evaluated
from tests.factories import add_doubted_run, add_run

# 3 of each to train on, 5 cats and 3 dogs held out.
ENTRIES = [("cats", "train")] * 3 + [("cats", "valid")] * 5 + [("dogs", "train")] * 3 + [("dogs", "valid")] * 3
RIGHT_CAT, RIGHT_DOG, WRONG_CAT, TORN_CAT = (0.9, 0.1), (0.1, 0.9), (0.2, 0.8), (0.45, 0.55)
PROBABILITIES = [*[RIGHT_CAT] * 3, WRONG_CAT, WRONG_CAT, TORN_CAT, WRONG_CAT, RIGHT_CAT, *[RIGHT_DOG] * 6]
DOUBTFUL, FAR, TORN, PLAIN = 3, 4, 5, 6  # places of the four errors


@pytest.fixture
def doubted(make_project):
    """(project, run): four held-out cats are taken for dogs, each for a reason of its own."""
    project = make_project(ENTRIES)
    run_id = add_doubted_run(
        project.id, PROBABILITIES, [0.5] * len(ENTRIES), suggested={DOUBTFUL: 1}, suggests_delete=[FAR]
    )
    return project, runs.find_run(run_id)


def causes_by_name(run, source="trained"):
    found = find_causes(find_evaluated(run, "valid", source))
    return found, {row.name: row for row in found.rows}


def test_each_error_has_the_first_cause_that_applies(doubted):
    _, run = doubted
    found, rows = causes_by_name(run)
    assert (rows["label"].n_errors, rows["far"].n_errors, rows["torn"].n_errors, found.n_unexplained) == (1, 1, 1, 1)
    assert found.assigned.tolist()[4:] == [RIGHT] * 4
    assert found.is_cause("label").tolist() == [True] + [False] * 7
    assert found.is_cause(UNEXPLAINED).tolist() == [False, False, False, True] + [False] * 4
    assert not found.is_cause("blurry").any()  # the quality was not measured
    assert "blurry" in found.missing and "label" not in found.missing


def test_poor_pictures_are_named_by_their_measure_with_base_rates(doubted, monkeypatch):
    project, run = doubted
    blurry = {project.image_ids[place] for place in (PLAIN, TORN, 12)}
    monkeypatch.setattr(quality, "state", lambda project_id: quality.State(1, 0, {}))
    mark(project, blurry, "blurry")
    found, rows = causes_by_name(run)
    assert (rows["blurry"].n_errors, rows["blurry"].n_with, rows["blurry"].n_with_wrong) == (1, 3, 2)
    assert (rows["blurry"].n_wrong, rows["blurry"].n) == (4, 8)
    assert found.n_unexplained == 0
    assert rows["blurry"].risk.value == pytest.approx((2 / 3) / (2 / 5))


def test_a_run_without_evidence_or_probabilities_says_what_is_missing(make_project):
    project = make_project(ENTRIES)
    run = runs.find_run(add_run(project.id, PROBABILITIES))
    found, rows = causes_by_name(run)
    assert set(found.missing) >= {"label", "far", "blurry"}
    assert (rows["torn"].n_errors, found.n_unexplained) == (1, 3)


def test_a_label_that_a_person_confirmed_is_not_probably_wrong(doubted):
    project, run = doubted
    decide(project.id, "Ada", [Op(1, (project.image_ids[DOUBTFUL],), "keep")], "c", run.id)
    applying.apply(project.id, "Ada")
    _, today = causes_by_name(run, "today")
    assert (today["label"].n_errors, today["label"].n_with) == (0, 0)
    _, trained = causes_by_name(run)
    assert trained["label"].n_errors == 1


def test_a_label_with_few_training_pictures_is_rare(make_project):
    entries = [(name, "train") for name in ("ants", "bees") for _ in range(7)] + [("wasps", "train")] * 2
    project = make_project([*entries, ("wasps", "valid"), ("ants", "valid")])
    run = runs.find_run(add_run(project.id, [(0.8, 0.1, 0.1)] * 18))
    found, rows = causes_by_name(run)
    assert (rows["rare"].n_errors, rows["rare"].n_with, found.n_unexplained) == (1, 1, 0)


def mark(project, image_ids, issue: str) -> None:
    """Stores that these images have an issue, and the others have none."""
    with writing() as session:
        for image_id in project.image_ids:
            values = dict.fromkeys(ISSUES, 0.0) | ({issue: 1.0} if image_id in image_ids else {})
            session.add(Quality(image_id=image_id, project_id=project.id, **values))


def test_the_same_picture_under_two_labels_is_a_cause(make_project):
    project = make_project(ENTRIES)
    run = runs.find_run(add_run(project.id, PROBABILITIES))
    first, second = project.image_ids[PLAIN], project.image_ids[13]
    add_pairs(project.id, 0, (np.array([first]), np.array([second]), np.array([0])))
    _, rows = causes_by_name(run)
    assert (rows["twice"].n_errors, rows["twice"].n_with) == (1, 2)
