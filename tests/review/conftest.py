"""A hand-made project with one finished run: six images of two labels, losses known by hand."""

import pytest

from curate.catalog import projects
from tests.factories import add_pictures, add_run

# file name -> (label, split, probabilities of (cat, dog))
SCORED = {
    "c1.png": ("cat", "train", (0.9, 0.1)),
    "c2.png": ("cat", "train", (0.2, 0.8)),
    "c3.png": ("cat", "valid", (0.4, 0.6)),
    "d1.png": ("dog", "train", (0.3, 0.7)),
    "d2.png": ("dog", "train", (0.95, 0.05)),
    "d3.png": ("dog", "valid", (0.1, 0.9)),
}


@pytest.fixture
def scored_project() -> tuple[int, int]:
    """(project id, run id)"""
    project_id = projects.create_project("pets")
    add_pictures(project_id, SCORED)
    return project_id, add_run(project_id, [entry[2] for entry in SCORED.values()])


@pytest.fixture(autouse=True)
def catalog_database(either_database: None) -> None:
    """Every test of the review runs on SQLite and on PostgreSQL."""
