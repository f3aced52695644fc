"""The blind check of flips: a session of the validation images for which two runs predict different labels.

Its reviewers see the picture and the project's labels to choose from, in an order drawn at random. They see neither
run's answer, nor the label that the image is filed under, which often came from a run's suggestion.
"""

import random
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from curate.catalog.database import reading
from curate.catalog.projects import clean_name
from curate.catalog.tables.core import Score
from curate.catalog.tables.team import ReviewSession, SessionItem
from curate.errors import BadInput, Conflict
from curate.evaluation.checked_flips import UNCHECKED, CheckedFlips, count_checked_flips
from curate.review.listing.views import View
from curate.review.reports.run_comparison import Report
from curate.review.team import blind_answers, sessions
from curate.review.team.sessions import SessionRow


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
        return sessions.open_again(known)
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
        return sessions.open_again(known)


def find(before_id: int, after_id: int) -> FlipCheck | None:
    """Returns the check of these two runs as it stands, with `after_id` as the second run; None when there is none."""
    session_id = _find_session_id(before_id, after_id)
    if session_id is None:
        return None
    row = sessions.find(session_id)
    with reading() as session:
        items = blind_answers.list_items(session, session_id)
        predicted = _predictions(session, session_id, (before_id, after_id))
    kept = [item for item in items if not item.is_gone]
    n_left_out = len(items) - len(kept)
    flips = count_checked_flips(
        np.array([predicted[before_id, item.image_id] for item in kept], np.int64),
        np.array([predicted[after_id, item.image_id] for item in kept], np.int64),
        np.array([item.answer.label_id if item.answer else UNCHECKED for item in kept], np.int64),
        row.n_compared - n_left_out,
    )
    reviewers = sorted({item.answer.reviewer for item in kept if item.answer}, key=str.casefold)
    return FlipCheck(row, flips, n_left_out, reviewers)


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


def _predictions(session: Session, session_id: int, run_ids: tuple[int, int]) -> dict[tuple[int, int], int]:
    """Returns {(run id, image id): predicted label id} for the session's images."""
    queued = select(SessionItem.image_id).where(SessionItem.session_id == session_id)
    query = select(Score.run_id, Score.image_id, Score.predicted_id).where(
        Score.run_id.in_(run_ids), Score.image_id.in_(queued)
    )
    return {(run_id, image_id): label_id for run_id, image_id, label_id in session.execute(query)}
