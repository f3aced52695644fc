"""The random audit: a session of images drawn at random, checked blind.

Reviews look where a model doubts. What they find says nothing about the images that no model doubts, and a label that
is shown is kept too easily. Images drawn at random and labelled without seeing anything have neither bias.
"""

import random
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from curate.catalog.database import reading
from curate.catalog.projects import clean_name
from curate.catalog.runs import RunRow
from curate.catalog.tables.core import Image, Score
from curate.catalog.tables.team import ReviewSession, SessionItem
from curate.errors import BadInput
from curate.evaluation.intervals import Interval, accuracy_interval, exact_interval
from curate.review.listing.views import View
from curate.review.team import blind_answers, sessions
from curate.review.team.sessions import SessionRow

VALID, ALL = "valid", "all"  # what is drawn from: images held out from the run, or all that it scored
N_DRAWN = 100
FEWEST = 20  # checked images before which no share is stated


@dataclass(frozen=True)
class Audit:
    """An audit as it stands.  n: images that were drawn from.  n_drawn: without those that nobody can check any more.

    n_checked: those with an answer; n_wrong: of these, filed under a wrong label or fitting none; n_right: of these,
    predicted rightly by the run.  n_left_out: left the project outside the audit before anybody had checked them.
    """

    session: SessionRow
    n: int
    n_drawn: int
    n_checked: int
    n_wrong: int
    n_right: int
    n_left_out: int
    reviewers: list[str]

    @property
    def is_done(self) -> bool:
        """Whether all that can be checked is."""
        return self.n_checked == self.n_drawn

    @property
    def wrong(self) -> Interval:
        """The share of wrong labels, as they were when checked, in [0, 1], 1 = all are."""
        return exact_interval(self.n_wrong, self.n_checked)

    @property
    def n_wrong_in_all(self) -> Interval:
        """Wrong labels among all n images, never fewer than were found nor more than are left."""
        share = self.wrong
        most = self.n - (self.n_checked - self.n_wrong)
        low, high = (min(max(self.n * end, self.n_wrong), most) for end in (share.low, share.high))
        return Interval(self.n * share.value, low, high)

    @property
    def accuracy(self) -> Interval:
        """The run's accuracy on checked labels, in [0, 1], 1 = always right; of `VALID` only."""
        return accuracy_interval(self.n_right, self.n_checked)


def start(run: RunRow, author: str, drawn_from: str = VALID, n: int = N_DRAWN) -> int:
    """Returns the id of an open session of n images drawn at random; of the one that is not done yet, if there is one.

    A new one draws images that no audit of the run has drawn, as long as there are any. Raises BadInput.
    """
    if drawn_from not in (VALID, ALL):
        raise BadInput(f"Images are drawn from `{VALID}` or `{ALL}`, not {drawn_from!r:.30}.")
    if not 1 <= n <= sessions.MOST_FIXED:
        raise BadInput(f"An audit draws 1 to {sessions.MOST_FIXED:,} pictures, not {n:,}.")
    earlier = find(run.id, drawn_from)
    if earlier is not None and not earlier.is_done:
        return sessions.open_again(earlier.session.id)
    with reading() as session:
        n_all = session.scalar(_population(run.id, drawn_from, func.count())) or 0
        fresh = _population(run.id, drawn_from, Image.id).where(Image.id.not_in(_drawn(run.id, drawn_from)))
        ids = list(session.scalars(fresh.order_by(Image.id)))
        n_earlier = session.scalar(select(func.count()).where(*_audits(run.id, drawn_from))) or 0
    if not ids:
        raise BadInput("There is no picture left to draw: all have been audited." if n_all else "There is no picture.")
    chance = random.Random(f"audit {run.id} {drawn_from} {n_earlier}")  # noqa: S311 (no secret)
    drawn = chance.sample(ids, min(n, len(ids)))
    number = f" {n_earlier + 1}" if n_earlier else ""
    which = "validation pictures" if drawn_from == VALID else "all pictures"
    row = ReviewSession(
        project_id=run.project_id, run_id=run.id, author=clean_name(author, "reviewer"),
        name=f"Random audit{number} of {which}, Run {run.number}", view=View(run.id).to_json(),
        n_opinions=1, ask_when="always", repeat_pct=0, seed=len(drawn) + drawn[0], is_whole=True,
        drawn_from=drawn_from, n_compared=n_all,
    )  # fmt: skip
    return sessions.create_queue(row, drawn)


def find(run_id: int, drawn_from: str = VALID) -> Audit | None:
    """Returns the run's newest audit; None when there is none."""
    newest = select(ReviewSession.id).where(*_audits(run_id, drawn_from)).order_by(ReviewSession.id.desc()).limit(1)
    with reading() as session:
        session_id = session.scalar(newest)
        if session_id is None:
            return None
        items = blind_answers.list_items(session, session_id)
        predicted = _predictions(session, run_id, session_id)
    kept = [item for item in items if not item.is_gone]
    answers = [(item.image_id, item.answer) for item in kept if item.answer]
    row = sessions.find(session_id)
    return Audit(
        row,
        n=row.n_compared,
        n_drawn=len(kept),
        n_checked=len(answers),
        n_wrong=sum(answer.label_id != answer.filed_id for _, answer in answers),
        n_right=sum(answer.label_id == predicted[image_id] for image_id, answer in answers),
        n_left_out=len(items) - len(kept),
        reviewers=sorted({answer.reviewer for _, answer in answers}, key=str.casefold),
    )


def _audits(run_id: int, drawn_from: str) -> tuple[ColumnElement[bool], ...]:
    return ReviewSession.run_id == run_id, ReviewSession.drawn_from == drawn_from


def _drawn(run_id: int, drawn_from: str) -> Select[Any]:
    return (
        select(SessionItem.image_id)
        .join(ReviewSession, ReviewSession.id == SessionItem.session_id)
        .where(*_audits(run_id, drawn_from))
    )


def _population(run_id: int, drawn_from: str, column: Any) -> Select[Any]:
    query = select(column).select_from(Score).join(Image, Image.id == Score.image_id)
    query = query.where(Score.run_id == run_id, Image.state == "active")
    return query.where(Score.split == "valid") if drawn_from == VALID else query


def _predictions(session: Session, run_id: int, session_id: int) -> dict[int, int]:
    """Returns {image id: predicted label id} for the session's images."""
    queued = select(SessionItem.image_id).where(SessionItem.session_id == session_id)
    query = select(Score.image_id, Score.predicted_id).where(Score.run_id == run_id, Score.image_id.in_(queued))
    return {row.image_id: row.predicted_id for row in session.execute(query)}
