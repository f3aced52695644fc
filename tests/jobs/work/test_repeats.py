"""Repeats of two runs with other seeds: quick looks as one job each, trainings as runs of an experiment."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import update

from curate import store
from curate.catalog import jobs as rows
from curate.catalog import runs
from curate.catalog.database import writing
from curate.catalog.tables.core import Image
from curate.embeddings import quick_look_head, refit
from curate.embeddings.embed import recipe_of
from curate.embeddings.quick_look import PIXELS_LOOK
from curate.errors import BadInput, Conflict
from curate.jobs.runtime.job_process import run_job
from curate.jobs.submit import quick_look
from curate.jobs.submit import repeats as submit
from curate.review.deciding import apply, decisions
from curate.review.reports.run_comparison import compare_runs
from curate.review.worth import repeats
from curate.training import saved_model
from curate.training.settings.config import TrainConfig
from tests.factories import add_run, train_here
from tests.jobs.work.test_training import CONFIG

SPLITS = ("train", "train", "valid") * 8


@pytest.fixture(autouse=True)
def catalog_database(home: Path) -> None:
    """SQLite only: a job in this process."""


@pytest.fixture
def project(make_project: Callable[..., Any]) -> Any:
    """48 pictures of noise under two labels, a third of them held out."""
    return make_project([(label, split) for label in ("cats", "dogs") for split in SPLITS])


def decide(project: Any, place: int, action: str, label: str = "") -> None:
    op = decisions.Op(1, (project.image_ids[place],), action, project.label_ids.get(label))
    decisions.decide(project.id, "Ada", [op], client=f"test-{place}")
    apply.apply(project.id, "Ada")


def two_looks(project: Any, config: TrainConfig = PIXELS_LOOK) -> tuple[runs.RunRow, runs.RunRow]:
    """A run, then a relabel and a deletion of training pictures, then another run."""
    first = train_here(project.id, config)
    decide(project, 0, "relabel", "dogs")
    decide(project, 1, "delete")
    return first, train_here(project.id, config)


def run_all(job_ids: list[int]) -> None:
    for job_id in job_ids:
        run_job(job_id)
        row = rows.find_job(job_id)
        assert row.status == "done", row.message


def test_a_quick_look_is_repeated_on_its_own_labels_and_its_repeats_are_no_runs(project):
    before, after = two_looks(project)
    assert repeats.find_noise(compare_runs(before, after)) is None
    run_all(submit.submit(before, after, "Ada"))
    assert len(runs.list_runs(project.id)) == 2
    noise = repeats.find_noise(compare_runs(before, after))
    assert noise is not None and noise.n == 16
    assert (len(noise.before.accuracies), len(noise.after.accuracies)) == (3, 3)
    key = repeats.repeats_key(before, after)
    assert len({*key[0], *key[1]}) == 6  # no seed twice
    assert quick_look.usual(project.id).seed == PIXELS_LOOK.seed


def test_the_repeated_predictions_are_those_of_a_head_with_these_weights_on_the_old_labels(project):
    before, after = two_looks(project)
    run_all(submit.submit(before, after, "Ada"))
    (seed, *_), predicted = repeats._read(before) or ([], None)
    chosen = repeats.training_set_of(before)
    assert chosen.image_ids.tolist() == project.image_ids  # the picture deleted since is there
    assert chosen.labels[0] == chosen.label_names.index("cats")  # its label of then
    head = saved_model.read_weights(store.run_folder(before.id))
    embeddings = recipe_of(PIXELS_LOOK).cache().read(chosen.shas)
    points = quick_look_head.points_of(embeddings, head["mean"], head["matrix"])
    drawn = np.random.default_rng(seed).permutation(np.flatnonzero(~chosen.is_valid))
    weights = refit.drawn_weights(chosen.image_ids[drawn], seed)
    expected = refit.predict_weighted(points[drawn], chosen.labels[drawn], 2, weights, points[chosen.is_valid])
    assert predicted is not None
    assert predicted.label_ids[0].tolist() == [chosen.label_ids[place] for place in expected]


def test_more_repeats_add_to_those_that_are_there(project):
    before, after = two_looks(project)
    for _ in range(2):
        run_all(submit.submit(before, after, "Ada"))
    noise = repeats.find_noise(compare_runs(before, after))
    assert noise is not None and len(noise.before.accuracies) == 6
    assert len({seed for side in repeats.repeats_key(before, after) for seed in side}) == 12


def test_while_repeats_wait_no_others_are_queued(project):
    before, after = two_looks(project)
    submit.submit(before, after, "Ada")
    with pytest.raises(Conflict, match="wait or run already"):
        submit.submit(before, after, "Ada")


def test_predictions_from_elsewhere_cannot_be_repeated(project):
    before = train_here(project.id, PIXELS_LOOK)
    after = runs.find_run(add_run(project.id, [(0.5, 0.5)] * 48, {"method": "imported", "architecture": "theirs"}))
    with pytest.raises(BadInput, match="Run 2 holds the predictions of a model from elsewhere"):
        submit.submit(before, after, "Ada")


def test_a_picture_erased_since_is_left_out_of_the_repeats(project):
    before, after = two_looks(project)
    with writing() as session:
        session.execute(update(Image).where(Image.id == project.image_ids[1]).values(state="erased"))
    assert len(repeats.training_set_of(before).image_ids) == 47
    run_all(submit.submit(before, after, "Ada"))


def test_a_training_is_repeated_as_an_experiment_on_the_labels_that_it_learnt_from(project):
    before, after = two_looks(project, CONFIG)
    job_ids = submit.submit(before, after, "Ada")
    run_all(job_ids[:1])
    (repeat,) = [run for run in runs.list_runs(project.id) if run.experiment_id]
    assert (repeat.version_id, repeat.n_train) == (before.version_id, before.n_train)
    assert repeat.config == before.config | {"seed": 1}
    assert runs.scores(repeat.id).label_ids.tolist() == runs.scores(before.id).label_ids.tolist()
    assert [run.id for run in repeats.same_but_seed(before)] == [before.id, repeat.id]
    assert repeats.find_noise(compare_runs(before, after)) is None  # the newer run has no repeat yet
    run_all(job_ids[3:4])
    noise = repeats.find_noise(compare_runs(before, after))
    assert noise is not None and (len(noise.before.accuracies), len(noise.after.accuracies)) == (2, 2)
    assert noise.before.accuracies[0] == pytest.approx(compare_runs(before, after).comparison.before.accuracy.value)
