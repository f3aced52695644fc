"""The quick look as a job, its refit after an apply, and the doubts of fine-tuned runs; all with `pixels`."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, update

from curate import jobs, store
from curate.catalog import jobs as rows
from curate.catalog import runs
from curate.catalog.database import reading, writing
from curate.catalog.tables.core import Image, Score
from curate.doubts import stored
from curate.embeddings.embed import Recipe, recipe_of
from curate.embeddings.quick_look import PIXELS_LOOK
from curate.embeddings.quick_look_head import QuickHead
from curate.jobs.context import JobContext
from curate.jobs.runtime.job_process import run_job
from curate.jobs.submit import quick_look, training
from curate.jobs.work import training_doubts
from curate.prediction.quick_model import load_quick_model
from curate.review.deciding import apply, decisions
from curate.training.phase_timer import PhaseTimer
from curate.training.settings.config import TrainConfig

N = 24


@pytest.fixture(autouse=True)
def catalog_database(home: Path) -> None:
    """SQLite only: what these jobs ask the catalog is tested on both databases in tests/catalog."""


@pytest.fixture
def project(make_project: Callable[..., Any]) -> Any:
    """24 pictures of noise under two labels, a third of them held out."""
    return make_project([(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid") * 4])


def look(project_id: int, config: TrainConfig = PIXELS_LOOK) -> runs.RunRow:
    """The finished run of a quick look, made in this process."""
    return finished(training.submit(project_id, config, "Ada"))


def finished(job_id: int) -> runs.RunRow:
    run_job(job_id)
    row = rows.find_job(job_id)
    assert row.status == "done", row.message
    return runs.find_run((row.result or {})["run_id"])


def relabel(project: Any, place: int, label: str, reviewer: str = "Ada", run_id: int | None = None) -> None:
    op = decisions.Op(1, (project.image_ids[place],), "relabel", project.label_ids[label])
    decisions.decide(project.id, reviewer, [op], client=f"test-{place}", run_id=run_id)
    apply.apply(project.id, reviewer)


def test_a_quick_look_is_a_run_like_any_other(project):
    run = look(project.id)
    scores = runs.scores(run.id)
    assert (run.status, run.n_train, run.n_valid, run.config["method"]) == ("done", 16, 8, "quick_look")
    assert scores.probabilities.shape == (N, 2)
    assert np.asarray(scores.probabilities).sum(axis=1) == pytest.approx(np.ones(N), abs=1e-5)
    own = np.asarray(scores.probabilities)[np.arange(N), [run.label_ids.index(i) for i in scores.label_ids]]
    assert scores.losses == pytest.approx(-np.log(own), abs=1e-5)
    is_right = (scores.predicted_ids == scores.label_ids)[scores.is_valid]
    assert run.accuracy == pytest.approx(is_right.mean())
    assert len(runs.epochs(run.id)) == 0


def test_every_image_is_held_out_and_has_a_doubt_with_its_evidence(project):
    run = look(project.id)
    with reading() as session:
        stored_scores = session.scalars(select(Score).where(Score.run_id == run.id).order_by(Score.row)).all()
    assert all(score.held_out for score in stored_scores)
    assert all(0 <= (score.doubt or 0) <= 1 and score.p_suggested is not None for score in stored_scores)
    evidence = stored.read_rows(store.run_folder(run.id), np.array([stored_scores[3].row]))
    assert 0 <= evidence["votes"][0] <= evidence["n_models"][0]


def test_where_the_time_went_is_kept(project):
    seconds = look(project.id).facts["seconds"]
    assert {"starting", "embedding", "doubting", "fitting", "storing"} <= set(seconds)
    assert all(value >= 0 for value in seconds.values())


def test_the_stored_model_gives_the_stored_probabilities(project):
    run = look(project.id)
    scores = runs.scores(run.id)
    model = load_quick_model(store.run_folder(run.id))
    valid = np.flatnonzero(scores.is_valid)
    shas = runs.training_set(project.id).shas
    answers = model.predict([model.prepare(store.blob_path(shas[row])) for row in valid])
    assert model.labels == ["cats", "dogs"]
    assert answers == pytest.approx(np.asarray(scores.probabilities)[valid], abs=1e-4)
    assert model.predict([]).shape == (0, 2)


def test_no_label_of_a_validation_image_changes_what_is_said_of_validation_images(project):
    before = runs.scores(look(project.id).id)
    valid = before.is_valid
    relabel(project, int(np.flatnonzero(valid)[0]), "dogs")
    after = runs.scores(look(project.id).id)
    assert (before.label_ids != after.label_ids).sum() == 1
    assert np.array_equal(np.asarray(before.probabilities)[valid], np.asarray(after.probabilities)[valid])


def test_before_the_first_quick_look_there_is_nothing_to_refit(project):
    assert quick_look.refit(project.id, "Ada") is None


def test_a_refit_takes_in_what_was_applied_and_one_that_waits_is_enough(project):
    look(project.id)
    relabel(project, 0, "dogs")
    job_id = quick_look.refit(project.id, "Ben")
    assert job_id is not None
    assert quick_look.refit(project.id, "Ada") == job_id
    assert quick_look.is_refitting(project.id)
    run = finished(job_id)
    assert not quick_look.is_refitting(project.id)
    assert (run.version_number, run.config) == (2, PIXELS_LOOK.to_json())
    assert runs.scores(run.id).label_ids[0] == project.label_ids["dogs"]


def test_a_refit_needs_neither_torch_nor_the_pictures(project, make_project):
    """Embeddings of a network that is not on this machine, put into the cache by hand; and no picture left."""
    config = TrainConfig(method="quick_look", architecture="mobilenet_v2", size_px=32, resize="squish")
    features = np.random.default_rng(0).normal(size=(N, 12)).astype(np.float16)
    recipe_of(config).cache().add(project.shas, features)
    for sha in project.shas:
        store.blob_path(sha).unlink()
    job_id = jobs.enqueue("refit", project.id, {"config": config.to_json()})
    code = (
        "import sys; from curate.jobs.runtime.job_process import run_job; "
        f"run_job({job_id}); print([name for name in ('torch', 'fastai') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert ran.stdout.strip().splitlines()[-1] == "[]", ran.stderr
    assert rows.find_job(job_id).status == "done"


def test_a_picture_deleted_since_does_not_stand_in_the_way_of_a_refit(project):
    look(project.id)
    decisions.decide(project.id, "Ada", [decisions.Op(1, (project.image_ids[5],), "delete", None)], client="test")
    apply.apply(project.id, "Ada")
    run = finished(quick_look.refit(project.id, "Ada") or 0)
    assert project.image_ids[5] not in runs.scores(run.id).image_ids
    assert run.n_train + run.n_valid == N - 1


def test_cancelled_while_it_looks_it_leaves_nothing_but_what_it_has_seen(project):
    job_id = training.submit(project.id, PIXELS_LOOK, "Ada")
    jobs.cancel(job_id)
    assert rows.find_job(job_id).status == "cancelled"
    assert runs.list_runs(project.id) == []


def context(project_id: int) -> JobContext:
    return JobContext(rows.find_job(jobs.enqueue("train", project_id, {})))


def test_a_fine_tuned_run_has_doubts_by_what_it_held_out_and_the_embeddings(project):
    chosen = runs.training_set(project.id)
    probabilities = np.tile(np.array([0.3, 0.7], np.float32), (N, 1))
    doubted, why_not = training_doubts.doubts_of(context(project.id), chosen, probabilities, PhaseTimer({}))
    assert (why_not, doubted is not None) == ("", True)
    assert doubted is not None
    loss = doubted.assessment.reasons["held_out_loss"]
    assert np.isnan(loss[~chosen.is_valid]).all()  # what it trained on it did not hold out
    given = np.where(chosen.labels == 0, 0.7, 0.3)  # 1 - exp(-loss) of the given label
    assert loss[chosen.is_valid] == pytest.approx(given[chosen.is_valid], abs=1e-6)
    assert np.isfinite(doubted.doubts.doubt).all()


def test_without_weights_a_fine_tuned_run_says_why_it_has_no_doubts(project):
    run = look(project.id)
    with writing() as session:
        config = PIXELS_LOOK.to_json() | {"architecture": "vgg11_bn"}
        session.execute(update(runs.Run).where(runs.Run.id == run.id).values(config=config))
    chosen = runs.training_set(project.id)
    doubted, why_not = training_doubts.doubts_of(context(project.id), chosen, np.full((N, 2), 0.5), PhaseTimer({}))
    assert doubted is None
    assert why_not.startswith("No doubts were worked out: the weights of `vgg11_bn`")


def test_tiny_pictures_without_weights_are_looked_at_as_pixels_and_the_settings_say_so(project):
    assert quick_look.default(project.id) == PIXELS_LOOK


def test_after_a_quick_look_with_other_settings_those_are_the_usual_ones(project):
    other = TrainConfig(method="quick_look", architecture="pixels", size_px=20, resize="crop")
    look(project.id, other)
    assert quick_look.usual(project.id) == other
    assert recipe_of(other) == Recipe("pixels", 20, "crop")


def test_the_head_in_the_folder_is_all_that_is_kept_of_the_model(project):
    run = look(project.id)
    names = {path.name for path in store.run_folder(run.id).iterdir()}
    assert names == {"model.safetensors", "model.json", "probabilities.npy", "doubts.npy", "joint.npy", "model.onnx"}
    assert isinstance(load_quick_model(store.run_folder(run.id))._head, QuickHead)


def test_images_confirmed_by_a_person_are_told_to_the_doubts(project):
    first = look(project.id)
    op = decisions.Op(1, (project.image_ids[2],), "keep", None)
    decisions.decide(project.id, "Ada", [op], client="test", run_id=first.id)
    apply.apply(project.id, "Ada")
    with reading() as session:
        assert session.scalar(select(Image.checked_at).where(Image.id == project.image_ids[2])) is not None
    run = finished(quick_look.refit(project.id, "Ada") or 0)
    with reading() as session:
        score = session.get(Score, (run.id, project.image_ids[2]))
    assert score is not None
    assert not score.asks_again
    assert not score.suggests_delete
