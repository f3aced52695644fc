"""Finished runs predict the images without a label; nothing that reads a run's scores sees these predictions."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from curate import store
from curate.catalog import images, runs
from curate.catalog import jobs as rows
from curate.catalog.tables.core import UNLABELLED
from curate.embeddings.quick_look import PIXELS_LOOK
from curate.jobs.runtime.job_process import run_job
from curate.jobs.submit import run_predictions as submit
from curate.prediction.model import load_model
from curate.review.labelling import pages, run_predictions
from curate.training.settings.config import TrainConfig
from tests.conftest import tiny_picture
from tests.factories import train_here

CONFIG = TrainConfig(
    architecture="small_cnn", pretrained=False, size_px=16, epochs=1, batch_size=8, learning_rate=1e-2,
    precision="float32", augment="none",
)  # fmt: skip
LABELLED = [(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid") * 4]


@pytest.fixture(autouse=True)
def catalog_database(home: Path) -> None:
    """SQLite only: nothing here depends on the database."""


def open_jobs() -> list[rows.JobRow]:
    return [row for row in rows.open_jobs() if row.kind == submit.KIND]


@pytest.mark.parametrize("config", [CONFIG, PIXELS_LOOK], ids=["training", "quick look"])
def test_every_run_predicts_unlabelled_images_apart_from_its_scores(
    make_project: Callable[..., Any], config: TrainConfig
) -> None:
    project = make_project([*LABELLED, *[(UNLABELLED, "")] * 5])
    run = train_here(project.id, config)
    [job] = open_jobs()  # it follows by itself
    run_job(job.id)
    made = run_predictions.find(run.id)
    assert made is not None and made.image_ids.tolist() == project.image_ids[24:]
    model = load_model(store.run_folder(run.id))
    expected = model.predict([model.prepare(store.blob_path(sha)) for sha in project.shas[24:]])
    assert made.predicted.tolist() == [run.label_ids[best] for best in expected.argmax(axis=1)]
    np.testing.assert_allclose(made.p, expected.max(axis=1), atol=1e-3)
    np.testing.assert_allclose(made.margin, abs(expected[:, 0] - expected[:, 1]), atol=2e-3)
    assert runs.scores(run.id).image_ids.tolist() == project.image_ids[:24]
    cards = pages.find_cards(project.id, project.image_ids[24:], run_id=run.id)
    assert [card["predicted"] for card in cards] == made.predicted.tolist()
    by_certainty = np.argsort(-made.p, kind="stable")
    left = pages.find_left(project.id, "sure", 48, run_id=run.id)
    assert left.image_ids == made.image_ids[by_certainty].tolist()
    least_sure = pages.find_left(project.id, "useful", 48, run_id=run.id)
    assert least_sure.image_ids[0] == made.image_ids[made.margin.argmin()]


def test_a_run_of_a_project_without_such_images_asks_for_nothing(make_project: Callable[..., Any]) -> None:
    train_here(make_project(LABELLED).id, PIXELS_LOOK)
    assert not open_jobs()


def test_images_that_come_later_are_predicted_and_the_others_stay(make_project: Callable[..., Any]) -> None:
    project = make_project([*LABELLED, (UNLABELLED, "")])
    run = train_here(project.id, PIXELS_LOOK)
    run_job(open_jobs()[0].id)
    first = run_predictions.find(run.id)
    assert first is not None and submit.ensure(run, "Ada") is None
    data = tiny_picture(7_000)
    sha = store.add_blob(data)
    images.add_blobs([images.NewBlob(sha, len(data), 8, 8, "PNG", bytes.fromhex(sha))])
    images.add_images(project.id, [images.NewImage(sha, UNLABELLED, "new.png", "")], "Ada", "Imported", [])
    job_id = submit.ensure(run, "Ada")
    assert job_id is not None and submit.ensure(run, "Ada") == job_id
    run_job(job_id)
    made = run_predictions.find(run.id)
    assert made is not None and len(made.image_ids) == 2 and made.p[0] == first.p[0]
    assert (rows.find_job(job_id).result or {})["n"] == 1
