"""The thorough look as a job, and the refit that goes on from what its networks said."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from curate import store
from curate.catalog import jobs as rows
from curate.catalog import runs
from curate.doubts import stored
from curate.embeddings.quick_look import PIXELS_LOOK
from curate.jobs.runtime.job_process import run_job
from curate.jobs.submit import quick_look, training
from curate.jobs.work import thorough_evidence
from curate.review.deciding import apply, decisions

THOROUGH = replace(PIXELS_LOOK, thorough=True)


@pytest.fixture(autouse=True)
def catalog_database(home: Path) -> None:
    """SQLite only: what these jobs ask the catalog is tested on both databases in tests/catalog."""


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two networks' weights, drawn at random."""
    import torch
    import torchvision

    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    for name in ("mobilenet_v2", "squeezenet1_1"):
        torch.save(getattr(torchvision.models, name)().state_dict(), folder / f"{name}.pth")
    return folder


@pytest.fixture
def project(make_project: Callable[..., Any]) -> Any:
    return make_project([(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid") * 2])


def finished(job_id: int) -> runs.RunRow:
    run_job(job_id)
    row = rows.find_job(job_id)
    assert row.status == "done", row.message
    return runs.find_run((row.result or {})["run_id"])


def test_a_thorough_look_hears_fine_tuned_networks_and_a_refit_goes_on_from_them(project, weights, monkeypatch):
    monkeypatch.setenv("CURATE_WEIGHTS", str(weights))
    job_id = training.submit(project.id, THOROUGH, "Ada")
    assert rows.find_job(job_id).title == "Thorough look"
    run = finished(job_id)
    assert {"held_out_loss", "area_under_margin"} <= set(stored.reason_names(store.run_folder(run.id)))
    chosen = runs.training_set(project.id)
    kept = thorough_evidence.find(project.id, chosen)
    assert kept is not None
    assert kept.probabilities.sum(axis=1) == pytest.approx(np.ones(12), abs=1e-5)

    op = decisions.Op(1, (project.image_ids[0],), "relabel", project.label_ids["dogs"])
    decisions.decide(project.id, "Ada", [op], client="test")
    apply.apply(project.id, "Ada")
    monkeypatch.delenv("CURATE_WEIGHTS")  # the refit needs no network
    refit_id = quick_look.refit(project.id, "Ada")
    assert refit_id is not None
    again = finished(refit_id)
    assert "held_out_loss" in stored.reason_names(store.run_folder(again.id))
    after = thorough_evidence.find(project.id, runs.training_set(project.id))
    assert after is not None
    np.testing.assert_array_equal(after.probabilities, kept.probabilities)


def test_without_weights_the_job_says_so_and_no_run_is_left(project, monkeypatch, tmp_path):
    (tmp_path / "mobilenet_v2.pth").write_bytes(b"no weights")
    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    job_id = training.submit(project.id, THOROUGH, "Ada")
    run_job(job_id)
    row = rows.find_job(job_id)
    assert row.status == "failed"
    assert "mobilenet_v2" in (row.message or "")
    assert not runs.list_runs(project.id, only_done=True)


def test_what_is_kept_serves_only_images_and_labels_that_it_knows(project, tmp_path):
    chosen = runs.training_set(project.id)
    ids = chosen.image_ids[::-1]
    n = len(ids)
    kept = thorough_evidence.Evidence(
        ids, np.array(chosen.label_ids), np.arange(n, dtype=np.float16)[:, None], np.full((n, 2), 0.5, np.float32),
        np.zeros((1, n), np.float32),
    )  # fmt: skip
    assert kept.of(chosen.image_ids[:2]).embeddings[:, 0].tolist() == [n - 1, n - 2]
    assert thorough_evidence.find(project.id, chosen) is None
