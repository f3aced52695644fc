"""Review sessions: a name, a view of a run, and the queue of images that several people share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from curate import settings
from curate.catalog.database import reading, writing
from curate.catalog.projects import clean_name
from curate.catalog.tables.core import INBOX, Run, now
from curate.catalog.tables.team import ReviewSession, SessionItem
from curate.catalog.versions import batches
from curate.errors import BadInput, Conflict, NotFound
from curate.review.listing import pages
from curate.review.listing.views import View
from curate.review.team.settling import ASK_WHEN, MOST_OPINIONS, is_drawn

MOST_FIXED = 20_000  # images in a fixed queue: about two seconds to make
REFILL = 400  # images added at a time to a queue that grows
_SLICE = 1_000  # images of one page of the view


@dataclass(frozen=True)
class Terms:
    """Settings of a session.

    n_images: images of the view, in its order; None = all that the view ever has.  n_opinions: people who answer an
    image; ask_when: for which images more than one does.  repeat_pct: per cent of images that a member sees twice.
    """

    name: str
    view: View
    n_images: int | None = None
    n_opinions: int = 1
    ask_when: str = "always"
    repeat_pct: int = 0

    def checked(self) -> "Terms":
        """Returns the terms. Raises BadInput."""
        clean_name(self.name, "session")
        if self.n_images is not None and not 1 <= self.n_images <= MOST_FIXED:
            raise BadInput(f"A fixed queue has 1 to {MOST_FIXED:,} pictures; {self.n_images:,} were asked for.")
        if not 1 <= self.n_opinions <= MOST_OPINIONS:
            raise BadInput(f"One to {MOST_OPINIONS} people can look at a picture, not {self.n_opinions}.")
        if self.ask_when not in ASK_WHEN:
            raise BadInput(f"A second opinion is asked {', '.join(ASK_WHEN)}, not {self.ask_when!r:.30}.")
        if not 0 <= self.repeat_pct <= 20:
            raise BadInput(f"Up to 20 % of the pictures can come twice, not {self.repeat_pct} %.")
        if self.view.run_id:
            self.view.checked()
        return self


@dataclass(frozen=True)
class SessionRow:
    """A session as lists show it.  n: {state: images}.  is_whole: its queue does not grow any more.

    checks: the runs (before, after) whose flips it checks blind, of n_compared images.  drawn_from: what a random audit
    has drawn its images from, n_compared in number, or `INBOX` = images without a label, in which case run_id is 0.
    Both None = an ordinary session.
    """

    id: int
    project_id: int
    run_id: int
    name: str
    author: str
    created_at: datetime
    closed_at: datetime | None
    view: View
    n_opinions: int
    ask_when: str
    repeat_pct: int
    is_whole: bool
    n: dict[str, int]
    checks: tuple[int, int] | None = None
    n_compared: int = 0
    drawn_from: str | None = None

    @property
    def n_queued(self) -> int:
        """Images in the queue so far, without those that need no answer any more."""
        return sum(self.n.values()) - self.n.get("gone", 0)

    @property
    def n_done(self) -> int:
        """Settled images."""
        return self.n.get("settled", 0)

    @property
    def hides_all(self) -> bool:
        """Whether labels, predictions and others' decisions are hidden: a check of flips, or a random audit."""
        return self.checks is not None or self.drawn_from not in (None, INBOX)

    @property
    def is_unlabelled(self) -> bool:
        """Whether its images come without a label."""
        return self.drawn_from == INBOX

    @property
    def is_blind(self) -> bool:
        """Whether opinions are hidden from the others until the image is settled."""
        return self.n_opinions > 1


def create(project_id: int, author: str, terms: Terms) -> int:
    """Returns the id of a new session; its queue is filled, wholly if it is fixed. Raises BadInput, Conflict."""
    terms, author = terms.checked(), clean_name(author, "reviewer")
    with reading() as session:
        if session.scalar(select(Run.project_id).where(Run.id == terms.view.run_id)) != project_id:
            raise NotFound(f"The project has no run {terms.view.run_id}.")
    image_ids, place = _first_images(terms.view, terms.n_images or REFILL)
    if not image_ids:
        raise BadInput("No picture matches this view.", "Choose another one.")
    row = ReviewSession(
        project_id=project_id, run_id=terms.view.run_id, name=terms.name.strip(), author=author,
        view=terms.view.to_json(), n_opinions=terms.n_opinions, ask_when=terms.ask_when,
        repeat_pct=terms.repeat_pct, seed=len(image_ids) + image_ids[0],
        place=place, is_whole=place is None or terms.n_images is not None,
    )  # fmt: skip
    return create_queue(row, image_ids)


def create_unlabelled(project_id: int, author: str, terms: Terms, image_ids: Sequence[int]) -> int:
    """Returns the id of a new session over these images without a label, in this order; terms: their view is not used.

    Raises BadInput, Conflict.
    """
    terms, author = replace(terms, view=View(0)).checked(), clean_name(author, "reviewer")
    if not image_ids:
        raise BadInput("Every picture of the project has a label or a decision.")
    row = ReviewSession(
        project_id=project_id, run_id=0, name=terms.name.strip(), author=author,
        view=View(0, reviewed="no").to_json(), n_opinions=terms.n_opinions, ask_when=terms.ask_when,
        repeat_pct=0, seed=len(image_ids) + image_ids[0], is_whole=True, drawn_from=INBOX,
    )  # fmt: skip
    return create_queue(row, image_ids[: terms.n_images or MOST_FIXED])


