"""A CURATE_HOME made before the modules moved opens as it was, with its caches and without."""

import zipfile
from pathlib import Path

import pytest

from curate.catalog import images, projects, runs, versions
from curate.catalog import jobs as job_rows
from curate.review.listing.pages import View, find_page
from curate.ui.shell import navigation
from tests.factories import open_page

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(params=["without caches", "with caches"])
def old_home(request: pytest.FixtureRequest, home: Path) -> Path:
    names = ["home_before_rooms.zip"] + ["home_before_rooms_caches.zip"] * (request.param == "with caches")
    for name in names:
        with zipfile.ZipFile(DATA / name) as archive:
            archive.extractall(home)
    return home


def test_projects_versions_runs_and_decisions_are_as_they_were(old_home: Path) -> None:
    [project] = projects.list_projects()
    assert (project.name, project.n_train, project.n_valid, project.version_number) == ("Shapes", 32, 9, 2)
    labels = [(label.name, label.n_train, label.n_valid) for label in projects.labels(project.id)]
    assert labels == [("circle", 9, 3), ("cross", 12, 3), ("square", 11, 3)]
    made = [(version.number, version.kind, version.message) for version in versions.list_versions(project.id)]
    assert made == [
        (2, "apply", "1 deleted, 1 relabelled, 1 kept"), (1, "import", "Imported 42 images from oldsrc"),
    ]  # fmt: skip
    assert [job.status for job in job_rows.list_jobs(project.id)] == ["done"] * 5
    [waiting] = [row for row in images.image_rows(images.hashes(project.id).image_ids.tolist()) if row.decision]
    assert (waiting.id, waiting.decision, waiting.decided_by) == (9, "relabel", "Ada")


@pytest.mark.parametrize(
    ("number", "architecture", "accuracy"), [(1, "pixels", 1.0), (2, "small_cnn", 1 / 3), (3, "pixels", 1.0)]
)
def test_each_runs_scores_are_in_the_grid(old_home: Path, number: int, architecture: str, accuracy: float) -> None:
    run = runs.numbered_run(1, number)
    assert (run.status, run.config["architecture"], run.accuracy) == ("done", architecture, pytest.approx(accuracy))
    page = find_page(View(run.id, "loss"), size=48)
    losses = [item.loss for item in page.items]
    assert len(losses) == 41 and losses == sorted(losses, reverse=True) and losses[0] > losses[-1]


@pytest.mark.parametrize("name", navigation.PLACES)
def test_every_page_opens(old_home: Path, name: str) -> None:
    app = open_page(name, project=1)
    assert app.title
