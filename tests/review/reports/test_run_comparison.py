"""The report: two runs on the validation images both saw, under today's labels."""

import pytest

from curate.catalog import images, projects, runs
from curate.errors import BadInput
from curate.review.deciding import apply
from curate.review.deciding.decisions import Op, decide
from curate.review.reports import run_comparison
from tests.factories import add_pictures, add_run
from tests.review.conftest import SCORED


def test_both_runs_are_judged_by_todays_labels_on_the_images_both_saw(scored_project):
    project_id, first = scored_project
    dog = projects.find_label(project_id, "dog")
    wrong = images.find_image(project_id, "c3.png")  # filed under cat; both runs say dog
    decide(project_id, "ann", [Op(1, (wrong.id,), "relabel", dog)], "client-1")
    apply.apply(project_id, "ann")
    add_pictures(project_id, {"late.png": ("cat", "valid", None)})
    second = add_run(project_id, [entry[2] for entry in SCORED.values()] + [(0.9, 0.1)])
    made = run_comparison.compare_runs(runs.find_run(first), runs.find_run(second))
    # c3 and d3 were held out in both; under today's labels (both dog) the first run was right about both.
    assert made.comparison.n == 2
    assert (made.comparison.before.accuracy.value, made.comparison.after.accuracy.value) == (1.0, 1.0)
    assert made.counts_before[str(dog)] == {"train": 2, "valid": 1}
    assert made.counts_after[str(dog)] == {"train": 2, "valid": 2}
    assert made.largest_train_loss == pytest.approx((2.9957, 2.9957), abs=1e-4)


def test_deleted_images_take_no_part(scored_project):
    project_id, first = scored_project
    decide(project_id, "ann", [Op(1, (images.find_image(project_id, "c3.png").id,), "delete")], "client-1")
    apply.apply(project_id, "ann")
    second = add_run(project_id, [entry[2] for name, entry in SCORED.items() if name != "c3.png"])
    made = run_comparison.compare_runs(runs.find_run(first), runs.find_run(second))
    assert (made.comparison.n, made.comparison.n_fixed, made.comparison.n_broken) == (1, 0, 0)


def test_a_label_the_first_run_did_not_know_counts_as_wrong_for_it(scored_project):
    project_id, first = scored_project
    fox = projects.add_label(project_id, "fox")
    decide(project_id, "ann", [Op(1, (images.find_image(project_id, "d3.png").id,), "relabel", fox)], "client-1")
    decide(project_id, "ann", [Op(2, (images.find_image(project_id, "d1.png").id,), "relabel", fox)], "client-1")
    decide(project_id, "ann", [Op(3, (images.find_image(project_id, "c1.png").id,), "relabel", fox)], "client-1")
    apply.apply(project_id, "ann")
    add_pictures(project_id, {f"extra{n}.png": (label, "train", None) for n, label in enumerate(["cat", "dog"])})
    second = add_run(project_id, [(0.1, 0.1, 0.8)] * 8)
    made = run_comparison.compare_runs(runs.find_run(first), runs.find_run(second))
    assert made.comparison.n == 2  # c3 (cat) and d3 (now fox)
    assert made.comparison.before.accuracy.value == 0.0
    assert made.comparison.after.accuracy.value == 0.5
    assert made.comparison.flips["kind"].tolist().count("fixed") == 1


def test_what_cannot_be_compared_is_said(scored_project):
    project_id, first = scored_project
    run = runs.find_run(first)
    with pytest.raises(BadInput, match="named twice"):
        run_comparison.compare_runs(run, run)
    unfinished = runs.find_run(runs.create_run(project_id, {}, runs.training_set(project_id), None))
    with pytest.raises(BadInput, match="has not finished"):
        run_comparison.compare_runs(run, unfinished)
