"""Gatherings and their searches: what is wanted, and how far each source has been read."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from curate.catalog.candidates import NOT_NEEDED
from curate.catalog.database import reading, writing
from curate.catalog.tables.gather import Candidate, Gathering, Search
from curate.errors import NotFound


@dataclass(frozen=True)
class NewSearch:
    """A wanted number of pictures of `label`, searched with `query` in `source`; n_wanted: 0 = all results."""

    label: str
    query: str
    n_wanted: int
    source: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SearchRow(NewSearch):
    """A stored search.  cursor: None = the source was not read yet.  note: a sentence on why it has fewer results."""

    gathering_id: int = 0
    number: int = 0
    cursor: int | None = None
    is_exhausted: bool = False
    note: str | None = None


@dataclass(frozen=True)
class GatheringRow:
    """A gathering.  status: draft (previewed only), open (can be resumed), done."""

    id: int
    project_id: int
    title: str
    author: str
    limits: dict[str, Any]
    status: str
    round: int
    created_at: datetime


@dataclass
class Tally:
    """Counts of a search's candidates.

    n_found: all.  n_fetched: downloaded, kept or undecided yet.  n_spare: not needed; the table counts them as refused.
    """

    n_found: int = 0
    n_waiting: int = 0
    n_fetched: int = 0
    n_kept: int = 0
    n_refused: int = 0
    n_spare: int = 0


def create_gathering(
    project_id: int, title: str, author: str, searches: list[NewSearch], limits: dict[str, Any]
) -> int:
    """Store a new draft; returns its id."""
    gathering = Gathering(project_id=project_id, title=title, author=author, limits=limits)
    with writing() as session:
        session.add(gathering)
        session.flush()
        session.add_all(
            Search(gathering_id=gathering.id, number=number, **vars(search)) for number, search in enumerate(searches)
        )
    return gathering.id


def find_gathering(gathering_id: int) -> GatheringRow:
    """Returns the gathering with this id. Raises NotFound."""
    with reading() as session:
        row = session.get(Gathering, gathering_id)
    if row is None:
        raise NotFound(f"There is no gathering {gathering_id}.")
    return _row(row)


def list_gatherings(project_id: int, limit: int = 20, with_drafts: bool = True) -> list[GatheringRow]:
    """Returns the project's gatherings, newest first; drafts were only previewed."""
    query = select(Gathering).where(Gathering.project_id == project_id)
    if not with_drafts:
        query = query.where(Gathering.status != "draft")
    with reading() as session:
        return [_row(row) for row in session.scalars(query.order_by(Gathering.id.desc()).limit(limit))]


def set_status(gathering_id: int, status: str) -> None:
    """Set the status: draft, open or done."""
    with writing() as session:
        session.execute(update(Gathering).where(Gathering.id == gathering_id).values(status=status))


def set_limits(gathering_id: int, limits: dict[str, Any]) -> None:
    """Change the downloader's limits, before it starts."""
    with writing() as session:
        session.execute(update(Gathering).where(Gathering.id == gathering_id).values(limits=limits))


def searches(gathering_id: int) -> list[SearchRow]:
    """Returns its searches, by number."""
    names = SearchRow.__dataclass_fields__
    with reading() as session:
        rows = session.scalars(select(Search).where(Search.gathering_id == gathering_id).order_by(Search.number))
        return [SearchRow(**{name: getattr(row, name) for name in names}) for row in rows]


def set_note(gathering_id: int, number: int, note: str | None) -> None:
    """Set, or remove, the note on why a search has fewer results than wanted."""
    with writing() as session:
        mine = (Search.gathering_id == gathering_id, Search.number == number)
        session.execute(update(Search).where(*mine).values(note=note))


def tallies(gathering_id: int) -> dict[int, Tally]:
    """Returns {search number: counts of its candidates}, also for searches without any."""
    is_spare = func.coalesce(Candidate.reason, "") == NOT_NEEDED
    query = (
        select(Candidate.search, Candidate.state, is_spare, func.count())
        .where(Candidate.gathering_id == gathering_id)
        .group_by(Candidate.search, Candidate.state, is_spare)
    )
    with reading() as session:
        rows = session.execute(query).all()
        numbers = session.scalars(select(Search.number).where(Search.gathering_id == gathering_id)).all()
    of = {number: Tally() for number in numbers}
    for number, state, spare, n in rows:
        _count(of[number], state, bool(spare), n)
    return of


def _count(tally: Tally, state: str, is_spare: bool, n: int) -> None:
    tally.n_found += n
    if state == "waiting":
        tally.n_waiting += n
    elif state == "refused" and is_spare:
        tally.n_spare += n
    elif state == "refused":
        tally.n_refused += n
    else:
        tally.n_fetched += n
        tally.n_kept += n if state == "kept" else 0


def _row(row: Gathering) -> GatheringRow:
    return GatheringRow(**{name: getattr(row, name) for name in GatheringRow.__dataclass_fields__})
