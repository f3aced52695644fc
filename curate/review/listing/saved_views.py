"""Saved views: filters and an order under a name, shared by everybody in a project."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from curate.catalog.database import reading, writing
from curate.catalog.projects import clean_name
from curate.catalog.tables.core import now
from curate.catalog.tables.views import SavedView
from curate.errors import BadInput, NotFound
from curate.review.listing.views import View

MOST = 200  # in a project


@dataclass(frozen=True)
class SavedRow:
    """A saved view, with who saved it last and when. It belongs to no run; `of_run` applies it to one."""

    id: int
    name: str
    author: str
    created_at: datetime
    _values: tuple[tuple[str, object], ...]

    def of_run(self, run_id: int) -> View:
        """Returns the view of that run. Raises BadInput when a part of it is no longer known."""
        return View.from_json({**dict(self._values), "run_id": run_id})


def keep(project_id: int, name: str, view: View, author: str) -> int:
    """Save a view under a name, over one of the same name; returns its id. Raises BadInput."""
    name, author = clean_name(name, "view"), clean_name(author, "reviewer")
    values = {key: value for key, value in view.checked().to_json().items() if key != "run_id"}
    with writing(project_id) as session:
        rows = session.scalars(select(SavedView).where(SavedView.project_id == project_id)).all()
        row = next((row for row in rows if row.name == name), None)
        if row is None and len(rows) >= MOST:
            raise BadInput(f"A project can have {MOST} named views.", "Remove one that nobody needs.")
        row = row or SavedView(project_id=project_id, name=name)
        row.view, row.author, row.created_at = values, author, now()
        session.add(row)
        session.flush()
        return row.id


def list_views(project_id: int) -> list[SavedRow]:
    """Returns all saved views of a project, by name."""
    with reading() as session:
        rows = session.scalars(select(SavedView).where(SavedView.project_id == project_id)).all()
    views = [SavedRow(row.id, row.name, row.author, row.created_at, tuple(row.view.items())) for row in rows]
    return sorted(views, key=lambda row: row.name.casefold())


def remove(project_id: int, view_id: int) -> None:
    """Delete a saved view; its images stay. Raises NotFound."""
    with writing(project_id) as session:
        is_it = (SavedView.project_id == project_id, SavedView.id == view_id)
        if not session.execute(delete(SavedView).where(*is_it).returning(SavedView.id)).all():
            raise NotFound("This named view is not there any more.")
