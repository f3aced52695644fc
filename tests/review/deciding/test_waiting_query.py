"""What waits to be applied is found by the index of decisions: a million undecided pictures cost nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from curate.catalog import database
from curate.catalog.tables.core import UNLABELLED, Image
from curate.review.deciding.decisions import Op, decide, is_waiting, waiting


@pytest.fixture(autouse=True)
def catalog_database(home: Path) -> None:
    """SQLite only: PostgreSQL chooses by its own statistics."""


def test_undecided_pictures_are_passed_over(make_project: Callable[..., Any]) -> None:
    project = make_project([("cats", "train"), *[(UNLABELLED, "")] * 400])
    database.refresh_statistics()
    decide(project.id, "Ada", [Op(1, (project.image_ids[1],), "relabel", project.label_ids["cats"])], "client-1")
    query = select(Image.id).where(*is_waiting(project.id, None))
    with database.reading() as session:
        compiled = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = [row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))]
    assert len(plan) == 1 and "ix_image_decided" in plan[0], plan
    assert waiting(project.id).total == 1
