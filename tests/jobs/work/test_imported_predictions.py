"""Predictions of a model from elsewhere become a run: scores, doubts, no model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from curate import store
from curate.catalog import jobs as rows
from curate.catalog import runs
from curate.catalog.best_run import best_run, numbered_or_best
from curate.catalog.runs import RunRow
from curate.embeddings.quick_look import PIXELS_LOOK
from curate.errors import NotFound
from curate.jobs.runtime.job_process import run_job
from curate.jobs.submit import imported_predictions, training
from curate.review.listing import pages


@pytest.fixture(autouse=True)
def catalog_database(home: Path) -> None:
    """SQLite only: what this job asks the catalog is tested on both databases in tests/catalog."""


@pytest.fixture
def project(make_project: Callable[..., Any]) -> Any:
    """24 pictures of noise under two labels, a third of them held out."""
    return make_project([(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid") * 4])


def finished(job_id: int) -> RunRow:
    run_job(job_id)
    row = rows.find_job(job_id)
    assert row.status == "done", row.message
    return runs.find_run((row.result or {})["run_id"])


def frame(project: Any, n: int = 24) -> pd.DataFrame:
    """The model is sure and right, but takes the last image of all, a dog, for a cat."""
    is_cat = [place < 12 or place == 23 for place in range(24)]
    table = pd.DataFrame({"file": [f"/their/data/{place}.png" for place in range(24)], "cats": is_cat, "dogs": is_cat})
    table["cats"] = np.where(is_cat, 0.9, 0.1)
    table["dogs"] = 1 - table["cats"]
    return table[24 - n :]


def test_they_are_a_run_like_any_other_with_scores_doubts_and_notes_but_no_model(project: Any) -> None:
    run = finished(imported_predictions.submit_frame(project.id, frame(project), "their resnet", "all", by="Ada"))
    assert (run.n_train, run.n_valid, run.accuracy, run.has_model) == (16, 8, 7 / 8, False)
    page = pages.find_page(pages.View(run.id, "loss"))
    assert page.items[0].image_id == project.image_ids[23]
    assert page.items[0].loss == pytest.approx(-np.log(0.1), rel=1e-5)
    scored = runs.scores(run.id)
    assert scored.probabilities.shape == (24, 2)
    np.testing.assert_allclose(scored.probabilities[0], [0.9, 0.1], rtol=1e-6)
    assert pages.find_page(pages.View(run.id, "doubt")).items[0].doubt is not None
    assert run.facts["notes"][0] == "The model had seen none of these pictures, as was stated."
    assert not list(store.settings.home().glob("incoming/*"))


def test_only_images_with_a_prediction_have_a_score(project: Any) -> None:
    run = finished(imported_predictions.submit_frame(project.id, frame(project, 10), "theirs", "valid"))
    assert runs.scores(run.id).image_ids.tolist() == project.image_ids[14:]
    assert "14 images of the project have no prediction and are left out." in run.facts["notes"]


def test_of_a_model_that_had_seen_everything_nothing_is_doubted(project: Any) -> None:
    run = finished(imported_predictions.submit_frame(project.id, frame(project), "theirs", "none"))
    assert pages.find_page(pages.View(run.id, "loss")).items[0].doubt is None
    assert run.facts["notes"][-1] == "No doubts were worked out: the model had seen every picture."


def test_a_new_picture_is_answered_by_a_run_with_a_model(project: Any) -> None:
    look = finished(training.submit(project.id, PIXELS_LOOK, "Ada"))
    run = finished(imported_predictions.submit_frame(project.id, frame(project), "theirs", "all"))
    known = runs.list_runs(project.id, only_done=True)
    assert [each.id for each in known] == [run.id, look.id]
    assert best_run(known, "answer").run.id == look.id
    assert best_run(known, "review").run.id == run.id
    with pytest.raises(NotFound, match="Run 2 holds the predictions of a model from elsewhere"):
        numbered_or_best(project.id, 2, "answer")


def test_a_file_that_does_not_fit_leaves_nothing(project: Any, tmp_path: Path) -> None:
    path = tmp_path / "theirs.csv"
    path.write_text("file,cats,dogs\nother.png,1,0\n")
    job_id = imported_predictions.submit(project.id, path, "theirs", "all")
    run_job(job_id)
    assert rows.find_job(job_id).status == "failed"
    assert (rows.find_job(job_id).message or "").startswith("None of the 1 rows fits an image of the project")
    assert runs.list_runs(project.id) == []


def test_an_exported_graph_that_is_taken_in_again_predicts_what_its_run_does(project: Any) -> None:
    look = finished(training.submit(project.id, PIXELS_LOOK, "Ada"))
    job_id = imported_predictions.submit(project.id, store.run_folder(look.id) / "model.onnx", "again", "valid")
    again = finished(job_id)
    valid = runs.scores(look.id).is_valid  # of training pictures the run keeps what models said that had not seen them
    then, now = (np.asarray(runs.scores(run.id).probabilities)[valid] for run in (look, again))
    np.testing.assert_allclose(now, then, atol=1e-3)
