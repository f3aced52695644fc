"""The job that suggests labels: groups at first, predictions from ten labels on, refits without new features."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from curate import store
from curate.catalog import images, projects
from curate.catalog import jobs as job_rows
from curate.catalog.tables.core import UNLABELLED
from curate.embeddings.quick_look import PIXELS_LOOK
from curate.jobs.runtime.job_process import run_job
from curate.jobs.submit import quick_look
from curate.jobs.submit import suggestions as submit
from curate.review.deciding import decisions
from curate.review.deciding.decisions import Op
from curate.review.labelling import suggestions

COLOURS = {"red": (220, 30, 30), "blue": (30, 30, 220)}


def coloured(colour: tuple[int, int, int], seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(-25, 25, (32, 32, 3))
    buffer = BytesIO()
    Image.fromarray(np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def add(project_id: int, names: Mapping[str, str], start: int = 0) -> None:
    """Unlabelled images of these names and colours."""
    new = []
    for seed, (name, colour) in enumerate(names.items(), start):
        data = coloured(COLOURS[colour], seed)
        sha = store.add_blob(data)
        images.add_blobs([images.NewBlob(sha, len(data), 32, 32, "PNG", bytes.fromhex(sha))])
        new.append(images.NewImage(sha, UNLABELLED, name, ""))
    images.add_images(project_id, new, "Ada", "Imported", [])


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch, either_database: None) -> int:
    monkeypatch.setattr(quick_look, "usual", lambda project_id: PIXELS_LOOK)
    project_id = projects.create_project("heap")
    add(project_id, {f"{n}.png": "red" if n % 2 else "blue" for n in range(40)})
    return project_id


@pytest.fixture
def run(project: int) -> Callable[[], suggestions.Suggestions]:
    """`run()`: the suggestions of the job that is due."""

    def run() -> suggestions.Suggestions:
        job_id = submit.ensure(project, "Ada")
        assert job_id is not None and submit.ensure(project, "Ada") == job_id  # one at a time
        run_job(job_id)
        row = job_rows.find_job(job_id)
        assert row.status == "done", row.message
        made = suggestions.find(project)
        assert made is not None
        return made

    return run


def label(project: int, n: int, client: str) -> dict[str, int]:
    """Decides on the first n images by their colour; returns the labels' ids."""
    ids = images.hashes(project).image_ids.tolist()
    labels = {name: projects.add_label(project, name) for name in COLOURS}
    ops = [Op(1, tuple(ids[1:n:2]), "relabel", labels["red"]), Op(2, tuple(ids[0:n:2]), "relabel", labels["blue"])]
    decisions.decide(project, "Ada", ops, client)
    return labels


def test_from_nothing_there_are_groups_of_one_colour_and_no_predictions(project: int, run: Any) -> None:
    made = run()
    assert made.image_ids.tolist() == images.hashes(project).image_ids.tolist()
    assert not made.predicted.any() and made.facts.n_given == 0
    is_red = np.arange(40) % 2 == 1
    assert set(made.group[is_red]).isdisjoint(made.group[~is_red])
    assert submit.ensure(project, "Ada") is None  # nothing is new


def test_twenty_decisions_that_wait_teach_the_rest_without_new_features(
    project: int, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run()
    labels = label(project, 19, "client-1")
    assert submit.ensure(project, "Ada") is None
    labels = label(project, 20, "client-2")
    monkeypatch.setattr("curate.jobs.work.suggestions.embed", lambda *_: pytest.fail("features were computed again"))
    made = run()
    assert made.facts.n_given == 20
    assert made.predicted[20:].tolist() == [labels["red"] if n % 2 else labels["blue"] for n in range(20, 40)]
    assert made.group.tolist() == first.group.tolist()
    assert projects.find_project(project).n_unlabelled == 40  # nothing is applied


def test_new_pictures_are_suggested_for_at_once(project: int, run: Any) -> None:
    run()
    add(project, {"new.png": "red"}, start=500)
    assert len(run().image_ids) == 41


def test_a_cancelled_job_is_not_begun_again_by_itself(project: int) -> None:
    job_id = submit.ensure(project, "Ada")
    assert job_id is not None
    job_rows.start(job_id)
    job_rows.mark_cancelled(job_id)
    assert submit.ensure(project, "Ada") is None
