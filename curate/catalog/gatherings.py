"""Gatherings and their wishes: what was asked to be gathered, and how far each source has been read."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from curate.catalog.candidates import NOT_NEEDED
from curate.catalog.database import reading, writing
from curate.catalog.tables.gather import Candidate, Gathering, Wish
from curate.errors import NotFound


@dataclass(frozen=True)
class NewWish:
    """So many pictures of `label`, found with `query` by `source`; n_wanted 0 = all that the source has."""

    label: str
    query: str
    n_wanted: int
    source: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WishRow(NewWish):
    """A wish as stored; cursor None = its source was not asked yet; note: why it brought fewer, in a sentence."""

    gathering_id: int = 0
    number: int = 0
    cursor: int | None = None
    is_exhausted: bool = False
    note: str | None = None


@dataclass(frozen=True)
class GatheringRow:
    """A gathering; status: draft (only looked at), open (can be gone on with), done."""

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
    """What became of a wish's candidates. n_found is all of them; n_fetched those whose picture was had, kept or not
    yet decided on; n_spare those nobody needed any more, which count as refused in the table."""

    n_found: int = 0
    n_waiting: int = 0
    n_fetched: int = 0
    n_kept: int = 0
    n_refused: int = 0
    n_spare: int = 0


def create_gathering(project_id: int, title: str, author: str, wishes: list[NewWish], limits: dict[str, Any]) -> int:
    """Id of a new draft; nothing is looked for yet."""
    gathering = Gathering(project_id=project_id, title=title, author=author, limits=limits)
    with writing() as session:
        session.add(gathering)
        session.flush()
        session.add_all(
            Wish(gathering_id=gathering.id, number=number, **vars(wish)) for number, wish in enumerate(wishes)
        )
    return gathering.id


def find_gathering(gathering_id: int) -> GatheringRow:
    """The gathering with this id. Raises NotFound."""
    with reading() as session:
        row = session.get(Gathering, gathering_id)
    if row is None:
        raise NotFound(f"There is no gathering {gathering_id}.")
    return _row(row)


def list_gatherings(project_id: int, limit: int = 20, with_drafts: bool = True) -> list[GatheringRow]:
    """The project's gatherings, newest first; drafts are those that were only looked at."""
    query = select(Gathering).where(Gathering.project_id == project_id)
    if not with_drafts:
        query = query.where(Gathering.status != "draft")
    with reading() as session:
        return [_row(row) for row in session.scalars(query.order_by(Gathering.id.desc()).limit(limit))]


def set_status(gathering_id: int, status: str) -> None:
    """Make it draft, open or done."""
    with writing() as session:
        session.execute(update(Gathering).where(Gathering.id == gathering_id).values(status=status))


def set_limits(gathering_id: int, limits: dict[str, Any]) -> None:
    """Change what the downloader accepts, before it starts."""
    with writing() as session:
        session.execute(update(Gathering).where(Gathering.id == gathering_id).values(limits=limits))


def wishes(gathering_id: int) -> list[WishRow]:
    """Its wishes, by number."""
    names = WishRow.__dataclass_fields__
    with reading() as session:
        rows = session.scalars(select(Wish).where(Wish.gathering_id == gathering_id).order_by(Wish.number))
        return [WishRow(**{name: getattr(row, name) for name in names}) for row in rows]


def set_note(gathering_id: int, number: int, note: str | None) -> None:
    """Say why a wish brings fewer than asked, or take that back."""
    with writing() as session:
        session.execute(update(Wish).where(Wish.gathering_id == gathering_id, Wish.number == number).values(note=note))


def tallies(gathering_id: int) -> dict[int, Tally]:
    """{wish number: what became of its candidates}; wishes without any are there too."""
    is_spare = func.coalesce(Candidate.reason, "") == NOT_NEEDED
    query = (
        select(Candidate.wish, Candidate.state, is_spare, func.count())
        .where(Candidate.gathering_id == gathering_id)
        .group_by(Candidate.wish, Candidate.state, is_spare)
    )
    with reading() as session:
        rows = session.execute(query).all()
        numbers = session.scalars(select(Wish.number).where(Wish.gathering_id == gathering_id)).all()
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
