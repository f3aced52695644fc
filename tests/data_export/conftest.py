"""A project with labels that other tools stumble over."""

from typing import Any

import pytest

from curate.catalog import projects

# Labels that sort otherwise than they are ordered, that cannot be folders, that one split lacks.
ENTRIES = [
    ("9:16", "train"), ("AC/DC", "train"), ("1", "train"), ("10", "train"), ("2", "train"),
    ("9:16", "valid"), ("2", "valid"), ("10", "valid"), ("1", "train"),
]  # fmt: skip
LABELS = ["9:16", "AC/DC", "1", "10", "2", "nothing yet"]


@pytest.fixture(autouse=True)
def catalog_database(home: Any) -> None:
    """SQLite only, but for the tests that name `either_database`."""


@pytest.fixture
def odd_project(make_project: Any) -> Any:
    """Nine images under `LABELS`, in `ENTRIES`' order; `nothing yet` has none."""
    made = make_project(ENTRIES)
    projects.add_label(made.id, "nothing yet")
    return made
