"""The blind check of flips: a session of the validation images for which two runs predict different labels.

Its reviewers see the picture and the project's labels to choose from, in an order drawn at random. They see neither
run's answer, nor the label that the image is filed under, which often came from a run's suggestion.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from curate import settings
from curate.catalog.database import reading
from curate.catalog.projects import clean_name
from curate.catalog.tables.core import Image, Score
from curate.catalog.tables.team import Opinion, ReviewSession, SessionItem
from curate.errors import BadInput, Conflict
from curate.evaluation.checked_flips import FITS_NONE, UNCHECKED, CheckedFlips, count_checked_flips
from curate.review.listing.views import View
from curate.review.reports.run_comparison import Report
from curate.review.team import sessions
from curate.review.team.sessions import SessionRow

Choice = tuple[str, int | None]  # ("relabel", label id) or ("delete", None)


@dataclass(frozen=True)
class FlipCheck:
    """A check of two runs' flips with its session and reviewers.

    n_left_out: flips that left the project outside the check before anybody had checked them; they are in no number.
    """

    session: SessionRow
    flips: CheckedFlips
    n_left_out: int
    reviewers: list[str]


def start(report: Report, author: str) -> int:
    """Returns the id of the open session that checks the two runs' flips; makes it when there is none.

    A closed one is opened again. Raises BadInput when the runs differ on no picture, or on too many.
    """
    pair = report.before.id, report.after.id
    image_ids = sorted(int(image_id) for image_id in report.comparison.flips["image"])
    if not image_ids:
        raise BadInput("Both runs predict the same label for every picture: there is nothing to check.")
    if len(image_ids) > sessions.MOST_FIXED:
        raise BadInput(f"The runs differ on {len(image_ids):,} pictures; at most {sessions.MOST_FIXED:,} are checked.")
    if (known := _find_session_id(*pair)) is not None:
        return _open_again(known)
    random.Random(f"flips {min(pair)} {max(pair)}").shuffle(image_ids)  # noqa: S311 (no secret)
    numbers = sorted((report.before.number, report.after.number))
    row = ReviewSession(
        project_id=report.before.project_id, run_id=report.after.id, author=clean_name(author, "reviewer"),
        name=f"Blind check of Run {numbers[0]} and Run {numbers[1]}", view=View(report.after.id).to_json(),
        n_opinions=1, ask_when="always", repeat_pct=0, seed=len(image_ids) + image_ids[0], is_whole=True,
        checks_before_id=pair[0], checks_after_id=pair[1], n_compared=report.comparison.n,
    )  # fmt: skip
    try:
        return sessions.create_queue(row, image_ids)
    except Conflict:  # somebody else started it at the same moment
        if (known := _find_session_id(*pair)) is None:
            raise
        return _open_again(known)


def find(before_id: int, after_id: int) -> FlipCheck | None:
    """Returns the check of these two runs as it stands, with `after_id` as the second run; None when there is none."""
    session_id = _find_session_id(before_id, after_id)
    if session_id is None:
        return None
    row = sessions.find(session_id)
    with reading() as session:
        items = _items(session, session_id)
        answers = _answers(session, session_id, [])
        predicted = _predictions(session, session_id, (before_id, after_id))
    is_settled = {image_id: state == "settled" and image_id in answers for image_id, state, _ in items}
    kept = [
        image_id
        for image_id, state, image_state in items
        if is_settled[image_id] or (state != "gone" and image_state == "active")
    ]
    checked = [_label_of(answers[image_id][1]) if is_settled[image_id] else UNCHECKED for image_id in kept]
    n_left_out = len(items) - len(kept)
    flips = count_checked_flips(
        np.array([predicted[before_id, image_id] for image_id in kept], np.int64),
        np.array([predicted[after_id, image_id] for image_id in kept], np.int64),
        np.array(checked, np.int64),
        row.n_compared - n_left_out,
    )
    reviewers = sorted({answers[image_id][0] for image_id in kept if is_settled[image_id]}, key=str.casefold)
    return FlipCheck(row, flips, n_left_out, reviewers)


def is_check(session_id: int) -> bool:
    """Whether a session checks flips, cached since it never changes."""
    return _is_check(settings.database_url(), session_id)


def own_answers(session_id: int, reviewer: str, image_ids: Sequence[int]) -> dict[int, Choice]:
    """Returns {image id: the label that this reviewer gave it, or delete}.

    An answer that confirmed the filed label is given as that label: it must not tell that the label was filed.
    """
    with reading() as session:
        answers = _answers(session, session_id, list(image_ids), reviewer)
    return {image_id: choice for image_id, (_, choice) in answers.items()}


@lru_cache(maxsize=1_000)
def _is_check(_url: str, session_id: int) -> bool:
    with reading() as session:
        query = select(ReviewSession.checks_after_id).where(ReviewSession.id == session_id)
        return session.scalar(query) is not None


def _find_session_id(before_id: int, after_id: int) -> int | None:
    pair = (before_id, after_id)
    query = (
        select(ReviewSession.id)
        .where(ReviewSession.checks_before_id.in_(pair), ReviewSession.checks_after_id.in_(pair))
        .order_by(ReviewSession.closed_at.is_not(None), ReviewSession.id.desc())
        .limit(1)
    )
    with reading() as session:
        return session.scalar(query)


def _open_again(session_id: int) -> int:
    if sessions.find(session_id).closed_at is not None:
        sessions.reopen(session_id)
    return session_id


def _items(session: Session, session_id: int) -> list[tuple[int, str, str]]:
    """Returns (image id, state in the session, state of the image), in the session's order."""
    query = (
        select(SessionItem.image_id, SessionItem.state, Image.state)
        .join(Image, Image.id == SessionItem.image_id)
        .where(SessionItem.session_id == session_id)
        .order_by(SessionItem.position)
    )
    return [(image_id, state, image_state) for image_id, state, image_state in session.execute(query)]


def _answers(
    session: Session, session_id: int, image_ids: list[int], reviewer: str | None = None
) -> dict[int, tuple[str, Choice]]:
    """Returns {image id: (reviewer, newest standing answer)}; image_ids: [] = all. reviewer: only this one's."""
    query = (
        select(Opinion.image_id, Opinion.reviewer, Opinion.action, Opinion.label_id, Opinion.filed_id)
        .where(Opinion.session_id == session_id, Opinion.stands, Opinion.kind != "repeat")
        .order_by(Opinion.id)
    )
    if reviewer is not None:
        query = query.where(Opinion.reviewer == reviewer, Opinion.image_id.in_(image_ids))
    newest = {row.image_id: row for row in session.execute(query)}
    return {image_id: (row.reviewer, _choice(row)) for image_id, row in newest.items() if row.action != "clear"}


def _choice(row: Any) -> Choice:
    if row.action == "delete":
        return "delete", None
    return "relabel", row.filed_id if row.action == "keep" else row.label_id


def _label_of(choice: Choice) -> int:
    return FITS_NONE if choice[1] is None else choice[1]


def _predictions(session: Session, session_id: int, run_ids: tuple[int, int]) -> dict[tuple[int, int], int]:
    """Returns {(run id, image id): predicted label id} for the session's images."""
    queued = select(SessionItem.image_id).where(SessionItem.session_id == session_id)
    query = select(Score.run_id, Score.image_id, Score.predicted_id).where(
        Score.run_id.in_(run_ids), Score.image_id.in_(queued)
    )
    return {(run_id, image_id): label_id for run_id, image_id, label_id in session.execute(query)}
