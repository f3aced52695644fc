"""The job that makes a map: what it lays out, how it goes on from the last one, and what it refuses."""

from typing import Any

import numpy as np
import pytest

from curate.catalog import jobs as rows
from curate.catalog import maps
from curate.catalog.maps import Map, MapFacts
from curate.embeddings.embed import Recipe
from curate.errors import BadInput
from curate.jobs import client
from curate.jobs.context import Cancelled, JobContext
from curate.jobs.submit import picture_map
from curate.jobs.work import picture_map as work_picture_map

ENTRIES = [(label, "train") for label in ("cats", "dogs") for _ in range(15)]


def clouds(n: int, seed: int = 0) -> np.ndarray:
    """(2 n, 6) embeddings: two clouds far from each other, the first n in the one."""
    rows = np.random.default_rng(seed).normal(0, 0.3, (2 * n, 6))
    rows[:n, 0] += 4
    return rows.astype(np.float16)


def context_of(project: Any, **args: Any) -> JobContext:
    job_id = client.enqueue("map", project.id, args)
    rows.start(job_id)
    return JobContext(rows.find_job(job_id))


@pytest.fixture
def project(make_project: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    """30 tiny pictures, which `pixels` is said to have looked at."""
    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    made = make_project(ENTRIES)
    Recipe("pixels", 32, "squish").cache().add(made.shas, clouds(15))
    return made


def test_pictures_that_look_alike_lie_together(project: Any) -> None:
    assert work_picture_map.run(context_of(project)) == {"n": 30, "n_all": 30}
    facts = maps.newest(project.id)
    assert facts is not None and (facts.version_number, facts.network) == (1, "pixels-32-squish")
    latest = maps.find(project.id, facts.number)
    assert latest.image_ids.tolist() == project.image_ids
    assert latest.places.min() >= 0 and latest.places.max() <= 1
    apart = np.linalg.norm(latest.places[:, None] - latest.places[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    is_cat = np.arange(30) < 15
    assert (is_cat[apart.argmin(axis=1)] == is_cat).all()


def test_places_are_taken_over_by_image() -> None:
    facts = MapFacts(1, 1, "x", "", 3, 9)
    last = Map(facts, np.array([2, 5, 9]), np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]))
    start = work_picture_map.start_of(np.array([1, 5, 9, 12]), last)
    assert np.isnan(start[[0, 3]]).all()
    assert start[1:3].tolist() == [[0.3, 0.4], [0.5, 0.6]]


def test_too_few_pictures_are_said_in_one_sentence(make_project: Any) -> None:
    with pytest.raises(BadInput, match="A map needs at least 5 pictures; the project has 2"):
        work_picture_map.run(context_of(make_project([("cats", "train"), ("dogs", "train")])))


def test_a_cancelled_job_leaves_no_map(project: Any) -> None:
    context = context_of(project)
    context.cancel = "discard"
    with pytest.raises(Cancelled):
        work_picture_map.run(context)
    assert maps.newest(project.id) is None


def test_asking_twice_makes_one_job(project: Any) -> None:
    first = picture_map.ensure(project.id, "ann")
    assert picture_map.ensure(project.id, "bob") == first
    assert rows.find_job(first).submitted_by == "ann"