def create_queue(row: ReviewSession, image_ids: Sequence[int]) -> int:
    """Store a new session with these images in this order; returns its id. Raises Conflict when its name is taken."""
    try:
        with writing() as session:
            session.add(row)
            session.flush()
            _queue(session, row, image_ids, 0)
    except IntegrityError as error:
        raise Conflict(f"There is a session named {row.name} already.", "Join it, or choose another name.") from error
    return row.id


def refill(session_id: int) -> bool:
    """Add the next `REFILL` images of the view to the queue; returns whether images came. Concurrent calls add once."""
    with reading() as session:
        row = session.get_one(ReviewSession, session_id)
    if row.is_whole:
        return False
    page = pages.find_page(View.from_json(row.view), 1, REFILL, row.place)
    with writing(row.project_id) as session:
        here = ReviewSession.place == row.place
        still = update(ReviewSession).where(ReviewSession.id == session_id, here, ReviewSession.is_whole.is_(False))
        moved = session.execute(still.values(place=page.after, is_whole=page.after is None))
        if not moved.rowcount:  # type: ignore[attr-defined]
            return True  # another request has refilled it meanwhile
        last = session.scalar(select(func.max(SessionItem.position)).where(SessionItem.session_id == session_id))
        _queue(session, row, [item.image_id for item in page.items], (last or 0) + 1)
    return bool(page.items)


def project_of(session_id: int) -> int:
    """Returns the id of the session's project, cached since it never changes. Raises NotFound."""
    return _project_of(settings.database_url(), session_id)


@lru_cache(maxsize=1_000)
def _project_of(_url: str, session_id: int) -> int:
    with reading() as session:
        project_id = session.scalar(select(ReviewSession.project_id).where(ReviewSession.id == session_id))
    if project_id is None:
        raise NotFound(f"There is no review session {session_id}.", "See those there are on the Team page.")
    return project_id


def find(session_id: int) -> SessionRow:
    """Returns a session. Raises NotFound."""
    rows = _rows(ReviewSession.id == session_id)
    if not rows:
        raise NotFound(f"There is no review session {session_id}.", "See those there are on the Team page.")
    return rows[0]


def of_project(project_id: int, is_open: bool = True) -> list[SessionRow]:
    """Returns the project's open (or closed) sessions, newest first."""
    closed = ReviewSession.closed_at
    return _rows(ReviewSession.project_id == project_id, closed.is_(None) if is_open else closed.is_not(None))


def close(session_id: int) -> None:
    """Close a session: it gives out no more pictures; its opinions stay. Raises NotFound."""
    _set_closed(session_id, now())


def reopen(session_id: int) -> None:
    """Open a closed session again. Raises NotFound."""
    _set_closed(session_id, None)


def open_again(session_id: int) -> int:
    """Returns the id of a session that is open now, also if it was closed. Raises NotFound."""
    if find(session_id).closed_at is not None:
        reopen(session_id)
    return session_id


def _set_closed(session_id: int, when: datetime | None) -> None:
    with writing() as session:
        done = session.execute(update(ReviewSession).where(ReviewSession.id == session_id).values(closed_at=when))
        if not done.rowcount:  # type: ignore[attr-defined]
            raise NotFound(f"There is no review session {session_id}.")


def _first_images(view: View, n: int) -> tuple[list[int], str | None]:
    """Returns the first n images of a view, and the cursor after them (None = the end)."""
    image_ids: list[int] = []
    place = None
    while len(image_ids) < n:
        page = pages.find_page(view, 1, min(_SLICE, n - len(image_ids)), place)
        image_ids += [item.image_id for item in page.items]
        place = page.after
        if place is None:
            break
    return image_ids, place


def _queue(session: Session, row: ReviewSession, image_ids: Sequence[int], first: int) -> None:
    """Append images to the queue; those already in it keep their place."""
    known: set[int] = set()
    for batch in batches(list(image_ids)):
        here = SessionItem.session_id == row.id
        known.update(session.scalars(select(SessionItem.image_id).where(here, SessionItem.image_id.in_(batch))))
    fresh = [image_id for image_id in dict.fromkeys(image_ids) if image_id not in known]
    values = [
        {"session_id": row.id, "image_id": image_id, "position": first + i, "needs": _needs(row, image_id)}
        for i, image_id in enumerate(fresh)
    ]
    for batch in batches(values):
        session.execute(insert(SessionItem), batch)


def _needs(row: ReviewSession, image_id: int) -> int:
    """Returns the opinions that an image needs before anybody has answered."""
    if row.ask_when == "always":
        return row.n_opinions
    return row.n_opinions if row.ask_when == "sample" and is_drawn(image_id, row.seed) else 1


def _rows(*conditions: Any) -> list[SessionRow]:
    counted = select(SessionItem.session_id, SessionItem.state, func.count()).group_by(
        SessionItem.session_id, SessionItem.state
    )
    with reading() as session:
        rows = session.scalars(select(ReviewSession).where(*conditions).order_by(ReviewSession.id.desc())).all()
        counts = session.execute(counted.where(SessionItem.session_id.in_([row.id for row in rows]))).all()
    n: dict[int, dict[str, int]] = {row.id: {} for row in rows}
    for session_id, state, count in counts:
        n[session_id][state] = count
    return [
        SessionRow(
            row.id, row.project_id, row.run_id, row.name, row.author, row.created_at, row.closed_at,
            View.from_json(row.view), row.n_opinions, row.ask_when, row.repeat_pct, row.is_whole, n[row.id],
            _pair(row), row.n_compared or 0, row.drawn_from,
        )
        for row in rows
    ]  # fmt: skip


def _pair(row: ReviewSession) -> tuple[int, int] | None:
    if row.checks_before_id is None or row.checks_after_id is None:
        return None
    return row.checks_before_id, row.checks_after_id
