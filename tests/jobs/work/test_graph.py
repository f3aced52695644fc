"""Runs leave their graph and calibrated probabilities; runs of before get theirs on first use, once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from curate import jobs, store
from curate.catalog import jobs as rows
from curate.catalog import runs
from curate.embeddings.quick_look import PIXELS_LOOK
from curate.jobs.runtime.job_process import run_job
from curate.jobs.submit import graph
from curate.onnx_graph import GRAPH, NO_GRAPH
from curate.prediction import familiarity, graph_model
from curate.training import saved_model, temperature
from curate.training.settings.config import TrainConfig
from tests.factories import train_here

CONFIG = TrainConfig(
    architecture="small_cnn", pretrained=False, size_px=16, epochs=2, batch_size=8, learning_rate=1e-2,
    precision="float32", augment="none",
)  # fmt: skip


@pytest.fixture(autouse=True)
def catalog_database(home: Path) -> None:
    """SQLite only: nothing here depends on the database."""


@pytest.fixture
def project(make_project: Callable[..., Any]) -> Any:
    return make_project([(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid") * 4])


@pytest.mark.parametrize("config", [CONFIG, PIXELS_LOOK], ids=["training", "quick look"])
def test_a_run_leaves_a_graph_that_gives_the_numbers_of_the_grid(project: Any, config: TrainConfig) -> None:
    run = train_here(project.id, config)
    model = graph_model.load(store.run_folder(run.id))
    assert model.labels == ["cats", "dogs"]
    chosen, stored = runs.training_set(project.id), runs.scores(run.id).probabilities
    answers = model.predict([model.prepare(store.blob_path(sha)) for sha in chosen.shas])
    # A quick look's training images were scored by heads that did not see them.
    seen_alike = np.ones(24, bool) if config is CONFIG else chosen.is_valid
    np.testing.assert_allclose(answers[seen_alike], stored[seen_alike], atol=1e-4)


def test_a_training_is_calibrated_on_what_it_held_out(project: Any) -> None:
    run = train_here(project.id, CONFIG)
    facts, stored = saved_model.read_facts(store.run_folder(run.id)), runs.scores(run.id)
    assert facts.temperature != 1.0
    chosen = runs.training_set(project.id)
    plain = temperature.apply(stored.probabilities, 1 / facts.temperature)  # as the network said it
    valid = chosen.is_valid
    assert temperature.fit(plain[valid], chosen.labels[valid]) == pytest.approx(facts.temperature, rel=0.01)
    np.testing.assert_allclose(stored.losses, -np.log(stored.probabilities[np.arange(24), chosen.labels]), atol=1e-5)
    np.testing.assert_array_equal(np.load(store.run_folder(run.id) / saved_model.PROBABILITIES), stored.probabilities)


def test_a_run_of_before_gets_its_graph_by_one_job_and_keeps_its_numbers(project: Any) -> None:
    run = train_here(project.id, PIXELS_LOOK)
    folder = store.run_folder(run.id)
    (folder / GRAPH).unlink()  # as runs were left before
    values = json.loads((folder / saved_model.FACTS).read_bytes())
    del values["temperature"]
    (folder / saved_model.FACTS).write_text(json.dumps(values | {"format": 2}))
    job_id = graph.ensure(run, "Ada")
    assert job_id is not None and graph.ensure(run, "Bob") == job_id
    run_job(job_id)
    assert rows.find_job(job_id).result == {"run_id": run.id, "is_written": True, "knows_pictures": True}
    assert (folder / GRAPH).exists() and graph.ensure(run, "Ada") is None
    assert saved_model.read_facts(folder).temperature == 1.0


def test_a_run_that_cannot_have_one_is_not_tried_again(project: Any) -> None:
    run = train_here(project.id, PIXELS_LOOK)
    folder = store.run_folder(run.id)
    (folder / GRAPH).unlink()
    (folder / NO_GRAPH).write_text(json.dumps({"why": "It cannot.", "hint": ""}))
    assert graph.ensure(run, "Ada") is None
    (folder / NO_GRAPH).unlink()
    failed = graph.ensure(run, "Ada")
    rows.fail(failed, "The preparation process ended without a word.")
    assert graph.ensure(run, "Ada") is None
    assert jobs.find_job(failed).status == "failed"


@pytest.mark.parametrize("config", [CONFIG, PIXELS_LOOK], ids=["training", "quick look"])
def test_a_run_remembers_the_pictures_that_it_has_learnt_from(project: Any, config: TrainConfig) -> None:
    run = train_here(project.id, config)
    folder, chosen = store.run_folder(run.id), runs.training_set(project.id)
    run_job(graph.ensure(run, "Ada"))
    assert graph.ensure(run, "Ada") is None
    known, model = familiarity.load(folder), graph_model.load(folder)
    assert known is not None
    assert known.image_ids.tolist() == chosen.image_ids[~chosen.is_valid].tolist()
    embeddings = model.embed([model.prepare(store.blob_path(sha)) for sha in chosen.shas])
    cosines = familiarity.directions(embeddings) @ familiarity.directions(embeddings[~chosen.is_valid]).T
    for valid in np.flatnonzero(chosen.is_valid):
        (answer,) = known.compare(embeddings[valid : valid + 1], [chosen.shas[valid]])
        assert answer.similarity == pytest.approx(np.sort(cosines[valid])[-10:].mean(), abs=5e-3)


def test_a_run_whose_graph_was_written_before_gets_its_known_pictures(project: Any) -> None:
    run = train_here(project.id, PIXELS_LOOK)
    old = rows.add_job("graph", "Graph", project.id, {"run_id": run.id}, "Ada")
    rows.start(old)
    rows.finish(old, {"run_id": run.id, "is_written": True})
    assert graph.ensure(run, "Ada") not in (None, old)
